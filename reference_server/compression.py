"""gzip for clients that ask for it, which never holds an event back."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator
from dataclasses import replace

from chatconform.reference_server.reply import Reply

_GZIP_WINDOW = zlib.MAX_WBITS | 16


def accepts_gzip(accept_encoding: str | None) -> bool:
    """Tell whether a client takes gzip; RFC 9110, 12.5.3: a weight of 0 "means 'not acceptable'"."""
    for item in (accept_encoding or "").split(","):
        coding, _, weight = (part.strip().lower() for part in item.partition(";"))
        if coding in ("gzip", "x-gzip", "*"):
            return weight.replace(" ", "").rstrip("0") not in ("q=", "q=0.")
    return False


def compressed(reply: Reply) -> Reply:
    """Return the response with its body compressed."""
    if not reply.body:
        return reply
    headers = (*reply.headers, ("content-encoding", "gzip"), ("vary", "accept-encoding"))
    if isinstance(reply.body, bytes):
        packer = zlib.compressobj(wbits=_GZIP_WINDOW)
        return replace(reply, headers=headers, body=packer.compress(reply.body) + packer.flush())
    return replace(reply, headers=headers, body=_compressed_frames(reply.body))


async def _compressed_frames(frames: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    packer = zlib.compressobj(wbits=_GZIP_WINDOW)
    async for frame in frames:
        # The sync flush ends on a byte boundary, so the client can read this frame before the next exists.
        yield packer.compress(frame) + packer.flush(zlib.Z_SYNC_FLUSH)
    yield packer.flush()
