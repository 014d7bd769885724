"""A response body read as an event stream, each event with its time and its JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from chatconform.encoding import decoder_for
from chatconform.jsontext import Json, NotJson, parse
from chatconform.sse import Decoder, Ending, Event

if TYPE_CHECKING:
    from chatconform.exchange import Arrival

DONE = "[DONE]"


@dataclass(frozen=True, kw_only=True)
class StreamEvent:
    """An event with its place in the stream and the time at which its last byte came."""

    index: int
    at: float
    event: Event

    @property
    def data(self) -> str:
        """The event's data."""
        return self.event.data

    @property
    def is_done(self) -> bool:
        """Whether this is the terminator of the stream."""
        return self.event.data == DONE

    @cached_property
    def json(self) -> Json:
        """The data as JSON; raises `NotJson`."""
        return parse(self.event.data)

    @cached_property
    def chunk(self) -> dict[str, Json] | None:
        """The data as a JSON object, or nothing where it is the terminator or no object."""
        try:
            value = None if self.is_done else self.json
        except NotJson:
            return None
        return value if isinstance(value, dict) else None


@dataclass(frozen=True, kw_only=True)
class Stream:
    """All events of a body in order, and how the stream ended."""

    events: tuple[StreamEvent, ...]
    ending: Ending

    @cached_property
    def chunks(self) -> tuple[StreamEvent, ...]:
        """The events whose data is a JSON object: chunks and in-stream errors, not the terminator."""
        return tuple(event for event in self.events if event.chunk is not None)

    @property
    def is_terminated(self) -> bool:
        """Whether the terminator came."""
        return any(event.is_done for event in self.events)


def read_stream(raw: bytes, arrivals: Sequence[Arrival], content_encoding: str | None) -> Stream:
    """Decode a body as it arrived, so that each event bears the time of the read that completed it.

    Raises `UndecodableBody` where the content coding is unknown or corrupt.
    """
    content, decoder = decoder_for(content_encoding), Decoder()
    events: list[StreamEvent] = []
    start, last = 0, 0.0
    for arrival in arrivals:
        piece = content.decode(raw[start : start + arrival.size])
        start, last = start + arrival.size, arrival.at
        events += _timed(decoder.feed(piece), len(events), last)
    events += _timed(decoder.feed(content.decode(raw[start:]) + content.flush()), len(events), last)
    return Stream(events=tuple(events), ending=decoder.close())


def _timed(events: Sequence[Event], first: int, at: float) -> list[StreamEvent]:
    return [StreamEvent(index=first + n, at=at, event=event) for n, event in enumerate(events)]
