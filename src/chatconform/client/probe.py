"""The probe: puts a request on the wire and keeps what comes back, byte for byte and timed.

Nothing that a target does raises: whatever ends an exchange early is a typed `Failure`, and what had come
until then is kept. Nothing is repaired or followed either: no cookies, redirects, content decoding, retries
or proxies from the environment, because each of them would hide what the target really sent.
"""

from __future__ import annotations

import ssl
from types import SimpleNamespace
from typing import Self

import aiohttp

from chatconform._version import __version__
from chatconform.client.target import Target
from chatconform.client.transfer import Outgoing, Sent, Transfer
from chatconform.client.trust import trusting
from chatconform.errors import HarnessError

__all__ = ["USER_AGENT", "Outgoing", "Probe", "Sent"]

USER_AGENT = f"chatconform/{__version__}"
_AUTOMATIC = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")

# RFC 9110 5.4 sets no limit on header fields; aiohttp's own of 8 KB would refuse legal answers.
_HEADER_LIMIT = 1 << 18
_HEADERS_LIMIT = 1000


class Probe:
    """Sends requests to one target; an async context manager, as it holds the connections."""

    def __init__(
        self, target: Target, *, tls: ssl.SSLContext | None = None, proxy: str | None = None
    ) -> None:
        self.target = target
        self._tls = tls or (trusting(target.ca_file) if target.ca_file else None)
        self._proxy = proxy or target.proxy
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = self._open()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def send(self, outgoing: Outgoing, *, fresh: bool = False) -> Sent:
        """Send a request and read its answer to the end; `fresh` uses a connection that served nobody."""
        if self._session is None:
            raise HarnessError("a probe sends only inside its `async with` block")
        transfer = Transfer(outgoing, timeout=self.target.timeout)
        if fresh:
            async with self._open() as session:
                await transfer.run(session)
        else:
            await transfer.run(self._session)
        return transfer.sent()

    def _open(self) -> aiohttp.ClientSession:
        # aiohttp sets TCP_NODELAY on every connection.
        connector = aiohttp.TCPConnector(
            limit=self.target.concurrency, ssl=True if self._tls is None else self._tls
        )
        session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": USER_AGENT, "Accept": "*/*"},
            skip_auto_headers=_AUTOMATIC,
            auto_decompress=False,
            proxy=self._proxy,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=self.target.connect_timeout),
            max_line_size=_HEADER_LIMIT,
            max_field_size=_HEADER_LIMIT,
            max_headers=_HEADERS_LIMIT,
            trace_configs=[_tracing()],
        )
        # There is no public switch; a silent second request would be missing from the record.
        session._retry_connection = False  # noqa: SLF001
        return session


def _tracing() -> aiohttp.TraceConfig:
    async def note_reuse(_: object, context: SimpleNamespace, __: object) -> None:
        context.trace_request_ctx.reused = True

    async def note_headers(
        _: object, context: SimpleNamespace, params: aiohttp.TraceRequestHeadersSentParams
    ) -> None:
        context.trace_request_ctx.headers_sent = tuple(params.headers.items())

    config = aiohttp.TraceConfig()
    config.on_connection_reuseconn.append(note_reuse)
    config.on_request_headers_sent.append(note_headers)
    return config
