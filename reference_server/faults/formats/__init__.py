"""Faults in response formats, and in the JSON that answers them."""
