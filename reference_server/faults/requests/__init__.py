"""Faults in how the parameters of a request are taken: refused, ignored, forgotten, or let through."""
