"""From documents to the bytes of a body, through the seams of alterations; no input or output."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from functools import reduce
from typing import Any

import orjson

from chatconform.reference_server.events import DONE
from chatconform.reference_server.seams import Alteration, Asked, Bytes, Chunks, Document, Texts

Altered = Sequence[Alteration]
KEEP_ALIVE = (": keep-alive", "")


def plain_text(document: Document, asked: Asked, altered: Altered) -> bytes:
    """The JSON text of a plain answer."""
    changed = reduce(lambda done, each: each.plain(done, asked), altered, document)
    return reduce(lambda text, each: each.written(text), altered, orjson.dumps(changed).decode()).encode()


async def event_stream(
    chunks: Chunks,
    asked: Asked,
    altered: Altered,
    *,
    is_terminated: Callable[[], bool],
    opening: Sequence[str] = KEEP_ALIVE,
) -> Bytes:
    """The bytes of a stream, one piece for each event; `is_terminated` tells at its end if it had [DONE].

    A stream of the reference server that failed has none. `opening` are the lines ahead of the first event
    where no alteration has others.
    """
    yield _start(opening, altered)
    changed = reduce(lambda stream, each: each.chunks(stream, asked), altered, chunks)
    texts = _texts(changed, is_terminated)
    async for text in reduce(lambda stream, each: each.events(stream, asked), altered, texts):
        yield _event(text, altered)
    yield _lines([line for each in altered for line in each.closing()], altered)


async def packets(pieces: Bytes, asked: Asked, altered: Altered) -> Bytes:
    """The pieces of a body as they are handed to the network."""
    async for piece in reduce(lambda stream, each: each.packets(stream, asked), altered, pieces):
        if piece:
            yield piece


async def in_turn(items: Iterable[Any]) -> AsyncIterator[Any]:
    """The items one by one, for what takes them as they come."""
    for item in items:
        yield item


async def _texts(chunks: Chunks, is_terminated: Callable[[], bool]) -> Texts:
    async for chunk in chunks:
        yield orjson.dumps(chunk).decode()
    if is_terminated():
        yield DONE.data.decode()


def _start(usual: Sequence[str], altered: Altered) -> bytes:
    mark = b"".join(each.mark() for each in altered)
    return mark + _lines([line for each in altered for line in each.opening()] or usual, altered)


def _event(text: str, altered: Altered) -> bytes:
    changed = reduce(lambda done, each: each.data(done), altered, text)
    lines = tuple(f"data: {line}" for line in changed.split("\n"))
    lines = reduce(lambda done, each: each.lines(done), altered, lines)
    return _lines([*lines, ""], altered)


def _lines(lines: Sequence[str], altered: Altered) -> bytes:
    end = next(filter(None, (each.line_end() for each in altered)), "\n")
    return "".join(f"{line}{end}" for line in lines).encode()
