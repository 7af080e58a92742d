"""The shelves: all SQL of the product."""
