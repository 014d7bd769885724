"""What clients make of recorded answers: replayed without a second request, and compared with the wire."""
