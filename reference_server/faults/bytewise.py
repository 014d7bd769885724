"""Alterations of the bytes of a stream, piece by piece: the comment at its start, and one piece an event."""

from __future__ import annotations

from collections.abc import Callable

from chatconform.reference_server.faults.making import When, packets
from chatconform.reference_server.faults.paths import is_streamed
from chatconform.reference_server.seams import Alteration, Bytes


def each_piece(change: Callable[[bytes], bytes], when: When = is_streamed) -> Alteration:
    """Each piece of a stream is another one; nothing is sent for an empty one."""

    async def edit(pieces: Bytes) -> Bytes:
        async for piece in pieces:
            yield change(piece)

    return packets(edit, when)
