"""One HTTP server for all oddities: the first part of a path says which of them answers."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import reduce
from typing import Any

import orjson

from chatconform.contract import load_contract
from chatconform.reference_server import Settings, create_app
from chatconform.reference_server.refusal import Refusal
from chatconform.reference_server.reply import raw
from chatconform.tests.support.oddities.oddity import Asked, Chunks, Document, Head, Oddity, Pieces
from chatconform.tests.support.oddities.writing import each, event_stream, packets, plain_text
from chatconform.wire.sse import Decoder
from chatconform.wire.stream import DONE

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Start = tuple[int, Head]
NO_CONTENT = 204
App = Callable[[Any, Receive, Send], Awaitable[None]]


def house(oddities: Iterable[Oddity], settings: Settings) -> App:
    """An application that serves each oddity below a path of its own, over reference servers."""
    rooms: Mapping[str, App] = {oddity.name: _room(oddity, settings) for oddity in oddities}

    async def serve(scope: Any, receive: Receive, send: Send) -> None:
        await rooms[scope["path"].split("/")[1]](scope, receive, send)

    return serve


def _room(oddity: Oddity, settings: Settings) -> App:
    own = replace(oddity.settings(settings), base_path=f"/{oddity.name}{oddity.base_path}")
    return Gateway(create_app(load_contract(), own), oddity)


class Gateway:
    """Passes requests on to an application, and answers through the seams of oddities."""

    def __init__(self, app: App, *oddities: Oddity) -> None:
        self._app = app
        self._oddities = oddities

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Answer one request; a client that leaves ends it."""
        asked = _asked(scope, await _content(receive))
        try:
            passed_on = reduce(lambda done, oddity: oddity.request(done), self._oddities, asked)
        except Refusal as refusal:
            await self._send(_refused(refusal), asked, send)
            return
        inbox: asyncio.Queue[Message | None] = asyncio.Queue()
        inner = asyncio.create_task(self._app(scope, _replayed(passed_on.content, receive), inbox.put))
        inner.add_done_callback(lambda _: inbox.put_nowait(None))
        try:
            await self._send(_messages(inbox, inner), asked, send)
        finally:
            inner.cancel()
            with suppress(asyncio.CancelledError):
                await inner

    async def _send(self, messages: AsyncIterator[Message], asked: Asked, send: Send) -> None:
        start = await anext(messages, None)
        if start is None:  # the client left, and nobody is there to be answered
            return
        headers = tuple((name.decode(), value.decode("latin-1")) for name, value in start["headers"])
        kind = dict(headers).get("content-type", "").partition(";")[0]
        head = start["status"], tuple(pair for pair in headers if pair[0] != "content-length")
        pieces = (message.get("body", b"") async for message in messages)
        if kind == "text/event-stream":
            await self._send_stream(head, pieces, asked, send)
        else:
            content = b"".join([piece async for piece in pieces])
            await self._send_whole(head, content, asked, send, is_json=kind == "application/json")

    async def _send_stream(self, head: Start, pieces: Pieces, asked: Asked, send: Send) -> None:
        source = _Stream(pieces)
        status, headers = self._odd(head, asked, None)
        stream = event_stream(
            source.chunks(), asked, self._oddities, is_terminated=lambda: source.is_terminated
        )
        await send({"type": "http.response.start", "status": status, "headers": raw(headers)})
        async for piece in packets(stream, self._oddities):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    async def _send_whole(
        self, head: Start, content: bytes, asked: Asked, send: Send, *, is_json: bool
    ) -> None:
        document = orjson.loads(content) if is_json and content else None
        status, headers = self._odd(head, asked, document)
        body = content if document is None else plain_text(document, asked, self._oddities)
        if body:
            body = b"".join([piece async for piece in packets(each([body]), self._oddities)])
        if status != NO_CONTENT and ("transfer-encoding", "chunked") not in headers:
            headers = (*headers, ("content-length", str(len(body))))
        await send({"type": "http.response.start", "status": status, "headers": raw(headers)})
        await send({"type": "http.response.body", "body": body})

    def _odd(self, head: Start, asked: Asked, document: Document) -> Start:
        return reduce(lambda done, oddity: oddity.head(*done, asked, document), self._oddities, head)


class _Stream:
    """An event stream of the reference server; its errors are chunks as well, its terminator is none."""

    def __init__(self, pieces: Pieces) -> None:
        self._pieces = pieces
        self.is_terminated = False

    async def chunks(self) -> Chunks:
        """What the events carry."""
        decoder = Decoder()
        async for piece in self._pieces:
            for event in decoder.feed(piece):
                if event.data == DONE:
                    self.is_terminated = True
                else:
                    yield orjson.loads(event.data)


async def _messages(
    inbox: asyncio.Queue[Message | None], inner: asyncio.Task[None]
) -> AsyncIterator[Message]:
    """What an application sends until it has ended; where it breaks down, so does this."""
    while (message := await inbox.get()) is not None:
        yield message
    await inner


async def _refused(refusal: Refusal) -> AsyncIterator[Message]:
    own_id = secrets.token_hex(16).encode()
    headers = [(b"content-type", b"application/json"), (b"x-request-id", own_id)]
    yield {"type": "http.response.start", "status": refusal.status, "headers": headers}
    yield {"type": "http.response.body", "body": orjson.dumps(refusal.document())}


async def _content(receive: Receive) -> bytes:
    content = b""
    while True:
        message = await receive()
        content += message.get("body", b"")
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            return content


def _replayed(content: bytes, receive: Receive) -> Receive:
    """A `receive` that begins with a body which was read before."""
    waiting: list[Message] = [{"type": "http.request", "body": content, "more_body": False}]

    async def replay() -> Message:
        return waiting.pop() if waiting else await receive()

    return replay


def _asked(scope: Any, content: bytes) -> Asked:
    try:
        body = orjson.loads(content) if content else {}
    except orjson.JSONDecodeError:
        body = {}
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    return Asked(
        method=scope["method"],
        path=scope["path"],
        headers=headers,
        body=body if isinstance(body, dict) else {},
        content=content,
    )
