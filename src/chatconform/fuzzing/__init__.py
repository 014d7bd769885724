"""Requests that nobody wrote down: generated from the contract, chosen, reduced; their answers compared."""
