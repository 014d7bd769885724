"""One recorded request and response: what went over the wire, and when.

Everything here is a value. Bodies are bytes as they came (after the transfer coding, before the content
coding), times are seconds since the request was begun. Views that are derived from the bytes (text, JSON,
events) are computed on first use and kept.

Traffic that somebody else recorded may lack some of it. What is missing is said where it belongs (`withheld`
and its like, each the reason in words), and who asks for it meets `Unrecorded` instead of something made up:
a rule about what nobody recorded is left unjudged, and the rules about all else are not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TypeVar

from chatconform.errors import Unrecorded
from chatconform.wire.encoding import decode_body
from chatconform.wire.jsontext import Json, parse
from chatconform.wire.stream import Arrival, Stream, read_stream

Headers = tuple[tuple[str, str], ...]
EVENT_STREAM = "text/event-stream"
# The scenario of the calls that are made before a run: they are no part of what is judged.
BEFORE_THE_RUN = "smoke"
# Ids of others may hold anything.
_SENT_BY = re.compile(r"[a-z]+[0-9]+@([0-9]+)", re.ASCII)
Known = TypeVar("Known")


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


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request exactly as it was sent.

    `withheld` says why its body was not recorded, `head_withheld` why its URL and its headers were not: these
    then only stand for what the recording is said to be of.
    """

    method: str
    url: str
    headers: Headers
    body: bytes
    withheld: str = ""
    head_withheld: str = ""

    @property
    def fields(self) -> Headers:
        """The header fields; raises `Unrecorded` where they are not known."""
        return _recorded(self.headers, self.head_withheld)

    @property
    def address(self) -> str:
        """The URL; raises `Unrecorded` where it is not known."""
        return _recorded(self.url, self.head_withheld)

    @property
    def content(self) -> bytes:
        """The body; raises `Unrecorded` where it is not known."""
        return _recorded(self.body, self.withheld)

    @cached_property
    def json(self) -> Json:
        """The body as JSON; raises `NotJson` where it is not one JSON text."""
        return parse(self.content)


@dataclass(frozen=True, kw_only=True)
class Response:
    """A response as it came; `complete` is false where the connection broke before the body's end.

    `decoded` says that whoever recorded it has undone its content coding, which its headers may still name.
    `withheld` says why its body was not recorded, `head_withheld` why its headers were not: what stands there
    then is only what the recording is said to be of. A body without arrivals came nobody knows when.
    """

    status: int
    reason: str
    headers: Headers
    raw: bytes
    arrivals: tuple[Arrival, ...]
    headers_at: float
    complete: bool = True
    decoded: bool = False
    withheld: str = ""
    head_withheld: str = ""

    @property
    def fields(self) -> Headers:
        """The header fields; raises `Unrecorded` where they are not known."""
        return _recorded(self.headers, self.head_withheld)

    def header(self, name: str) -> str | None:
        """The first value of a header, its name in any case; raises `Unrecorded` as `fields` does."""
        return next((value for key, value in self.fields if key.lower() == name.lower()), None)

    def header_values(self, name: str) -> tuple[str, ...]:
        """All values of a header, in order; raises `Unrecorded` as `fields` does."""
        return tuple(value for key, value in self.fields if key.lower() == name.lower())

    @property
    def has_body(self) -> bool:
        """Whether a body came, recorded or not."""
        return bool(self.raw or self.withheld)

    @property
    def is_timed(self) -> bool:
        """Whether it was recorded when the pieces of the body arrived."""
        return bool(self.arrivals)

    @property
    def media_type(self) -> str:
        """The media type in lower case without its parameters; empty where the header is missing."""
        return _media_type(self.fields)

    @cached_property
    def body(self) -> bytes:
        """The body after its content coding was undone; raises `UndecodableBody` where it cannot be."""
        return decode_body(_recorded(self.raw, self.withheld), self._coding)

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
        return read_stream(_recorded(self.raw, self.withheld), self.arrivals, self._coding)

    @property
    def _coding(self) -> str | None:
        return None if self.decoded or self.head_withheld else self.header("content-encoding")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request with what came back, and where in which play it belongs.

    `step` names its part in the scenario ("control", "stopped"); `retry_of` is the id of an earlier exchange
    that was answered 429, died on a reused connection or met an ill target, so that nothing that was sent is
    hidden; that earlier one is `sent_again`. `started` is Unix time, `elapsed` the seconds to the end of the
    response or to the failure; `reused` says that the request went over a connection which had served another
    one. `illness` says why the target was not well then, so that what came says nothing of the request; it is
    empty where the target was well. `undated` says why nobody knows when it happened, `unpooled` why nobody
    knows which connection it went over.
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
    undated: str = ""
    unpooled: str = ""

    @property
    def is_stream(self) -> bool:
        """Whether the response claims to be an event stream, or the recording is said to be of one."""
        response = self.response
        return response is not None and _media_type(response.headers) == EVENT_STREAM

    @property
    def began(self) -> float:
        """When the request was begun, in Unix time; raises `Unrecorded` where nobody knows."""
        return _recorded(self.started, self.undated)

    @property
    def ended(self) -> float:
        """When the response or the failure had come, in Unix time; raises `Unrecorded` where nobody knows."""
        return self.began + self.elapsed

    @property
    def is_reuse(self) -> bool:
        """Whether it went over a connection that had served another; raises `Unrecorded` as `began` does."""
        return _recorded(self.reused, self.unpooled)

    @property
    def sender(self) -> str:
        """Which of several runs sent it, where their records were put together; empty where it was one."""
        found = _SENT_BY.fullmatch(self.id)
        return found[1] if found else ""

    @property
    def is_told(self) -> bool:
        """Whether request and response were recorded with their heads and bodies."""
        messages = [each for each in (self.request, self.response) if each is not None]
        return not any(each.withheld or each.head_withheld for each in messages)


def sent_by(sender: int, exchange: str) -> str:
    """The id of an exchange in a record that holds those of several runs, which are counted."""
    return f"{exchange}@{sender}"


def _recorded(value: Known, withheld: str) -> Known:
    if withheld:
        raise Unrecorded(withheld)
    return value


def _media_type(headers: Headers) -> str:
    value = next((value for name, value in headers if name.lower() == "content-type"), "")
    return value.partition(";")[0].strip().lower()
