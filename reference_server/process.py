"""Runs the server under uvicorn on a socket of our own, so that its address is known before it serves."""

from __future__ import annotations

import json
import logging
import os
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from chatconform.errors import UsageError

_BACKLOG = 2048
_SHUTDOWN_SECONDS = 1


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 picks a free one.

    Raises:
        UsageError: The port is taken, or the host is not an address of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sets TCP_NODELAY only on sockets that name their protocol; without it the kernel holds small
    # chunks back until the client has acknowledged the one before, some 40 ms each.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            # Lets a restart take over a port whose old connections still wait for their last packets.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except (OSError, OverflowError) as error:
        listener.close()
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise UsageError(
            f"cannot listen on {host} port {port}: {reason}", hint="Choose another with --port."
        ) from error
    listener.setblocking(False)
    return listener


class Server(uvicorn.Server):
    """A uvicorn server that says when it accepts requests."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start as uvicorn does, then say so."""
        await super().startup(sockets)
        if self.started:
            self._ready()


class _Undated(HttpToolsProtocol):
    """For apps that date their responses: what never reaches them is dated by uvicorn as usual."""

    def on_headers_complete(self) -> None:
        """Begin a request as uvicorn does, without headers of its own."""
        super().on_headers_complete()
        self.cycle.default_headers = []


def _was_not_cut(record: logging.LogRecord) -> bool:
    # Our app leaves a response without its end only where it is told to.
    return record.msg != "ASGI callable returned without completing response."


def config(app: Any) -> uvicorn.Config:
    """Return how uvicorn serves an app here: each chunk at once, nothing added, nothing logged twice."""
    logging.getLogger("uvicorn.error").addFilter(_was_not_cut)
    # The plain asyncio loop sends each chunk as a packet of its own at once; uvloop would merge them.
    return uvicorn.Config(
        app,
        http=_Undated if getattr(app, "dates_itself", False) else "httptools",
        interface="asgi3",
        proxy_headers=False,
        loop="asyncio",
        ws="none",
        lifespan="off",
        access_log=False,
        server_header=False,
        log_config=None,
        log_level="warning",
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
    )


def run(
    app: Any,
    listener: socket.socket,
    *,
    ready: Callable[[], None] = lambda: None,
    end_with_stdin: bool = False,
) -> None:
    """Serve until a signal, or with `end_with_stdin` until standard input ends."""
    server = Server(config(app), ready)
    if end_with_stdin:
        threading.Thread(target=_end_with_stdin, args=(server,), daemon=True).start()
    # uvicorn ends in order at a signal, and then raises it again for whoever is above.
    with suppress(KeyboardInterrupt):
        server.run(sockets=[listener])


def announce(listener: socket.socket) -> None:
    """Tell the parent process, in one line of standard output, where we listen."""
    print(json.dumps({"port": listener.getsockname()[1]}), flush=True)  # noqa: T201 - the message itself


def _end_with_stdin(server: uvicorn.Server) -> None:
    # A pipe from the parent ends when the parent does, however it dies; nothing is ever written to it.
    sys.stdin.buffer.read()
    server.should_exit = True
