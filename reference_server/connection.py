"""The client's end of a request, as the code that answers it sees it."""

from __future__ import annotations

import asyncio
from typing import Any

from chatconform.reference_server.body import ClientGone, Receive, read


class Connection:
    """Reads the body, and afterwards knows whether the client is still there."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._gone: asyncio.Task[None] | None = None

    async def body(self, *, declared: str | None, limit: int) -> bytes:
        """Return the request's body; see `body.read`."""
        return await read(self._receive, declared=declared, limit=limit)

    async def pause(self, seconds: float) -> None:
        """Let time pass, or with 0 only let other requests have a turn; the body has been read before.

        Raises:
            ClientGone: The client closed the connection before or meanwhile.
        """
        gone = self._watched()
        if seconds > 0:
            await asyncio.wait({gone}, timeout=seconds)
        else:
            await asyncio.sleep(0)
        if gone.done():
            raise ClientGone

    async def until(self, event: asyncio.Future[Any]) -> None:
        """Wait for an event; the body has been read before.

        Raises:
            ClientGone: The client closed the connection before or meanwhile.
        """
        gone = self._watched()
        await asyncio.wait({gone, event}, return_when=asyncio.FIRST_COMPLETED)
        if gone.done():
            raise ClientGone

    async def drain(self, *, limit: int, seconds: float) -> None:
        """Read and drop what the client still sends, up to a bound.

        A close with unread bytes makes the kernel reset the connection, and the client may lose the response
        that explains it (RFC 9112, 9.6).
        """
        try:
            async with asyncio.timeout(seconds):
                while limit > 0:
                    message = await self._receive()
                    if message["type"] == "http.disconnect" or not message.get("more_body", False):
                        return
                    limit -= len(message.get("body", b""))
        except TimeoutError:
            return

    def close(self) -> None:
        """Stop watching the client."""
        if self._gone is not None:
            self._gone.cancel()

    def _watched(self) -> asyncio.Task[None]:
        if self._gone is None:
            self._gone = asyncio.ensure_future(self._watch())
        return self._gone

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
