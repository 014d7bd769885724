"""What a soak found: in a terminal and as text."""
