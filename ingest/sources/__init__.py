"""One module per foreign catalogue: a pure `parse` from its bytes to subjects, statements and problems."""
