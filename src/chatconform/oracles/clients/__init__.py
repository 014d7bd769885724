"""Clients beyond the default one, each of which has to be installed on its own."""
