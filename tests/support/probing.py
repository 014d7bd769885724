"""What tests of probing have in common."""

import asyncio
import ssl
from collections.abc import Coroutine
from typing import Any, TypeVar

from chatconform.client.probe import Outgoing, Probe, Sent
from chatconform.client.target import Target
from chatconform.tests.support.wire import Received, Wire, WireServer
from chatconform.wire.exchange import FailureKind, Headers, Request

Value = TypeVar("Value")


STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"


CHUNKED = STREAM + b"Transfer-Encoding: chunked\r\n\r\n"


def run(work: Coroutine[Any, Any, Value]) -> Value:
    return asyncio.run(work)


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def post(url: str, body: bytes = b"{}", headers: Headers = ()) -> Request:
    return Request(method="POST", url=f"{url}/chat/completions", headers=headers, body=body)


def send(
    server: WireServer, *, timeout: float = 5.0, tls: ssl.SSLContext | None = None, **limits: int
) -> Sent:
    async def once() -> Sent:
        async with Probe(Target(url=server.url, timeout=timeout), tls=tls) as probe:
            return await probe.send(Outgoing(request=post(server.url), **limits))

    return run(once())


def send_to(url: str, *, headers: Headers = (), timeout: float = 5.0, proxy: str | None = None) -> Sent:
    async def once() -> Sent:
        async with Probe(Target(url=url, timeout=timeout), proxy=proxy) as probe:
            return await probe.send(Outgoing(request=post(url, headers=headers)))

    return run(once())


def replies(*pieces: bytes, pause: float = 0.02, end: str = "close") -> WireServer:
    async def handler(_: Received, wire: Wire) -> None:
        await wire.send(*pieces, pause=pause)
        if end == "reset":
            wire.reset()
        if end == "stall":
            await wire.stall()

    return WireServer(handler)


def kind(sent: Sent) -> FailureKind | None:
    return sent.failure.kind if sent.failure else None


def raw(sent: Sent) -> bytes:
    return sent.response.raw if sent.response else b""
