"""What clients have in common that take an `httpx2` transport: the replay, an event loop, and the doors."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine, Mapping

import httpx2

from chatconform.oracles.asking import Asked
from chatconform.oracles.reading import Made, Raised, Reading
from chatconform.oracles.replay import Replay
from chatconform.wire.exchange import Response

# Nobody listens there, should a client ever find a way round the transport.
NOWHERE = "http://127.0.0.1:9/v1"
TEXT_LIMIT = 300

Door = Callable[[Asked], Reading]


class Replayed(ABC):
    """Shares one transport, one sync and one async HTTP client, and one event loop among all replays."""

    role_is_told = True
    usage_is_guessed = False

    def __init__(self) -> None:
        self._replay = Replay()
        self._loop = asyncio.new_event_loop()
        self.http = httpx2.Client(transport=self._replay, trust_env=False)
        self.async_http = httpx2.AsyncClient(transport=self._replay, trust_env=False)
        self._ways = self.ways()

    @abstractmethod
    def ways(self) -> Mapping[str, Door]:
        """The doors by their names."""

    @abstractmethod
    def raised(self, error: BaseException) -> Raised:
        """What an exception of the client tells an application."""

    def made(self, door: str, asked: Asked, response: Response) -> Made:
        """What the client hands over, or what it raises."""
        self._replay.response = response
        try:
            return self._ways[door](asked)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - whatever a client raises is what is to be found out
            return self.raised(error)

    def waits_for(self, door: Callable[[Asked], Coroutine[None, None, Reading]]) -> Door:
        """A door that is asynchronous, as one that is not."""
        return lambda asked: self._loop.run_until_complete(door(asked))

    def close(self) -> None:
        """End the event loop; there is no connection."""
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()


def in_words(error: BaseException) -> str:
    """An exception as it is written down."""
    return f"{type(error).__name__}: {error}"[:TEXT_LIMIT].rstrip(": ")
