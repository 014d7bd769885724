"""A response body read as an event stream, each event with its time and its JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from chatconform.errors import Unrecorded
from chatconform.wire.encoding import UndecodableBody, decoder_for
from chatconform.wire.jsontext import Json, NotJson, parse
from chatconform.wire.sse import Decoder, Ending, Event

DONE = "[DONE]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One read from the connection: when it came (seconds since the request began) and how many bytes."""

    at: float
    size: int


@dataclass(frozen=True, kw_only=True)
class StreamEvent:
    """An event with its place in the stream, and when its last byte came, if that was recorded."""

    index: int
    event: Event
    arrived: float | None

    @property
    def at(self) -> float:
        """The time at which its last byte came; raises `Unrecorded` where nobody knows."""
        if self.arrived is None:
            raise Unrecorded("when the pieces of the body arrived was not recorded")
        return self.arrived

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
    """All events of a body in order, and how the stream ended.

    `undecodable` says why the content coding could not be undone to the end; the events before that are kept.
    """

    events: tuple[StreamEvent, ...]
    ending: Ending
    undecodable: str = ""

    @cached_property
    def chunks(self) -> tuple[StreamEvent, ...]:
        """The events whose data is a JSON object: chunks and in-stream errors, not the terminator."""
        return tuple(event for event in self.events if event.chunk is not None)

    @property
    def is_terminated(self) -> bool:
        """Whether the terminator came."""
        return any(event.is_done for event in self.events)


def read_stream(raw: bytes, arrivals: Sequence[Arrival], content_encoding: str | None) -> Stream:
    """Decode a body as it arrived, so that each event bears the time of the read that completed it."""
    decoder = Decoder()
    events: list[StreamEvent] = []
    undecodable, last = "", arrivals[-1].at if arrivals else None
    try:
        for at, piece in _decoded(raw, arrivals, content_encoding):
            events += _timed(decoder.feed(piece), len(events), at)
    except UndecodableBody as error:
        undecodable = str(error)
        events += _timed(decoder.feed(error.partial), len(events), last)
    return Stream(events=tuple(events), ending=decoder.close(), undecodable=undecodable)


def _decoded(
    raw: bytes, arrivals: Sequence[Arrival], content_encoding: str | None
) -> Iterator[tuple[float | None, bytes]]:
    content = decoder_for(content_encoding)
    start = 0
    last: float | None = None
    for arrival in arrivals:
        yield arrival.at, content.decode(raw[start : start + arrival.size])
        start, last = start + arrival.size, arrival.at
    yield last, content.decode(raw[start:])
    content.flush()


def _timed(events: Sequence[Event], first: int, at: float | None) -> list[StreamEvent]:
    return [StreamEvent(index=first + n, arrived=at, event=event) for n, event in enumerate(events)]
