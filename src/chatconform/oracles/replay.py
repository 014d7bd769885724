"""A transport that answers every request with a recorded response, read by read, without a socket."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import httpx2

from chatconform.wire.exchange import Response

# They spoke of the connection on which the answer came, or of a length that a cut answer does not have.
_OF_THE_CONNECTION = frozenset(("connection", "content-length", "keep-alive", "transfer-encoding", "upgrade"))


def reads(response: Response) -> Iterator[bytes]:
    """The raw body in the pieces in which it was read."""
    start = 0
    for arrival in response.arrivals:
        if arrival.size:
            yield response.raw[start : start + arrival.size]
        start += arrival.size
    if start < len(response.raw):
        yield response.raw[start:]


def replayed_headers(response: Response) -> list[tuple[bytes, bytes]]:
    """The headers that still hold when the body is sent again."""
    return [
        (name.encode("latin-1", "replace"), value.encode("latin-1", "replace"))
        for name, value in response.headers
        if name.lower() not in _OF_THE_CONNECTION
    ]


class _Body(httpx2.SyncByteStream, httpx2.AsyncByteStream):
    def __init__(self, response: Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        yield from reads(self._response)
        if not self._response.complete:
            raise httpx2.RemoteProtocolError("the recorded answer ends here, before its end")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece


class Replay(httpx2.BaseTransport, httpx2.AsyncBaseTransport):
    """Answers with the `response` that was set last."""

    response: Response

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:  # noqa: ARG002 - whatever it is
        """The recorded response."""
        recorded = self.response
        return httpx2.Response(recorded.status, headers=replayed_headers(recorded), stream=_Body(recorded))

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """The recorded response."""
        return self.handle_request(request)
