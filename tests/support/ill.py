"""A target that is well for some requests and then falls ill: the reference server behind a hostile door."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlsplit

from chatconform.running.embedded import EmbeddedServer
from chatconform.tests.support.wire import Received, Wire, WireServer

Spoil = Callable[[bytes], bytes]


@dataclass(slots=True)
class IllTarget:
    """Passes requests on until `well_for` of them have come, and then does what its `illness` says.

    `spoil` changes the bytes of the answers that are passed on.
    """

    server: EmbeddedServer
    illness: Illness
    well_for: int
    spoil: Spoil = bytes
    door: WireServer = field(init=False)

    def __enter__(self) -> Self:
        self.door = WireServer(self._answer).__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.door.__exit__()

    @property
    def url(self) -> str:
        return f"{self.door.url}/v1"

    @property
    def requests(self) -> int:
        return len(self.door.received)

    async def _answer(self, request: Received, wire: Wire) -> None:
        if self.requests <= self.well_for:
            await self.pass_on(request, wire)
        else:
            await self.illness(self, request, wire)

    async def pass_on(self, request: Received, wire: Wire) -> None:
        """Fetch the answer from the server and send it."""
        await wire.send(self.spoil(await self.fetched(request)))

    async def fetched(self, request: Received) -> bytes:
        """The answer of the server to a request, from the status line to the last byte."""
        upstream = urlsplit(self.server.url)
        reader, writer = await asyncio.open_connection(upstream.hostname, upstream.port)
        try:
            writer.write(_raw(request))
            return await reader.read()
        finally:
            writer.close()


Illness = Callable[[IllTarget, Received, Wire], Awaitable[None]]


def _raw(request: Received) -> bytes:
    kept = (pair for pair in request.headers if pair[0].lower() != "connection")
    lines = (f"{name}: {value}" for name, value in (*kept, ("Connection", "close")))
    head = "\r\n".join((f"{request.method} {request.path} HTTP/1.1", *lines, "", ""))
    return head.encode("utf-8", "surrogateescape") + request.body


async def dies(target: IllTarget, _: Received, __: Wire) -> None:
    """Every connection is closed, and the listener."""
    target.door.die()


async def hangs(_: IllTarget, __: Received, wire: Wire) -> None:
    """Connections are accepted, requests read, and nothing is ever answered."""
    await wire.stall()


async def hangs_in_streams(target: IllTarget, request: Received, wire: Wire) -> None:
    """Every stream breaks off after its first event and does not end; what is no stream is answered."""
    answer = await target.fetched(request)
    head, _, body = answer.partition(b"\r\n\r\n")
    if b"text/event-stream" not in head:
        await wire.send(answer)
        return
    await wire.send(head + b"\r\n\r\n" + body.partition(b"\n\n")[0] + b"\n\n")
    await wire.stall()


async def drips(_: IllTarget, __: Received, wire: Wire) -> None:
    """Every answer begins at once, and comes byte by byte, for ever."""
    await wire.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n\r\n")
    for _turn in range(600):
        await wire.send(b" ", pause=0.1)


def answers(status: int, *headers: str) -> Illness:
    """Every request is answered with this status."""

    async def answer(_: IllTarget, __: Received, wire: Wire) -> None:
        await wire.answer(status, b"the server is not well", "Content-Type: text/plain", *headers)

    return answer


def refuses_for(seconds: float) -> Illness:
    """Every request is refused until that time has passed since the first refusal."""
    begin: list[float] = []

    async def refuse(target: IllTarget, request: Received, wire: Wire) -> None:
        begin.append(time.monotonic())
        if begin[-1] - begin[0] > seconds:
            await target.pass_on(request, wire)
            return
        error = {"message": "Too many requests.", "type": "rate_limit_error", "param": None, "code": None}
        body = json.dumps({"error": error}).encode()
        await wire.answer(429, body, "Content-Type: application/json", "x-request-id: r")

    return refuse
