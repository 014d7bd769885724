"""Faults that conversations show: in what reaches the model of the turns before."""
