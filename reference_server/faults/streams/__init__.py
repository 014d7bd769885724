"""Faults in streams: their bytes, events, chunks and ends."""
