"""A small, honest gateway: it forwards requests to an upstream, and answers as the upstream did.

It opens bodies only where a defect of `broken` wants to change them. What fails behind it, it tells as it is:
a 5xx before the first byte, an error event within a stream.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp

Body = dict[str, Any]
Pairs = tuple[tuple[str, str], ...]

# Longer than an upstream thinks, shorter than it stalls.
READ_SECONDS = 1.5
# What belongs to one hop (RFC 9110, 7.6.1), and what each side counts for itself.
OF_ONE_HOP = frozenset(
    {"connection", "content-length", "date", "host", "keep-alive", "te", "trailer", "transfer-encoding"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request as it came to the gateway; `body` is empty where it is no JSON object."""

    method: str
    path: str
    headers: Pairs
    content: bytes
    body: Body

    @property
    def stream(self) -> bool:
        return self.body.get("stream") is True


class UpstreamFailed(Exception):
    """The upstream gave no whole answer."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.document = {"error": {"message": message, "type": "server_error", "param": None, "code": None}}


class Gateway:
    """An ASGI application in front of the server at a URL without its `/v1`; the methods are its seams."""

    def __init__(self, upstream: str) -> None:
        self._upstream = upstream

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        asked = await _asked(scope, receive)
        timeout = aiohttp.ClientTimeout(sock_read=READ_SECONDS)
        # Compressed bodies are passed on as they are.
        async with aiohttp.ClientSession(timeout=timeout, auto_decompress=False) as session:
            try:
                await self.serve(session, asked, send)
            except UpstreamFailed as failed:
                headers = (("content-type", "application/json"), ("x-request-id", secrets.token_hex(16)))
                await send_whole(send, failed.status, headers, json.dumps(failed.document).encode())

    async def serve(self, session: aiohttp.ClientSession, asked: Asked, send: Any) -> None:
        """Forward a request, and answer it."""
        async with await self.call(session, asked, self.forwarded(asked.body)) as response:
            if response.content_type == "text/event-stream":
                await _send_stream(send, response, self.events(asked, _events(response)))
            else:
                await self.answer(asked, response.status, _kept(response), await _whole(response), send)

    async def call(self, session: aiohttp.ClientSession, asked: Asked, body: Body) -> aiohttp.ClientResponse:
        """Send a request on; what was not changed goes on byte by byte."""
        content = asked.content if body == asked.body else json.dumps(body, ensure_ascii=False).encode()
        headers = [pair for pair in asked.headers if pair[0] not in OF_ONE_HOP]
        try:
            return await session.request(
                asked.method, self._upstream + asked.path, data=content or None, headers=headers
            )
        except (aiohttp.ClientError, TimeoutError) as error:
            raise UpstreamFailed(502, f"The upstream could not be reached: {type(error).__name__}.") from None

    def forwarded(self, body: Body) -> Body:
        """The body that is sent on."""
        return body

    async def answer(self, asked: Asked, status: int, headers: Pairs, content: bytes, send: Any) -> None:
        """Answer with what the upstream answered in one piece."""
        await send_whole(send, status, headers, content)

    async def events(self, asked: Asked, upstream: AsyncIterator[str]) -> AsyncIterator[str]:
        """The data of the events that are sent: the upstream's, and an error where these break off."""
        try:
            async for data in upstream:
                yield data
        except UpstreamFailed as failed:
            yield json.dumps(failed.document)


async def _asked(scope: Any, receive: Any) -> Asked:
    content = b""
    while True:
        message = await receive()
        content += message.get("body", b"")
        if not message.get("more_body", False):
            break
    query = scope["query_string"].decode()
    headers = tuple((name.decode(), value.decode("latin-1")) for name, value in scope["headers"])
    path = scope.get("raw_path", scope["path"].encode()).decode()
    return Asked(
        method=scope["method"],
        path=f"{path}?{query}" if query else path,
        headers=headers,
        content=content,
        body=_object(content),
    )


def _object(content: bytes) -> Body:
    try:
        value = json.loads(content)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


async def _whole(response: aiohttp.ClientResponse) -> bytes:
    try:
        return await response.read()
    except (aiohttp.ClientError, TimeoutError) as error:
        status = 504 if isinstance(error, TimeoutError) else 502
        raise UpstreamFailed(status, "The upstream gave no whole answer.") from None


async def _events(response: aiohttp.ClientResponse) -> AsyncIterator[str]:
    """The blocks of an event stream as they come, each without the blank line behind it."""
    waiting = b""
    try:
        async for piece in response.content.iter_any():
            waiting += piece
            *whole, waiting = waiting.split(b"\n\n")
            for block in whole:
                yield block.decode().removeprefix("data: ")
    except (aiohttp.ClientError, TimeoutError):
        raise UpstreamFailed(502, "The stream of the upstream broke off.") from None


def _kept(response: aiohttp.ClientResponse) -> Pairs:
    return tuple(
        (name.lower(), value) for name, value in response.headers.items() if name.lower() not in OF_ONE_HOP
    )


async def _send_stream(send: Any, response: aiohttp.ClientResponse, events: AsyncIterator[str]) -> None:
    await send(_start(response.status, _kept(response)))
    async for data in events:
        # A comment goes on as one.
        block = f"{data}\n\n" if data.startswith(":") else f"data: {data}\n\n"
        await send({"type": "http.response.body", "body": block.encode(), "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def send_whole(send: Any, status: int, headers: Pairs, content: bytes) -> None:
    length = () if status == 204 else (("content-length", str(len(content))),)
    await send(_start(status, (*headers, *length)))
    await send({"type": "http.response.body", "body": content})


def _start(status: int, headers: Pairs) -> Body:
    pairs = [(name.encode(), value.encode("latin-1")) for name, value in headers]
    return {"type": "http.response.start", "status": status, "headers": pairs}
