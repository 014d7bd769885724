"""What many records tell together: in a terminal, as text, as a page."""
