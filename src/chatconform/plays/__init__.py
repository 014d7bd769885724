"""Scenarios and their performance: paths, stages, plays, and the conductor that performs them."""
