"""What faults are made of: conditions on requests, and alterations at the seams of the server."""
