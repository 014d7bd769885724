"""Faults in error answers, whatever was wrong."""
