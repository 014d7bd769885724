"""What a gate says: in a terminal, as text, to GitHub, and of what an update wrote."""
