"""The judge: facts, and the pure rules over them. Standard library only, no I/O and no clock."""
