"""Serves recorded responses on 127.0.0.1, each at a base URL of its own, for clients of other languages."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from types import TracebackType
from typing import Self

from chatconform.oracles.replay import reads, replayed_headers
from chatconform.wire.exchange import Response


class ReplayServer:
    """A server while its context is open: all requests below a base URL get the response that lies there."""

    def __init__(self) -> None:
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._numbers = count(1)
        self._thread = threading.Thread(target=self._server.serve_forever, name="replays", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @contextmanager
    def serving(self, response: Response) -> Iterator[str]:
        """The base URL at which this response is served for as long as the context is open."""
        number = str(next(self._numbers))
        self._server.responses[number] = response
        try:
            yield f"http://127.0.0.1:{self._server.server_port}/{number}/v1"
        finally:
            del self._server.responses[number]


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(address, handler)
        self.responses: dict[str, Response] = {}

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away in the middle is nothing to print."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length") or 0))
        response = self.server.responses.get(self.path.split("/")[1])
        self.close_connection = True
        if response is None:
            self.send_error(410)
            return
        self._head(response)
        for piece in reads(response):
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        if response.complete:
            self.wfile.write(b"0\r\n\r\n")

    def _head(self, response: Response) -> None:
        self.wfile.write(b"HTTP/1.1 %d \r\n" % response.status)
        for name, value in replayed_headers(response):
            self.wfile.write(b"%b: %b\r\n" % (name, b" ".join(value.splitlines())))
        self.wfile.write(b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n")

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the name in http.server
        """Keep silent."""
