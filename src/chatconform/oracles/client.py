"""What a client is to the oracles: a name, a version, and doors through which an application may ask it."""

from __future__ import annotations

from typing import Protocol

from chatconform.oracles.asking import Asked
from chatconform.oracles.reading import Made
from chatconform.wire.exchange import Response


class Client(Protocol):
    """A client that can be made to read a recorded response."""

    name: str
    version: str
    # Whether what it hands over has a place for the role of the answer.
    role_is_told: bool
    # Whether it counts tokens by itself where the wire said nothing of them.
    usage_is_guessed: bool

    def doors(self, asked: Asked) -> tuple[str, ...]:
        """The doors through which an application would have asked for this."""

    def made(self, door: str, asked: Asked, response: Response) -> Made:
        """What the client hands over, or what it raises."""

    def close(self) -> None:
        """Let go of whatever it holds open."""
