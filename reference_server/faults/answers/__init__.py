"""Faults in completions, and in what both forms of an answer have in common."""
