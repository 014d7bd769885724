"""Faults in what ends a text: token limits and stop strings."""
