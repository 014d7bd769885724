"""One conductor for many processes: pytest-xdist's workers judge, the controller sends.

However many workers there are, the target sees one client with one limit, no request is sent twice, and an
invariant sees all the traffic of the run.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from multiprocessing.connection import Client, Connection, Listener
from typing import Literal, cast

from chatconform.errors import ChatconformError
from chatconform.plays.conductor import Plays
from chatconform.plays.play import Play
from chatconform.plays.scenario import PlayKey
from chatconform.wire.exchange import Exchange

Call = Literal["begin", "play", "traffic", "again"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a broker listens, and the secret that its clients must know."""

    port: int
    secret: str


class Broker:
    """Answers the workers' calls from the controller's plays; each worker has a thread of its own."""

    def __init__(self, plays: Plays) -> None:
        self._plays = plays
        secret = secrets.token_hex(16)
        self._listener = Listener(("127.0.0.1", 0), authkey=secret.encode())
        self.address = Address(port=cast("tuple[str, int]", self._listener.address)[1], secret=secret)
        threading.Thread(target=self._accept, name="broker", daemon=True).start()

    def close(self) -> None:
        """Take no more calls."""
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection = self._listener.accept()
            except (OSError, EOFError):
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: Connection) -> None:
        with connection:
            while True:
                try:
                    call, arguments = cast("tuple[Call, tuple[object, ...]]", connection.recv())
                    connection.send(self._answer(call, arguments))
                except (EOFError, OSError):
                    return

    def _answer(self, call: Call, arguments: tuple[object, ...]) -> tuple[bool, object]:
        try:
            return True, getattr(self._plays, call)(*arguments)
        except ChatconformError as error:
            return False, error


class RemotePlays:
    """A worker's side: the plays of the controller's conductor."""

    def __init__(self, address: Address) -> None:
        self._connection = Client(("127.0.0.1", address.port), authkey=address.secret.encode())

    def begin(self, keys: Iterable[PlayKey]) -> None:
        """Start these plays, unless they were started before."""
        self._call("begin", list(keys))

    def play(self, key: PlayKey) -> Play:
        """A play, once it has been performed."""
        return cast("Play", self._call("play", key))

    def traffic(self) -> tuple[Exchange, ...]:
        """Every exchange of the run, once all plays that were begun have been performed."""
        return cast("tuple[Exchange, ...]", self._call("traffic"))

    def again(self, exchange: str, number: int) -> Exchange:
        """What comes of sending the request of an exchange for another time."""
        return cast("Exchange", self._call("again", exchange, number))

    def _call(self, call: Call, *arguments: object) -> object:
        self._connection.send((call, arguments))
        succeeded, answer = self._connection.recv()
        if not succeeded:
            raise cast("ChatconformError", answer)
        return answer
