"""A response as a value, whole or as a stream of frames, and its way onto the wire."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import orjson

from chatconform.reference_server.connection import Connection
from chatconform.reference_server.interruption import ConnectionCut
from chatconform.reference_server.refusal import Document, Refusal

Send = Callable[[Any], Awaitable[None]]
Headers = tuple[tuple[str, str], ...]

JSON_TYPE = "application/json"
STREAM_HEADERS: Headers = (
    ("content-type", "text/event-stream; charset=utf-8"),
    ("cache-control", "no-cache"),
    # Tells nginx not to collect the stream before it passes it on.
    ("x-accel-buffering", "no"),
)
_DRAIN_BYTES = 16 * 1024 * 1024
_DRAIN_SECONDS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A response: its body is either bytes or frames, each of which is sent on its own.

    Attributes:
        close: Whether the connection ends with it, because the request's body was not read.
        cut: How the connection breaks off in the middle of its body; None for a whole one.
    """

    status: int
    headers: Headers
    body: bytes | AsyncIterator[bytes]
    close: bool = False
    cut: ConnectionCut | None = None


def json_reply(document: Document, *, status: int = 200, headers: Headers = ()) -> Reply:
    """Return a response with one JSON document."""
    return Reply(status=status, headers=(("content-type", JSON_TYPE), *headers), body=orjson.dumps(document))


def refused(refusal: Refusal) -> Reply:
    """Return the response that a refusal asks for."""
    return Reply(
        status=refusal.status,
        headers=(("content-type", JSON_TYPE), *refusal.headers),
        body=orjson.dumps(refusal.document()),
        close=refusal.close,
    )


def raw(headers: Headers) -> list[tuple[bytes, bytes]]:
    """Return headers as ASGI wants them."""
    return [(name.encode("ascii"), value.encode("latin-1", "replace")) for name, value in headers]


async def transmit(reply: Reply, connection: Connection, send: Send) -> None:
    """Send a response; every frame of a stream goes out at once.

    Raises:
        ConnectionCut: The rest of the body is not to be sent; its silence is over.
        ClientGone: The client did not wait for the end of the silence.
    """
    try:
        if isinstance(reply.body, bytes):
            await _send_whole(reply, reply.body, connection, send)
        else:
            await _send_frames(reply, reply.body, send)
    except ConnectionCut as cut:
        await connection.pause(cut.silence)
        raise


async def _send_whole(reply: Reply, body: bytes, connection: Connection, send: Send) -> None:
    headers = [*raw(reply.headers), *_length(reply.status, body)]
    if reply.close:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    if reply.cut is not None:
        await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
        raise reply.cut
    if reply.close:
        await send({"type": "http.response.body", "body": body, "more_body": True})
        await connection.drain(limit=_DRAIN_BYTES, seconds=_DRAIN_SECONDS)
        body = b""
    await send({"type": "http.response.body", "body": body})


def _length(status: int, body: bytes) -> list[tuple[bytes, bytes]]:
    # RFC 9110, 8.6: "A server MUST NOT send a Content-Length header field in any response with a status code
    # of 1xx (Informational) or 204 (No Content)."
    return [] if status == 204 else [(b"content-length", str(len(body)).encode())]


async def _send_frames(reply: Reply, frames: AsyncIterator[bytes], send: Send) -> None:
    await send({"type": "http.response.start", "status": reply.status, "headers": raw(reply.headers)})
    async for frame in frames:
        await send({"type": "http.response.body", "body": frame, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
