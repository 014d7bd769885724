"""An application whose requests and answers pass through the seams of alterations, chosen one by one."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import suppress
from email.utils import formatdate
from functools import reduce
from typing import Any, ClassVar

import orjson

from chatconform.reference_server.interruption import ConnectionCut
from chatconform.reference_server.refusal import Refusal
from chatconform.reference_server.reply import raw
from chatconform.reference_server.request import ALTERATIONS
from chatconform.reference_server.seams import Alteration, Alterations, Asked, Bytes, Chunks, Response
from chatconform.reference_server.writing import event_stream, in_turn, packets, plain_text
from chatconform.wire.sse import Decoder
from chatconform.wire.stream import DONE

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Any, Receive, Send], Coroutine[Any, Any, None]]
# Which alterations a request meets, from its headers by their names in lower case; may raise a `Refusal`.
Choose = Callable[[Mapping[str, str]], Alterations]

_BODILESS = frozenset({204, 304})
_OF_STREAMS = ("chunks", "events", "data", "opening", "lines", "closing", "line_end", "mark", "reply")


class Altering:
    """Passes requests on to an application; those that meet no alteration are not touched at all.

    The application dates its responses, so that the date can be altered as well.

    Attributes:
        inner: The application without seams.
        forwards: Whether what the model is given is recorded, as what a gateway forwards.
    """

    dates_itself: ClassVar[bool] = True

    def __init__(self, app: App, choose: Choose, *, forwards: bool = False) -> None:
        self.inner = app
        self.forwards = forwards
        self._choose = choose

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Answer one request; a client that leaves ends it."""
        headers = {n.decode("latin-1").lower(): v.decode("latin-1") for n, v in scope["headers"]}
        try:
            chosen = self._choose(headers)
        except Refusal as refusal:
            await _Exchange((), Asked(method=scope["method"], path=scope["path"]), send).refuse(refusal)
            return
        if not chosen:
            await self.inner(scope, receive, send)
            return
        asked = _asked(scope, headers, await _content(receive), forwards=self.forwards)
        exchange = _Exchange(tuple(each for each in chosen if each.applies(asked)), asked, send)
        with suppress(ConnectionCut):
            await exchange.perform(self.inner, scope, receive)


class _Exchange:
    """One request and its response, on their way through the seams."""

    def __init__(self, altered: Alterations, asked: Asked, send: Send) -> None:
        self._altered = altered
        self._asked = asked
        self._send = send

    async def perform(self, app: App, scope: Any, receive: Receive) -> None:
        """Let the application answer the request as it was changed, and send what that becomes."""
        for each in self._altered:
            if type(each).wait is not Alteration.wait:
                await _unless_left(each.wait(self._asked), receive)
        try:
            passed_on = reduce(lambda done, each: each.request(done), self._altered, self._asked)
        except Refusal as refusal:
            await self.refuse(refusal)
            return
        inbox: asyncio.Queue[Message | None] = asyncio.Queue()
        inner_scope = _scope(scope, self._asked, passed_on, self._altered)
        inner = asyncio.create_task(app(inner_scope, _replayed(passed_on.content, receive), inbox.put))
        inner.add_done_callback(lambda _: inbox.put_nowait(None))
        try:
            await self._respond(_messages(inbox, inner))
        finally:
            inner.cancel()
            with suppress(asyncio.CancelledError, ConnectionCut):
                await inner

    async def refuse(self, refusal: Refusal) -> None:
        """Send an error in the place of the application."""
        own = (("date", formatdate(usegmt=True)), ("x-request-id", f"req_{secrets.token_hex(16)}"))
        headers = (("content-type", "application/json"), *own, *refusal.headers)
        await self._whole(Response(status=refusal.status, headers=headers, document=refusal.document()))

    async def _respond(self, messages: AsyncIterator[Message]) -> None:
        start = await anext(messages, None)
        if start is None:  # the client left, or the connection breaks off here
            return
        came = tuple((name.decode(), value.decode("latin-1")) for name, value in start["headers"])
        kind = dict(came).get("content-type", "").partition(";")[0]
        headers = tuple(pair for pair in came if pair[0] != "content-length")
        source = _Source(messages)
        if kind == "text/event-stream":
            if not self._changes_streams:
                await self._pass_on(Response(status=start["status"], headers=headers), source.pieces())
                return
            response = Response(status=start["status"], headers=headers, chunks=source.chunks())
        else:
            content = b"".join([piece async for piece in source.pieces()])
            if not source.is_whole:
                await self._broken_off(
                    start, Response(status=start["status"], headers=headers, content=content)
                )
                return
            document = orjson.loads(content) if kind == "application/json" and content else None
            response = Response(status=start["status"], headers=headers, document=document, content=content)
        changed = reduce(lambda done, each: each.reply(done, self._asked), self._altered, response)
        if changed.chunks is not None:
            await self._streamed(changed, source)
        else:
            await self._whole(changed)

    @property
    def _changes_streams(self) -> bool:
        """Whether any of the alterations looks into a stream; otherwise its bytes are passed on."""
        return any(
            getattr(type(each), seam) is not getattr(Alteration, seam)
            for each in self._altered
            for seam in _OF_STREAMS
        )

    async def _streamed(self, response: Response, source: _Source) -> None:
        assert response.chunks is not None
        stream = event_stream(
            response.chunks,
            self._asked,
            self._altered,
            is_terminated=lambda: source.is_terminated,
            opening=await source.opening(),
        )
        await self._pass_on(response, stream)

    async def _pass_on(self, response: Response, pieces: Bytes) -> None:
        await self._begin(response, None, length=None)
        async for piece in packets(pieces, self._asked, self._altered):
            await self._send({"type": "http.response.body", "body": piece, "more_body": True})
        await self._send({"type": "http.response.body", "body": b""})

    async def _broken_off(self, start: Message, response: Response) -> None:
        """Send what is made of a response that breaks off, or break off as well."""
        for each in self._altered:
            if (made := each.broken_off(response, self._asked)) is not None:
                await self._whole(made)
                return
        await self._send(start)
        await self._send({"type": "http.response.body", "body": response.content, "more_body": True})

    async def _whole(self, response: Response) -> None:
        document = response.document
        body = response.content if document is None else plain_text(document, self._asked, self._altered)
        try:
            if body:
                pieces = packets(in_turn([body]), self._asked, self._altered)
                body = b"".join([piece async for piece in pieces])
        except ConnectionCut:
            # Of a response that breaks off at least the head is sent: without one the server says 500.
            await self._begin(response, document, length=len(body))
            raise
        await self._begin(response, document, length=len(body))
        # A server closes the connection of a response that its application does not end.
        hangs_up = bool(body) and any(each.hangs_up(response, self._asked) for each in self._altered)
        await self._send({"type": "http.response.body", "body": body, "more_body": hangs_up})

    async def _begin(self, response: Response, document: Any, *, length: int | None) -> None:
        head = response.status, response.headers
        status, headers = reduce(
            lambda done, each: each.head(*done, self._asked, document), self._altered, head
        )
        counted = (
            length is not None and status not in _BODILESS and ("transfer-encoding", "chunked") not in headers
        )
        if counted and "content-length" not in dict(headers):
            headers = (*headers, ("content-length", str(length)))
        await self._send({"type": "http.response.start", "status": status, "headers": raw(headers)})


