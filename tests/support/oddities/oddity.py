"""A legal way to differ from the reference server: a change at one of the seams of an answer.

    request -> the reference server -> plain document -> JSON text ----------------------> packets
                                    -> chunks         -> JSON text -> lines of an event -> packets

Each oddity overrides the seams that it is about and leaves the others alone, so that all can be combined.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import orjson

from chatconform.reference_server import Settings
from chatconform.wire.exchange import Exchange

# Documents of a server: any JSON object, and where a server is odd enough any JSON at all.
Document = Any
Chunks = AsyncIterator[dict[str, Any]]
Pieces = AsyncIterator[bytes]
Head = tuple[tuple[str, str], ...]
_WORDS = re.compile(r"(?<!^)(?=[A-Z])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request as it came; `body` is empty where it is no JSON object, `content` are its bytes."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    content: bytes = b""

    @property
    def is_chat(self) -> bool:
        """Whether it asks for a completion."""
        return self.method == "POST" and self.path.endswith("/chat/completions")


def without_empty_calls(asked: Asked) -> Asked:
    """The request without members `tool_calls` that are null or empty, which the reference server refuses."""
    messages = asked.body.get("messages")
    if not isinstance(messages, list):
        return asked
    kept = [
        {name: value for name, value in message.items() if name != "tool_calls" or value}
        if isinstance(message, dict)
        else message
        for message in messages
    ]
    body = {**asked.body, "messages": kept}
    return asked if kept == messages else replace(asked, body=body, content=orjson.dumps(body))


class Oddity(ABC):
    """Changes nothing.

    Attributes:
        base_path: What stands between the oddity's own prefix and the paths of the API.
        keyed: Whether the server asks for a key.
        takes_back: Whether it sends messages without calls that say so, and takes them back in a history.
        by_hand: Whether its HTTP is written by hand, see `handwritten`.
        arguments: What a user of `chatconform run` would add for such a server.
        areas: The areas that could notice; all of them by default.
        breaks: The requirements that it breaks, each with the reason why it is here all the same.
        silences: The requirements that can no longer be judged, each with the reason.
        lacks: Why many requirements cannot be judged, where it is a feature that the server does without.
    """

    base_path: ClassVar[str] = "/v1"
    keyed: ClassVar[bool] = True
    takes_back: ClassVar[bool] = False
    by_hand: ClassVar[bool] = False
    arguments: ClassVar[tuple[str, ...]] = ()
    areas: ClassVar[tuple[str, ...]] = ()
    breaks: ClassVar[Mapping[str, str]] = {}
    silences: ClassVar[Mapping[str, str]] = {}
    lacks: ClassVar[str] = ""

    @property
    def name(self) -> str:
        """The name of the class, in words."""
        return _WORDS.sub("-", type(self).__name__).lower()

    def settings(self, settings: Settings) -> Settings:
        """The settings of the reference server beneath."""
        return settings

    def request(self, asked: Asked) -> Asked:
        """What the reference server is asked; may raise a `Refusal`."""
        return without_empty_calls(asked) if self.takes_back else asked

    def head(self, status: int, headers: Head, asked: Asked, document: Document) -> tuple[int, Head]:
        """Status and headers, whose names are in lower case; the document is nothing for a stream."""
        return status, headers

    def plain(self, document: Document, asked: Asked) -> Document:
        """The document of an answer that is no stream: a completion, a list, a model, an error."""
        return document

    def chunks(self, chunks: Chunks, asked: Asked) -> Chunks:
        """The chunks of a stream, in order."""
        return chunks

    def written(self, text: str) -> str:
        """The JSON text of a plain answer."""
        return text

    def data(self, text: str) -> str:
        """The JSON text of a chunk, or the terminator."""
        return text

    def opening(self) -> tuple[str, ...]:
        """Lines ahead of a stream's first event: the comment of a server whose model takes its time."""
        return (": keep-alive", "")

    def lines(self, lines: tuple[str, ...]) -> tuple[str, ...]:
        """The lines of an event without the blank one that ends it."""
        return lines

    def closing(self) -> tuple[str, ...]:
        """Lines after a stream's last event."""
        return ()

    def line_end(self) -> str:
        """What ends every line of a stream."""
        return ""

    def mark(self) -> bytes:
        """Bytes ahead of the first line of a stream."""
        return b""

    def packets(self, pieces: Pieces) -> Pieces:
        """The body as it is handed to the network, piece by piece."""
        return pieces

    @abstractmethod
    def shows(self, exchange: Exchange) -> bool:
        """Whether an exchange bears the mark of this oddity; the reference server's own never do."""


class Reference(Oddity):
    """The reference server itself, behind the same gateway: what every oddity is compared with."""

    def shows(self, exchange: Exchange) -> bool:
        """It has no mark."""
        return False
