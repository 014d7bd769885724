"""One recorded request and response: what went over the wire, and when.

Everything here is a value. Bodies are bytes as they came (after the transfer coding, before the content
coding), times are seconds since the request was begun. Views that are derived from the bytes (text, JSON,
events) are computed on first use and kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from chatconform.wire.encoding import decode_body
from chatconform.wire.jsontext import Json, parse
from chatconform.wire.stream import Arrival, Stream, read_stream

Headers = tuple[tuple[str, str], ...]


class FailureKind(StrEnum):
    """Why an exchange has no complete response."""

    CONNECT = "connect"
    TLS = "tls"
    TIMEOUT = "timeout"
    CLOSED = "closed"
    PROTOCOL = "protocol"
    TOO_LARGE = "too-large"
    ABORTED = "aborted"  # by us, after as many events as the caller had asked for
    NOT_SENT = "not-sent"  # it cannot be written as HTTP, or the target was given up before


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """What ended an exchange before its response was complete; `at` in seconds since the request began."""

    kind: FailureKind
    message: str
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request exactly as it was sent."""

    method: str
    url: str
    headers: Headers
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Response:
    """A response as it came; `complete` is false where the connection broke before the body's end."""

    status: int
    reason: str
    headers: Headers
    raw: bytes
    arrivals: tuple[Arrival, ...]
    headers_at: float
    complete: bool = True

    def header(self, name: str) -> str | None:
        """The first value of a header, whatever the case of its name."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def header_values(self, name: str) -> tuple[str, ...]:
        """All values of a header, in order."""
        return tuple(value for key, value in self.headers if key.lower() == name.lower())

    @property
    def media_type(self) -> str:
        """The media type in lower case without its parameters; empty where the header is missing."""
        return (self.header("content-type") or "").partition(";")[0].strip().lower()

    @cached_property
    def body(self) -> bytes:
        """The body after its content coding was undone; raises `UndecodableBody` where it cannot be."""
        return decode_body(self.raw, self.header("content-encoding"))

    @cached_property
    def text(self) -> str:
        """The body as UTF-8, invalid bytes replaced."""
        return self.body.decode("utf-8", errors="replace")

    @cached_property
    def json(self) -> Json:
        """The body as JSON; raises `NotJson` where it is not one JSON text."""
        return parse(self.body)

    @cached_property
    def stream(self) -> Stream:
        """The body read as an event stream, whatever its media type says."""
        return read_stream(self.raw, self.arrivals, self.header("content-encoding"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request with what came back, and where in which play it belongs.

    `step` names its part in the scenario ("control", "stopped"); `retry_of` is the id of an earlier exchange
    that was answered 429, died on a reused connection or met an ill target, so that nothing that was sent is
    hidden; that earlier one is `sent_again`. `started` is Unix time, `elapsed` the seconds to the end of the
    response or to the failure; `reused` says that the request went over a connection which had served another
    one. `illness` says why the target was not well then, so that what came says nothing of the request; it is
    empty where the target was well.
    """

    id: str
    scenario: str
    path: str
    attempt: int
    step: str
    request: Request
    response: Response | None
    failure: Failure | None
    started: float
    elapsed: float
    retry_of: str | None = None
    reused: bool = False
    sent_again: bool = False
    illness: str = ""

    @property
    def is_stream(self) -> bool:
        """Whether the response claims to be an event stream."""
        return self.response is not None and self.response.media_type == "text/event-stream"
