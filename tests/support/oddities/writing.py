"""From documents to the bytes of a body, through the seams of several oddities; no input or output."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from functools import reduce
from typing import Any

import orjson

from chatconform.tests.support.oddities.oddity import Asked, Chunks, Document, Oddity, Pieces
from chatconform.wire.stream import DONE

Oddities = Sequence[Oddity]


def plain_text(document: Document, asked: Asked, oddities: Oddities) -> bytes:
    """The JSON text of a plain answer."""
    odd = reduce(lambda done, oddity: oddity.plain(done, asked), oddities, document)
    return reduce(lambda text, oddity: oddity.written(text), oddities, orjson.dumps(odd).decode()).encode()


async def event_stream(
    chunks: Chunks, asked: Asked, oddities: Oddities, *, is_terminated: Callable[[], bool]
) -> Pieces:
    """The bytes of a stream, one piece for each event; `is_terminated` tells at its end if it had [DONE].

    A stream of the reference server that failed has none.
    """
    yield _start(oddities)
    async for chunk in reduce(lambda stream, oddity: oddity.chunks(stream, asked), oddities, chunks):
        yield _event(orjson.dumps(chunk).decode(), oddities)
    if is_terminated():
        yield _event(DONE, oddities)
    yield _lines([line for oddity in oddities for line in oddity.closing()], oddities)


async def packets(pieces: Pieces, oddities: Oddities) -> Pieces:
    """The pieces of a body as they are handed to the network."""
    async for piece in reduce(lambda stream, oddity: oddity.packets(stream), oddities, pieces):
        if piece:
            yield piece


async def each(items: Iterable[Any]) -> AsyncIterator[Any]:
    """The items one by one, for what takes them as they come."""
    for item in items:
        yield item


def _start(oddities: Oddities) -> bytes:
    mark = b"".join(oddity.mark() for oddity in oddities)
    return mark + _lines([line for oddity in oddities for line in oddity.opening()], oddities)


def _event(text: str, oddities: Oddities) -> bytes:
    odd = reduce(lambda done, oddity: oddity.data(done), oddities, text)
    lines = tuple(f"data: {line}" for line in odd.split("\n"))
    lines = reduce(lambda done, oddity: oddity.lines(done), oddities, lines)
    return _lines([*lines, ""], oddities)


def _lines(lines: Sequence[str], oddities: Oddities) -> bytes:
    end = next(filter(None, (oddity.line_end() for oddity in oddities)), "\n")
    return "".join(f"{line}{end}" for line in lines).encode()
