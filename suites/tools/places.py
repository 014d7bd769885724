"""The choices of an answer as they came, of a completion or of the chunks of a stream."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chatconform.suite import Evidence, Exchange, Json, at_event, at_json
from chatconform.suites.forms import completions, streams
from chatconform.suites.wire import as_list, as_object, is_integer

Object = dict[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A choice of a completion or of a chunk; `event` is the chunk's place in its stream."""

    exchange: Exchange
    event: int | None
    position: int
    fields: Object

    @property
    def choice(self) -> int:
        """The index of the choice; its position where it has none."""
        index = self.fields.get("index")
        return index if is_integer(index) else self.position

    @property
    def message(self) -> Object:
        """Its message or delta; empty where it has none."""
        return as_object(self.fields.get(self._member))

    @property
    def _member(self) -> str:
        return "message" if self.event is None else "delta"

    def at(self, pointer: str) -> Evidence:
        """A place within the message or delta."""
        return self.at_choice(f"/{self._member}{pointer}")

    def at_choice(self, pointer: str) -> Evidence:
        """A place within the choice."""
        whole = f"/choices/{self.position}{pointer}"
        if self.event is None:
            return at_json(self.exchange, whole)
        return at_event(self.exchange, self.event, whole)


def places(exchange: Exchange) -> Iterator[Place]:
    """The choices of a completion, or of every chunk of a stream in order."""
    if exchange.response is None:
        return
    bodies: list[tuple[int | None, Json]] = []
    if streams(exchange):
        bodies = [(event.index, event.chunk) for event in exchange.response.stream.chunks]
    elif completions(exchange):
        bodies = [(None, exchange.response.json)]
    for event, body in bodies:
        for position, choice in enumerate(as_list(as_object(body).get("choices"))):
            yield Place(exchange=exchange, event=event, position=position, fields=as_object(choice))
