"""The stages between an accepted request and the bytes of its answer, each of which can be replaced.

    body -> ChatRequest -> pieces -> parts -> completion object                -> Reply
                                           -> chunks -> events -> byte frames -> Reply

A stage takes a value and returns a value; what it returns is all that the next one sees.
`dataclasses.replace(Pipeline(), ...)` swaps one stage and leaves the rest alone.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from chatconform.reference_server.answer import Answer
from chatconform.reference_server.chunks import chunks
from chatconform.reference_server.completion import completion
from chatconform.reference_server.events import Event, encoded, events
from chatconform.reference_server.model import ChatRequest, Piece, Triggers, generate
from chatconform.reference_server.parts import Part
from chatconform.reference_server.refusal import Document, Refusal


class Generate(Protocol):
    """Writes one choice; `model.generate` is the one that is meant."""

    def __call__(
        self, request: ChatRequest, *, choice: int, entropy: int, triggers: Triggers
    ) -> Iterator[Piece]:
        """Return the pieces of this choice, lazily; entropy is never used twice."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """The stages; the defaults are those of a server that follows the contract."""

    understand: Callable[[Mapping[str, Any]], ChatRequest] = ChatRequest.from_body
    generate: Generate = generate
    complete: Callable[[Answer, list[Part]], Document] = completion
    chunk: Callable[[Answer, AsyncIterator[Part]], AsyncIterator[Document]] = chunks
    frame: Callable[[AsyncIterator[Document], Refusal], AsyncIterator[Event]] = events
    encode: Callable[[AsyncIterator[Event]], AsyncIterator[bytes]] = encoded
