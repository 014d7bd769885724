"""Sends what scenarios ask for, within the target's limits, and tells of every exchange.

The rules of pacing are in `client.pacing`, those of giving up in `client.circuit`; this is their event loop.
Whatever is sent a second time (a refusal that was waited out, a request that died on a
connection the target had let go) is an exchange of its own, with `retry_of`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from chatconform.client.circuit import Circuit
from chatconform.client.pacing import Pacing, Ticket
from chatconform.client.sender import Sender
from chatconform.client.transfer import Outgoing, Sent
from chatconform.wire.exchange import Exchange, Failure, FailureKind, Response

OnExchange = Callable[[Exchange], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where an exchange belongs."""

    scenario: str
    path: str
    attempt: int
    step: str


class Dispatcher:
    """Sends requests through a probe; its methods belong to one event loop.

    `on_exchange` is called for each exchange as it ends, in that order. Ids are `prefix` and a number.
    """

    def __init__(
        self,
        probe: Sender,
        *,
        on_exchange: OnExchange,
        pacing: Pacing | None = None,
        circuit: Circuit | None = None,
        prefix: str = "x",
    ) -> None:
        self._probe = probe
        self._on_exchange = on_exchange
        self._pacing = pacing or Pacing(concurrency=probe.target.concurrency)
        self._circuit = circuit or Circuit()
        self._prefix = prefix
        self._count = 0
        self._turns: dict[Ticket, asyncio.Future[None]] = {}
        self._timer: asyncio.TimerHandle | None = None

    async def exchange(
        self,
        outgoing: Outgoing,
        *,
        scenario: str,
        path: str,
        attempt: int = 1,
        step: str = "",
        priority: int = 0,
        patience: bool = True,
    ) -> Exchange:
        """Send a request when its turn comes, and return the last exchange that came of it.

        Higher `priority` goes first. Without `patience` a refusal stands as it came.
        """
        place = _Place(scenario=scenario, path=path, attempt=attempt, step=step)
        ticket = self._pacing.join(priority)
        try:
            return await self._perform(outgoing, place, ticket, patience=patience)
        finally:
            self._pacing.withdraw(ticket)
            self._turns.pop(ticket, None)
            self._pump()

    async def _perform(
        self, outgoing: Outgoing, place: _Place, ticket: Ticket, *, patience: bool
    ) -> Exchange:
        last: Exchange | None = None
        while True:
            await self._turn(ticket)
            last = await self._send(outgoing, place, retry_of=last.id if last else None)
            if not (patience and _is_refusal(last.response)):
                break
            if not self._pacing.refused(ticket, _clock(), _retry_after(last.response)):
                return last
        if last.response is not None:
            self._pacing.answered(ticket)
        return last

    async def _turn(self, ticket: Ticket) -> None:
        turn = self._turns[ticket] = asyncio.get_running_loop().create_future()
        self._pump()
        await turn

    def _pump(self) -> None:
        now = _clock()
        for ticket in self._pacing.depart(now):
            turn = self._turns.pop(ticket)
            if not turn.done():
                turn.set_result(None)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        wake = self._pacing.next_departure(now)
        if wake is not None:
            self._timer = asyncio.get_running_loop().call_later(max(wake - now, 0.001), self._pump)

    async def _send(self, outgoing: Outgoing, place: _Place, *, retry_of: str | None) -> Exchange:
        if not self._circuit.admits(_clock()):
            return self._told(place, _not_sent(outgoing, self._circuit.reason), retry_of)
        sent = await self._probe.send(outgoing)
        if sent.reused and sent.unanswered:
            # Servers close idle connections without a word, and a request may meet that half-way.
            died = self._told(place, sent, retry_of)
            sent, retry_of = await self._probe.send(outgoing, fresh=True), died.id
        self._circuit.note(sent.failure, answered=sent.response is not None, now=_clock())
        return self._told(place, sent, retry_of)

    def _told(self, place: _Place, sent: Sent, retry_of: str | None) -> Exchange:
        self._count += 1
        exchange = Exchange(
            id=f"{self._prefix}{self._count:04d}",
            scenario=place.scenario,
            path=place.path,
            attempt=place.attempt,
            step=place.step,
            request=sent.request,
            response=sent.response,
            failure=sent.failure,
            started=sent.started,
            elapsed=sent.elapsed,
            retry_of=retry_of,
            reused=sent.reused,
        )
        self._on_exchange(exchange)
        return exchange


def _clock() -> float:
    return time.monotonic()


def _not_sent(outgoing: Outgoing, reason: str) -> Sent:
    message = f"not sent: the target was given up after failures in a row ({reason})"
    return Sent(
        request=outgoing.request,
        response=None,
        failure=Failure(kind=FailureKind.NOT_SENT, message=message, at=0.0),
        started=time.time(),
        elapsed=0.0,
        reused=False,
        unanswered=False,
    )


def _is_refusal(response: Response | None) -> bool:
    if response is None:
        return False
    # RFC 9110 15.6.4: a server that is overloaded for now "MAY send a Retry-After header field" with its 503.
    return response.status == 429 or (response.status == 503 and response.header("Retry-After") is not None)


def _retry_after(response: Response | None) -> float | None:
    """The seconds to wait, or nothing where the target does not say or nobody can read it."""
    value = ((response.header("Retry-After") if response else None) or "").strip()
    # RFC 9110 10.2.3: "Retry-After = HTTP-date / delay-seconds".
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
