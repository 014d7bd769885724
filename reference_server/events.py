"""Server-sent events: the framing of a stream of chunks.

WHATWG HTML, 9.2.6: an event is one or more `data:` lines ended by a blank line; a line that starts with a
colon is ignored, which makes it the keep-alive of choice.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import orjson

from chatconform.reference_server.body import ClientGone
from chatconform.reference_server.interruption import ConnectionCut
from chatconform.reference_server.refusal import Refusal

Document = dict[str, Any]

_log = logging.getLogger(__name__)
KEEP_ALIVE = b": keep-alive\n\n"


@dataclass(frozen=True, slots=True)
class Event:
    """One event: the text of its data, which has no line breaks."""

    data: bytes


DONE = Event(b"[DONE]")


async def events(chunks: AsyncIterator[Document], failure: Refusal) -> AsyncIterator[Event]:
    """Yield an event for each chunk and the terminator.

    Where the chunks end with an exception, the last event is the failure's error object: no finish reason
    and no terminator follow, so that no client takes the answer for complete. Where the connection is to
    break off, there is no last event.
    """
    try:
        async for chunk in chunks:
            yield Event(orjson.dumps(chunk))
    except (ClientGone, ConnectionCut):
        raise
    except Refusal as refusal:
        yield Event(orjson.dumps(refusal.document()))
        return
    except Exception:  # noqa: BLE001 - the status is spent: whatever failed, this is the only way to tell
        _log.exception("a stream failed after its headers were sent: %s", failure.message)
        yield Event(orjson.dumps(failure.document()))
        return
    yield DONE


async def encoded(stream: AsyncIterator[Event]) -> AsyncIterator[bytes]:
    """Yield the bytes of each event, each to be sent on its own."""
    async for event in stream:
        yield b"data: " + event.data + b"\n\n"


async def kept_alive(frames: AsyncIterator[bytes], seconds: float) -> AsyncIterator[bytes]:
    """Yield the frames, and a comment whenever none came for this long; with 0, one comment at the start."""
    if seconds == 0:
        yield KEEP_ALIVE
        async for ready in frames:
            yield ready
        return
    upcoming: asyncio.Future[bytes | None] = asyncio.ensure_future(anext(frames, None))
    try:
        while True:
            done, _ = await asyncio.wait({upcoming}, timeout=seconds)
            if not done:
                yield KEEP_ALIVE
                continue
            frame = upcoming.result()
            if frame is None:
                return
            yield frame
            upcoming = asyncio.ensure_future(anext(frames, None))
    finally:
        upcoming.cancel()
