"""Faults in tool calls, in the choice of tools, and in how tools are defined."""
