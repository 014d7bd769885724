"""Lets requests go when pacing says so: the event loop around `client.pacing`."""

from __future__ import annotations

import asyncio
import time

from chatconform.client.pacing import Pacing, Ticket


class Turns:
    """Hands out tickets and wakes their holders; its methods belong to one event loop."""

    def __init__(self, pacing: Pacing) -> None:
        self._pacing = pacing
        self._waiting: dict[Ticket, asyncio.Future[None]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._is_over = False

    def join(self, priority: int) -> Ticket:
        """A ticket for a request that is to be sent; higher priority goes first."""
        return self._pacing.join(priority)

    async def turn(self, ticket: Ticket) -> None:
        """Wait until the ticket may go."""
        turn = self._waiting[ticket] = asyncio.get_running_loop().create_future()
        self._pump()
        await turn

    def began(self, *, ago: float = 0.0) -> None:
        """A request begins, or began some seconds ago, that has no ticket."""
        self._pacing.began(time.monotonic() - ago)

    def refused(self, ticket: Ticket, *, retry_after: float | None, at_most: float) -> bool:
        """The ticket came back refused; whether it gets another turn, within `at_most` seconds."""
        return self._pacing.refused(ticket, time.monotonic(), retry_after, at_most=at_most)

    def answered(self, ticket: Ticket) -> None:
        """The ticket came back with an answer."""
        self._pacing.answered(ticket)

    def leave(self, ticket: Ticket) -> None:
        """The ticket is of no use any more, wherever it is."""
        self._pacing.withdraw(ticket)
        self._waiting.pop(ticket, None)
        self._pump()

    def end(self) -> None:
        """Nobody waits any more: from here on every turn comes at once."""
        self._is_over = True
        self._pump()

    def _pump(self) -> None:
        now = time.monotonic()
        for ticket in list(self._waiting) if self._is_over else self._pacing.depart(now):
            turn = self._waiting.pop(ticket)
            if not turn.done():
                turn.set_result(None)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        wake = None if self._is_over else self._pacing.next_departure(now)
        if wake is not None:
            self._timer = asyncio.get_running_loop().call_later(max(wake - now, 0.001), self._pump)
