"""One request on its way: what goes out, what comes back, and how it ended."""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from dataclasses import dataclass, replace
from typing import Self

import aiohttp
from yarl import URL

from chatconform.client.failures import EXPECTED, failure_from
from chatconform.wire.encoding import UndecodableBody, decoder_for
from chatconform.wire.exchange import Failure, FailureKind, Headers, Request, Response
from chatconform.wire.sse import Decoder
from chatconform.wire.stream import Arrival
from chatconform.wire.url import without_userinfo

# A stream that has had its terminator has said all: who leaves it open is not waited for as long as for an
# answer. A rule of its own allows two seconds.
LINGERING = 5.0
_TERMINATOR = re.compile(rb"^data: ?\[DONE\]\r?$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A request to be sent, and when to stop reading its answer.

    After `stop_after_events` events of an event stream the connection is closed by us. `max_bytes` bounds
    what is kept of the body, and `max_reads` in how many pieces: each is kept with its time, so that a body
    of single bytes takes many times its size. An honest stream has some thousands.
    """

    request: Request
    stop_after_events: int | None = None
    max_bytes: int = 64 << 20
    max_reads: int = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What became of one request: an exchange that does not yet know where it belongs.

    `request` has all headers that really went out. `unanswered` says that not one byte of an answer came.
    """

    request: Request
    response: Response | None
    failure: Failure | None
    started: float
    elapsed: float
    reused: bool
    unanswered: bool


def closed_by_us(events: int) -> str:
    """How it is told that the connection was closed after so many events, as was asked for."""
    return f"closed by us after {events} events"


class _Halt(Exception):
    """Why we hang up."""

    def __init__(self, kind: FailureKind, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class Transfer:
    """One request on its way: collects what comes back until the answer or the time ends."""

    def __init__(self, outgoing: Outgoing, *, timeout: float) -> None:
        self.reused = False
        self.headers_sent: Headers | None = None
        self._outgoing = outgoing
        self._timeout = timeout
        self._started = time.time()
        self._begin = time.perf_counter()
        self._elapsed = 0.0
        self._head: Response | None = None
        self._pieces: list[bytes] = []
        self._arrivals: list[Arrival] = []
        self._size = 0
        self._failure: Failure | None = None
        self._unanswered = False

    async def run(self, session: aiohttp.ClientSession) -> None:
        """Send the request and read its answer; returns when both are over, however they ended."""
        try:
            await self._exchange(session)
        except aiohttp.ConnectionTimeoutError as error:
            self._failure = failure_from(error, at=self._now())
        except TimeoutError:
            self._fail(FailureKind.TIMEOUT, self._lateness())
        except _Halt as halt:
            self._fail(halt.kind, str(halt))
        except EXPECTED as error:
            self._failure = failure_from(error, at=self._now())
            self._unanswered = self._head is None and _is_unanswered(error)
        self._elapsed = self._now()

    def sent(self) -> Sent:
        """What became of the request."""
        request = self._outgoing.request
        if self.headers_sent is not None:
            request = replace(request, headers=self.headers_sent)
        return Sent(
            request=replace(request, method=request.method.upper(), url=without_userinfo(request.url)),
            response=self._response(),
            failure=self._failure,
            started=self._started,
            elapsed=self._elapsed,
            reused=self.reused,
            unanswered=self._unanswered,
        )

    async def _exchange(self, session: aiohttp.ClientSession) -> None:
        request = self._outgoing.request
        async with asyncio.timeout(self._timeout) as limit:
            async with session.request(
                request.method,
                _sendable(request),
                headers=_spelled_alike(request.headers),
                data=request.body or None,
                allow_redirects=False,
                trace_request_ctx=self,
            ) as response:
                self._take_head(response)
                with _Watch(response) as watch:
                    await self._read(response, limit)
                    watch.check()

    async def _read(self, response: aiohttp.ClientResponse, limit: asyncio.Timeout) -> None:
        counter = _EventCounter(response.headers.get("Content-Encoding"), self._outgoing.stop_after_events)
        while piece := await response.content.readany():
            self._take(piece)
            if _TERMINATOR.search(piece):
                self._wait_no_longer_than(LINGERING, limit)
            if counter.is_enough(piece):
                raise _Halt(FailureKind.ABORTED, closed_by_us(self._outgoing.stop_after_events or 0))

    def _wait_no_longer_than(self, seconds: float, limit: asyncio.Timeout) -> None:
        until = asyncio.get_running_loop().time() + seconds
        limit.reschedule(min(until, limit.when() or until))

    def _take_head(self, response: aiohttp.ClientResponse) -> None:
        reason = (response.reason or "").encode(errors="surrogateescape").decode("latin-1")
        self._head = Response(
            status=response.status,
            reason=reason,
            headers=tuple((k.decode("latin-1"), v.decode("latin-1")) for k, v in response.raw_headers),
            raw=b"",
            arrivals=(),
            headers_at=self._now(),
        )

    def _take(self, piece: bytes) -> None:
        if len(self._arrivals) >= self._outgoing.max_reads:
            raise _Halt(
                FailureKind.TOO_LARGE, f"the body came in more than {self._outgoing.max_reads} pieces"
            )
        room = self._outgoing.max_bytes - self._size
        kept = piece[:room]
        if kept:
            self._pieces.append(kept)
            self._arrivals.append(Arrival(at=self._now(), size=len(kept)))
            self._size += len(kept)
        if len(piece) > room:
            raise _Halt(FailureKind.TOO_LARGE, f"the body is larger than {self._outgoing.max_bytes} bytes")

    def _response(self) -> Response | None:
        if self._head is None:
            return None
        return replace(
            self._head,
            raw=b"".join(self._pieces),
            arrivals=tuple(self._arrivals),
            complete=self._failure is None,
        )

    def _fail(self, kind: FailureKind, message: str) -> None:
        self._failure = Failure(kind=kind, message=message, at=self._now())

    def _lateness(self) -> str:
        what = "no answer came" if self._head is None else "the answer did not end"
        return f"{what} within {self._timeout:g} s"

    def _now(self) -> float:
        return time.perf_counter() - self._begin


class _EventCounter:
    """Counts the events of a body until there are enough; without a limit it looks at nothing."""

    def __init__(self, content_encoding: str | None, limit: int | None) -> None:
        self._limit = limit
        self._count = 0
        self._events = Decoder()
        with contextlib.suppress(UndecodableBody):
            self._content = decoder_for(content_encoding)
            return
        self._limit = None  # nobody can count what nobody can decode: the body is read to its end

    def is_enough(self, piece: bytes) -> bool:
        if self._limit is None:
            return False
        with contextlib.suppress(UndecodableBody):
            self._count += len(self._events.feed(self._content.decode(piece)))
        return self._count >= self._limit


class _Watch:
    """Tells the reader of a body about ends of the connection that aiohttp keeps from it.

    A garbled chunk leaves the reader waiting for ever, and a reset in the middle of a body that ends with
    the connection looks like its end.
    """

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._content = response.content
        # Without a connection the whole body came with the head: there is nothing left to watch.
        self._protocol = response.connection.protocol if response.connection is not None else None
        self._closed = self._protocol.closed if self._protocol is not None else None
        chunked = "chunked" in response.headers.get("Transfer-Encoding", "").lower()
        self._ends_with_connection = not chunked and "Content-Length" not in response.headers

    def __enter__(self) -> Self:
        if self._closed is not None:
            self._closed.add_done_callback(_seen)
            self._closed.add_done_callback(self._wake)
        return self

    def __exit__(self, *_: object) -> None:
        if self._closed is not None:
            self._closed.remove_done_callback(self._wake)

    def check(self) -> None:
        """Raise where a body that ends with its connection was ended by a broken one."""
        if self._ends_with_connection and self._closed is not None and self._closed.done():
            self._closed.result()

    def _wake(self, closed: asyncio.Future[None]) -> None:
        if self._content.is_eof() or self._content.exception() is not None or self._protocol is None:
            return
        error = self._protocol.exception() or closed.exception()
        self._content.set_exception(error or aiohttp.ServerDisconnectedError())


def _seen(closed: asyncio.Future[None]) -> None:
    # asyncio complains aloud about an exception that nobody looked at.
    closed.exception()


def _sendable(request: Request) -> URL:
    # An ASCII URL goes out exactly as it is; anything else is encoded, as nothing else is HTTP.
    url = URL(request.url, encoded=request.url.isascii())
    # aiohttp refuses credentials in both places; the header is what the caller asked for.
    has_header = any(name.lower() == "authorization" for name, _ in request.headers)
    return url.with_user(None) if has_header and url.raw_user is not None else url


def _spelled_alike(headers: Headers) -> Headers:
    # Of a name that is repeated in another spelling, aiohttp would send the last value only.
    spellings: dict[str, str] = {}
    return tuple((spellings.setdefault(name.lower(), name), value) for name, value in headers)


def _is_unanswered(error: BaseException) -> bool:
    if isinstance(error, aiohttp.ServerDisconnectedError):
        # Where the head had begun, aiohttp hands over what it has of it.
        return isinstance(error.message, str)
    broken = isinstance(error, aiohttp.ClientOSError | aiohttp.ClientConnectionResetError)
    return broken and not isinstance(error, aiohttp.ClientConnectorError)
