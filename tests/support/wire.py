"""A server for tests that puts exactly the bytes on the wire that a test wants, in the pieces it wants."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import ssl
import struct
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Self


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


@dataclass(slots=True)
class Wire:
    """One connection, seen from the server; `number` counts the connections, `turn` the requests on it."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    number: int
    turn: int = 0

    async def send(self, *pieces: bytes, pause: float = 0.0) -> None:
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()
            await asyncio.sleep(pause)

    async def answer(self, status: int, body: bytes, *headers: str, reason: str = "Reason") -> None:
        head = [f"HTTP/1.1 {status} {reason}", f"Content-Length: {len(body)}", *headers]
        await self.send("\r\n".join((*head, "", "")).encode("latin-1") + body)

    async def answer_json(self, status: int, value: object, *headers: str) -> None:
        await self.answer(status, json.dumps(value).encode(), "Content-Type: application/json", *headers)

    def reset(self) -> None:
        """End the connection with a reset instead of an end."""
        linger = struct.pack("ii", 1, 0)
        self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.writer.transport.abort()

    async def stall(self) -> None:
        await asyncio.sleep(60)


Handler = Callable[[Received, Wire], Awaitable[bool | None]]


@dataclass(slots=True)
class WireServer:
    """Runs a handler for each request, on a loop of its own; a connection goes on where it returns True."""

    handler: Handler
    tls: ssl.SSLContext | None = None
    received: list[Received] = field(default_factory=list)
    connections: int = 0
    port: int = 0
    _loop: asyncio.AbstractEventLoop = field(init=False)
    _server: asyncio.Server = field(init=False)
    _thread: threading.Thread | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(lambda *_: None)  # handshakes that clients break off on purpose
        self._server = self._loop.run_until_complete(
            asyncio.start_server(self._connected, "127.0.0.1", 0, ssl=self.tls, limit=1 << 24)
        )
        self.port = self._server.sockets[0].getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        if self._thread is not None:
            self._thread.join()

    def die(self) -> None:
        """Close the listener and every connection; for handlers, which run on the server's loop."""
        for listener in self._server.sockets:
            self._loop.remove_reader(listener.fileno())
        # A connection that was accepted a moment ago still has to find its server open.
        self._loop.call_later(0.01, self._server.close)
        for writer in self._writers:
            writer.transport.abort()

    def _serve(self) -> None:
        self._loop.run_forever()
        self._server.close()
        self._loop.run_until_complete(self._close())
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    async def _close(self) -> None:
        for _ in range(5):
            for task in self._tasks:
                task.cancel()
            # Also those that were accepted a moment ago, and are still on the way to a writer of their own.
            others = asyncio.all_tasks() - {asyncio.current_task()}
            if not others:
                break
            await asyncio.wait(others, timeout=1)
        # A task that was cancelled before it had begun has closed nothing.
        for writer in self._writers:
            writer.transport.abort()
        # A transport is let go by its loop, some turns after it was aborted.
        for _ in range(3):
            await asyncio.sleep(0)

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.add(writer)
        task = self._loop.create_task(self._converse(Wire(reader, writer, self.connections)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _converse(self, wire: Wire) -> None:
        try:
            going_on = True
            while going_on:
                request = await _read_request(wire.reader)
                wire.turn += 1
                self.received.append(request)
                going_on = bool(await self.handler(request, wire))
        except (asyncio.IncompleteReadError, asyncio.CancelledError, OSError):
            pass
        finally:
            self._writers.discard(wire.writer)
            wire.writer.close()
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await asyncio.wait_for(wire.writer.wait_closed(), 1)


async def _read_request(reader: asyncio.StreamReader) -> Received:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("utf-8", "surrogateescape")
    first, *lines = head.rstrip("\r\n").split("\r\n")
    method, path, _ = first.split(" ")
    pairs = (line.partition(":") for line in lines)
    headers = tuple((name, value.strip()) for name, _, value in pairs)
    request = Received(method, path, headers, b"")
    if "chunked" in (request.header("transfer-encoding") or ""):
        return Received(method, path, headers, await _read_chunks(reader))
    return Received(
        method, path, headers, await reader.readexactly(int(request.header("content-length") or 0))
    )


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while size := int(await reader.readuntil(b"\r\n"), 16):
        body += (await reader.readexactly(size + 2))[:-2]
    await reader.readuntil(b"\r\n")
    return body
