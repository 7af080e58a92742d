"""The door: brings external catalogues in as statements, each with its place in a document."""
