"""What puts requests on the wire: the probe, or whatever stands in for it."""

from __future__ import annotations

from typing import Protocol, Self

from chatconform.client.target import Target
from chatconform.client.transfer import Outgoing, Sent


class Sender(Protocol):
    """Sends requests to one target; an async context manager, as it may hold connections."""

    target: Target

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *_: object) -> None: ...

    async def send(self, outgoing: Outgoing, *, fresh: bool = False) -> Sent:
        """Send a request and read its answer to the end; `fresh` uses a connection that served nobody."""
