"""Faults in who is let in, how a request is read before its parameters are, and what headers say."""