class _Source:
    """The body of a response of the application."""

    def __init__(self, messages: AsyncIterator[Message]) -> None:
        self._messages = messages
        self._waiting: list[bytes] = []
        self.is_terminated = False
        self.is_whole = False

    async def pieces(self) -> Bytes:
        """Its bytes, as they come."""
        while self._waiting:
            yield self._waiting.pop(0)
        async for message in self._messages:
            self.is_whole = not message.get("more_body", False)
            yield message.get("body", b"")

    async def opening(self) -> tuple[str, ...]:
        """The lines of the comment that a stream begins with, if it does."""
        first = await anext(self.pieces(), b"")
        if first.startswith(b":"):
            return tuple(first.decode().split("\n")[:-1])
        self._waiting.append(first)
        return ()

    async def chunks(self) -> Chunks:
        """What the events of a stream carry; its errors are chunks as well, its terminator is none."""
        decoder = Decoder()
        async for piece in self.pieces():
            for event in decoder.feed(piece):
                if event.data == DONE:
                    self.is_terminated = True
                else:
                    yield orjson.loads(event.data)


async def _unless_left(waiting: Coroutine[Any, Any, None], receive: Receive) -> None:
    """Wait as long as the client does; once its request is read, all that can come is that it left."""
    waited, left = asyncio.create_task(waiting), asyncio.ensure_future(receive())
    try:
        await asyncio.wait((waited, left), return_when=asyncio.FIRST_COMPLETED)
        if left.done():
            raise ConnectionCut
    finally:
        waited.cancel()
        left.cancel()


async def _messages(
    inbox: asyncio.Queue[Message | None], inner: asyncio.Task[None]
) -> AsyncIterator[Message]:
    """What an application sends until it has ended; where it breaks down, so does this."""
    while (message := await inbox.get()) is not None:
        yield message
    await inner


async def _content(receive: Receive) -> bytes:
    pieces: list[bytes] = []
    while True:
        message = await receive()
        pieces.append(message.get("body", b""))
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            return b"".join(pieces)


def _replayed(content: bytes, receive: Receive) -> Receive:
    """A `receive` that begins with a body which was read before."""
    waiting: list[Message] = [{"type": "http.request", "body": content, "more_body": False}]

    async def replay() -> Message:
        return waiting.pop() if waiting else await receive()

    return replay


def _scope(scope: Any, asked: Asked, passed_on: Asked, altered: Alterations) -> Any:
    changed = {"method": passed_on.method, "path": passed_on.path, ALTERATIONS: altered}
    if passed_on.headers != asked.headers or passed_on.content != asked.content:
        told = {**passed_on.headers, "content-length": str(len(passed_on.content))}
        changed["headers"] = [
            (name.encode("latin-1"), value.encode("latin-1")) for name, value in told.items()
        ]
    return {**scope, **changed}


def _asked(scope: Any, headers: Mapping[str, str], content: bytes, *, forwards: bool) -> Asked:
    try:
        body = orjson.loads(content) if content else {}
    except orjson.JSONDecodeError:
        body = {}
    return Asked(
        method=scope["method"],
        path=scope["path"],
        raw_path=(scope.get("raw_path") or b"").decode("latin-1"),
        headers=headers,
        body=body if isinstance(body, dict) else {},
        content=content,
        is_forwarded=forwards,
    )
