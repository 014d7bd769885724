"""The kill matrix, in a terminal and as a document."""
