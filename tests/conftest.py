"""What all tests of the project have in common."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

from chatconform.running.embedded import EmbeddedServer
from chatconform.tests.support.plays import Theatre
from chatconform.tests.support.story import FAULT

# How fast something is, is measured in bench/: here a busy machine would fail what is right.
settings.register_profile("project", deadline=None)
settings.load_profile("project")


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedServer]:
    """The reference server as it is."""
    with EmbeddedServer() as running:
        yield running


@pytest.fixture(scope="session")
def healthy(server: EmbeddedServer) -> EmbeddedServer:
    """The same, where a test has a faulty one beside it."""
    return server


@pytest.fixture(scope="session")
def faulty() -> Iterator[EmbeddedServer]:
    """The reference server with the fault of the stories."""
    with EmbeddedServer("--fault", FAULT) as running:
        yield running


@pytest.fixture(scope="session")
def theatre() -> Iterator[Theatre]:
    """Plays of the reference server, each performed when it is first looked at."""
    with Theatre() as opened:
        yield opened
