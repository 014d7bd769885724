"""Faults in log probabilities."""
