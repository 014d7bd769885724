"""A run from its options to its record: what is asked for, the session, the suites, the embedded server."""
