"""Faults that only gateways have: in what they forward, and in what they make of their upstream's answer."""
