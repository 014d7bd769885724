"""Sending requests to a target: the probe, its limits and manners, and the first calls of a run."""
