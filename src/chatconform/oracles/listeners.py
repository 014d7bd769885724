"""The clients that listen while a run goes on: a thread and a process for each, which hold nothing up."""

from __future__ import annotations

import queue
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from hashlib import sha256

from chatconform.findings.reception import DoorCount, Outcome, Reception, Standing
from chatconform.oracles.asking import Asked, asked_by, too_large
from chatconform.oracles.booth import Booth, Deaf, Unheard
from chatconform.wire.exchange import Exchange

_RESTARTS = 3
_TOO_LARGE = "an answer is larger than what is replayed"
_NO_TIME = "the time for replays was over"

# What of an answer differs from one to the next, and is nothing to a client.
_PASSING = frozenset(("date", "server", "x-request-id", "openai-processing-ms"))

OnReception = Callable[[Reception], None]


class Listeners:
    """Takes exchanges from any thread, tells of receptions that are not `same`, and counts all of them."""

    def __init__(self, clients: Iterable[str], on_reception: OnReception, *, seconds: float = 60.0) -> None:
        """`seconds` bounds how long `close` waits."""
        self._seconds = seconds
        self._seats = [_Seat(client, on_reception) for client in clients]

    def take(self, exchange: Exchange) -> None:
        """Have an exchange replayed, if it says anything of a client."""
        asked = asked_by(exchange)
        if asked is not None:
            for seat in self._seats:
                seat.take(exchange, asked)

    def close(self, *, abandon: bool = False) -> tuple[Standing, ...]:
        """Wait for the replays to end, and say how the clients did; `abandon` ends them at once."""
        for seat in self._seats:
            seat.finish()
        deadline = time.monotonic() + (0.0 if abandon else self._seconds)
        return tuple(seat.standing(deadline) for seat in self._seats)


class _Seat:
    """One client: what waits for it, and what it said."""

    def __init__(self, client: str, on_reception: OnReception) -> None:
        self._booth = Booth(client)
        self._on_reception = on_reception
        self._waiting: queue.SimpleQueue[tuple[Exchange, Asked] | None] = queue.SimpleQueue()
        self._known: dict[bytes, tuple[Reception, ...]] = {}
        self._counts: dict[str, Counter[Outcome]] = {}
        self._unheard = 0
        self._reason = ""
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._listen, name=f"client {client}", daemon=True)
        self._thread.start()

    def take(self, exchange: Exchange, asked: Asked) -> None:
        self._waiting.put((exchange, asked))

    def finish(self) -> None:
        self._waiting.put(None)

    def standing(self, deadline: float) -> Standing:
        self._thread.join(max(0.0, deadline - time.monotonic()))
        if self._thread.is_alive():
            self._over.set()
            self._booth.kill()
            self._thread.join()
        return Standing(
            client=self._booth.client,
            version=self._booth.version,
            doors=tuple(DoorCount(door=door, outcomes=dict(count)) for door, count in self._counts.items()),
            unheard=self._unheard,
            reason=self._reason,
        )

    def _listen(self) -> None:
        """Replay until the end, with a new process where one was lost."""
        for _ in range(1 + _RESTARTS):
            try:
                with self._booth:
                    if self._replayed():
                        return
            except Deaf as error:
                self._reason = str(error)
            if self._over.is_set():
                break
        while (waiting := self._waiting.get()) is not None:
            self._leave_out(self._reason)
            del waiting

    def _replayed(self) -> bool:
        """Whether all is replayed; if not, the process was lost on the last one."""
        while (waiting := self._waiting.get()) is not None:
            exchange, asked = waiting
            if self._over.is_set():
                self._leave_out(_NO_TIME)
            elif too_large(exchange):
                self._leave_out(_TOO_LARGE)
            else:
                try:
                    self._hear(exchange, asked)
                except Unheard as error:
                    self._leave_out(f"{exchange.id}: {error}")
                except Deaf as error:
                    self._leave_out(_NO_TIME if self._over.is_set() else f"{exchange.id}: {error}")
                    return False
        return True

    def _hear(self, exchange: Exchange, asked: Asked) -> None:
        key = _key(exchange, asked)
        if key not in self._known:
            self._known[key] = self._booth.ask(exchange)
        for reception in self._known[key]:
            self._counts.setdefault(reception.door, Counter())[reception.outcome] += 1
            if reception.outcome is not Outcome.SAME:
                self._on_reception(replace(reception, exchange=exchange.id))

    def _leave_out(self, reason: str) -> None:
        self._unheard += 1
        self._reason = reason


def _key(exchange: Exchange, asked: Asked) -> bytes:
    """What two exchanges have in common that are the same to a client."""
    response = exchange.response
    assert response is not None
    headers = [(name, value) for name, value in response.headers if name.lower() not in _PASSING]
    sizes = [arrival.size for arrival in response.arrivals]
    told = repr((asked, response.status, headers, response.complete, sizes)).encode("utf-8", "surrogatepass")
    return sha256(told + response.raw).digest()
