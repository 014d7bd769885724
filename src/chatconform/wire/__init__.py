"""What goes over the wire, as values: exchanges, event streams, content codings, JSON, secrets, curl."""
