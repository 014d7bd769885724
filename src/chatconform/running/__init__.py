"""A run: what is asked for, what it holds open, the checks there are, the embedded server."""
