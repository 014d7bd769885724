"""HTTP/1.1 written by hand, in the spellings that RFC 9112 allows and that no framework chooses."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from typing import Any, ClassVar
from urllib.parse import unquote

from chatconform.reference_server.altering import App, Message
from chatconform.reference_server.variants.variant import Variant
from chatconform.tests.support.wire import Received, Wire
from chatconform.wire.exchange import Exchange

# RFC 9110, 15.2: "A client MUST be able to parse one or more 1xx responses received prior to a final
# response, even if the client does not expect one."
EARLY = b"HTTP/1.1 103 Early Hints\r\nLink: </docs>; rel=help\r\n\r\n"
NO_CONTENT = 204
LAST_CHUNK = b"000;last\r\nX-Checksum: none\r\n\r\n"


class HandwrittenHttp(Variant):
    """No reason phrase, capitals and odd spaces in headers, early hints, chunks with extensions, trailers."""

    by_hand: ClassVar[bool] = True
    areas: ClassVar[tuple[str, ...]] = ("HTTP", "MODELS", "STREAM")

    def shows(self, exchange: Exchange) -> bool:
        response = exchange.response
        return response is not None and not response.reason and any(n == "DATE" for n, _ in response.headers)


def handwritten(app: App) -> Callable[[Received, Wire], Awaitable[bool]]:
    """A handler for a wire server: serves an application in these spellings, and keeps every connection."""

    async def handle(request: Received, wire: Wire) -> bool:
        waiting: list[Message] = [{"type": "http.request", "body": request.body, "more_body": False}]

        async def receive() -> Message:
            return waiting.pop() if waiting else await asyncio.Future()

        statuses: list[int] = []

        async def send(message: Message) -> None:
            statuses.append(message.get("status", 0))
            # The response to HEAD, and one without content, ends with its head.
            if message["type"] == "http.response.start" or not (
                statuses[0] == NO_CONTENT or request.method == "HEAD"
            ):
                await wire.send(_written(message))

        await app(_scope(request), receive, send)
        return True

    return handle


def _scope(request: Received) -> dict[str, Any]:
    headers = [
        (name.lower().encode(), value.encode("utf-8", "surrogateescape")) for name, value in request.headers
    ]
    path = unquote(request.path.partition("?")[0])
    return {"type": "http", "method": request.method, "path": path, "headers": headers}


def _written(message: Message) -> bytes:
    if message["type"] == "http.response.start":
        return EARLY + _head(message["status"], message["headers"])
    body: bytes = message.get("body", b"")
    chunk = b'%04X;ext="a;b"\r\n%b\r\n' % (len(body), body) if body else b""
    return chunk if message.get("more_body") else chunk + LAST_CHUNK


def _head(status: int, headers: list[tuple[bytes, bytes]]) -> bytes:
    framing = (b"content-length", b"transfer-encoding")
    fields = [(name, value) for name, value in headers if name not in framing]
    fields.append((b"date", formatdate(usegmt=True).encode()))
    if status != NO_CONTENT:
        # Common parsers take a space behind this value, but no tab.
        fields.append((b"transfer-encoding", b"Chunked "))
    lines = [b"%b:\t %b \r\n" % (name.upper(), value) for name, value in fields]
    return b"HTTP/1.1 %d \r\n%b\r\n" % (status, b"".join(lines))
