"""The proof that the checks can fail: which check turns red under which fault, and which stays green."""
