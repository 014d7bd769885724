"""Sends equal requests once: many scenarios need the same control, and a target may charge for each."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from chatconform.wire.exchange import Exchange, Request


@dataclass(frozen=True, slots=True)
class _Wish:
    """What makes two requests equal: all that goes out, how much is read, and which attempt it is."""

    request: Request
    stop_after_events: int | None
    attempt: int


class Sharing:
    """Keeps the exchange of every request that may be shared; belongs to one event loop."""

    def __init__(self) -> None:
        self._exchanges: dict[_Wish, asyncio.Task[Exchange]] = {}

    async def exchange(
        self,
        request: Request,
        *,
        stop_after_events: int | None,
        attempt: int,
        send: Callable[[], Awaitable[Exchange]],
    ) -> Exchange:
        """The exchange of an equal request, sent by whoever comes first."""
        wish = _Wish(request, stop_after_events, attempt)
        if wish not in self._exchanges:
            self._exchanges[wish] = asyncio.ensure_future(send())
        # Whoever gives up waiting must not take the exchange from the others.
        return await asyncio.shield(self._exchanges[wish])
