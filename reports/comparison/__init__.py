"""Several targets beside each other, as text and as a page."""
