"""Requests that nobody wrote down: generated from the contract, chosen and reduced; their answers compared."""
