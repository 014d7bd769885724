"""Alterations of a stream below its chunks: the data of its events, and its bytes piece by piece."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from chatconform.reference_server.events import DONE
from chatconform.reference_server.faults.alterations.making import When, chats, events, packets
from chatconform.reference_server.faults.alterations.paths import is_streamed
from chatconform.reference_server.seams import Alteration, Bytes, Texts

TERMINATOR = DONE.data.decode()


def each_piece(change: Callable[[bytes], bytes], when: When = is_streamed) -> Alteration:
    """Each piece of a stream is another one; the comment at its start is one, and each event.

    Nothing is sent for an empty one.
    """

    async def edit(pieces: Bytes) -> Bytes:
        async for piece in pieces:
            yield change(piece)

    return packets(edit, when)


def each_chunk(change: Callable[[str], str | Iterable[str]], when: When = chats) -> Alteration:
    """The JSON text of every chunk, and of an error, becomes the data of another event or of several."""

    async def edit(texts: Texts) -> Texts:
        async for text in texts:
            changed = text if text == TERMINATOR else change(text)
            for each in (changed,) if isinstance(changed, str) else changed:
                yield each

    return events(edit, when)


def after_the_first(data: str) -> Alteration:
    """An event of its own comes after the first one."""

    async def edit(texts: Texts) -> Texts:
        number = 0
        async for text in texts:
            yield text
            if number == 0:
                yield data
            number += 1

    return events(edit)


async def pair_up(texts: Texts) -> Texts:
    """Every two chunks become one event of two lines of data."""
    waiting = ""
    async for text in texts:
        if text != TERMINATOR and not waiting:
            waiting = text
            continue
        if text != TERMINATOR:
            yield f"{waiting}\n{text}"
        else:
            if waiting:
                yield waiting
            yield text
        waiting = ""
    if waiting:
        yield waiting
