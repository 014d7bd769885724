"""A server of one slot: one generation at a time, the others wait in the order of their coming."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from chatconform.reference_server.connection import Connection
from chatconform.reference_server.parts import Part


class Slot:
    """Lets one generation go on at a time; one whose client has left gives way to the next."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()

    async def hold(self, parts: AsyncIterator[Part], connection: Connection) -> AsyncIterator[Part]:
        """Yield the parts once the slot is free, and free it when they have ended, however they do.

        Raises:
            ClientGone: The client left while it waited, or later.
        """
        acquiring = asyncio.ensure_future(self._lock.acquire())
        try:
            await connection.until(acquiring)
            async for part in parts:
                yield part
        finally:
            if acquiring.done() and not acquiring.cancelled():
                self._lock.release()
            else:
                acquiring.cancel()
