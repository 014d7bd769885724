"""Reading raw answers: the parts that a rule about the wire is stated for, each with its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeGuard

from chatconform.suite import (
    Evidence,
    Exchange,
    Json,
    NotProvoked,
    Play,
    Response,
    Stream,
    StreamEvent,
    Unmeasured,
    at_body,
    at_event,
    at_failure,
    at_json,
    at_status,
    expect,
)
from chatconform.suites.forms import error_of, response_body


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A JSON object within an answer, and where it stands."""

    exchange: Exchange
    value: dict[str, Json]
    pointer: str
    event: int = -1

    @property
    def at(self) -> Evidence:
        """Where it stands; quoted only when it is asked for, since most parts break no rule."""
        if self.event < 0:
            return at_json(self.exchange, self.pointer)
        return at_event(self.exchange, self.event, self.pointer)

    @property
    def index(self) -> int:
        """The choice's index; 0 where it is missing or no integer, which is a rule of its own."""
        index = self.value.get("index")
        return index if is_integer(index) else 0

    @property
    def inner(self) -> dict[str, Json]:
        """A choice's message, or its delta in a chunk; the other's where it has none; empty without both."""
        own, other = ("message", "delta") if self.event < 0 else ("delta", "message")
        return as_object(self.value.get(own, self.value.get(other)))


def response_of(exchange: Exchange) -> Response:
    """The response of an exchange; raises `Unmeasured` where none came."""
    if exchange.response is None:
        raise Unmeasured("no response came", evidence=(at_failure(exchange),))
    return exchange.response


def body_of(exchange: Exchange) -> dict[str, Json]:
    """The JSON object that is the body; raises `NotJson`, and `NotProvoked` for any other JSON."""
    value = response_of(exchange).json
    if not isinstance(value, dict):
        raise NotProvoked("the body is not a JSON object", evidence=(at_body(exchange),))
    return value


def stream_of(exchange: Exchange) -> Stream:
    """The events of a response; raises `NotProvoked` where its content coding hides some of them."""
    stream = response_of(exchange).stream
    if stream.undecodable:
        raise NotProvoked(f"the stream cannot be decoded: {stream.undecodable}")
    return stream


def chunks_of(exchange: Exchange) -> tuple[StreamEvent, ...]:
    """The events of a stream that are chunks: JSON objects that report no error."""
    return tuple(event for event in stream_of(exchange).chunks if not error_of(event.chunk))


def choices_of(exchange: Exchange) -> Iterator[Part]:
    """The choices of a completion, or of every chunk of a stream in order."""
    if not exchange.is_stream:
        yield from _choices(exchange, body_of(exchange), None)
        return
    for event in chunks_of(exchange):
        yield from _choices(exchange, event.chunk or {}, event.index)


def _choices(exchange: Exchange, holder: dict[str, Json], event: int | None) -> Iterator[Part]:
    for position, item in enumerate(as_list(holder.get("choices"))):
        pointer = f"/choices/{position}"
        if isinstance(item, dict):
            yield Part(exchange=exchange, value=item, pointer=pointer, event=-1 if event is None else event)


def measured(play: Play, step: str) -> Response:
    """The response of a step, unless the target was too busy to give one (429, 503)."""
    response = play.response(step)
    if response.status in {429, 503}:
        raise Unmeasured(f"step {step!r} was answered {response.status}", evidence=(at_status(play[step]),))
    return response


def expect_error_object(exchange: Exchange) -> dict[str, Json]:
    """The error object of a refusal; breaks the rule where its body has none with a message."""
    value = error_in(exchange)
    message = value.get("message")
    expect(
        isinstance(message, str) and message,
        "an error object with a message",
        came=exchange.response.text if exchange.response else "nothing",
        at=at_body(exchange),
    )
    return value


def error_in(exchange: Exchange) -> dict[str, Json]:
    """The error object of a body; empty where the body has none."""
    return as_object(error_of(response_body(exchange)))


def is_integer(value: object) -> TypeGuard[int]:
    """Whether a JSON value is an integer; a boolean is not."""
    return isinstance(value, int) and not isinstance(value, bool)


def as_object(value: Json) -> dict[str, Json]:
    """The value where it is a JSON object; an empty one otherwise."""
    return value if isinstance(value, dict) else {}


def as_list(value: Json) -> list[Json]:
    """The value where it is a JSON array; an empty one otherwise."""
    return value if isinstance(value, list) else []
