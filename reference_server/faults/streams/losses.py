"""Faults that lose pieces of a streamed text, double them, or change their order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from chatconform.reference_server.faults.alterations.chunkwise import (
    Chunk,
    becoming,
    twice,
    where,
    with_finish,
    with_text,
)
from chatconform.reference_server.faults.alterations.making import each_message, stream
from chatconform.reference_server.faults.alterations.paths import asks_plainly
from chatconform.reference_server.faults.alterations.reach import WHAT_IS_SAID
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.seams import Alteration, Chunks

fault = family(*WHAT_IS_SAID, Aspect.CHUNKS, Aspect.LOGPROBS)
_ANOTHER_TEXT = {"CC-SAMPLE-001": "other requests with the temperature 0 have another text"}


def _stripped(delta: Any) -> None:
    if delta.get("content"):
        delta["content"] = delta["content"].strip()


def _of_text(change: Callable[[int, Chunk], Iterator[Chunk]]) -> Alteration:
    """The chunks with text, by their number among themselves, become others."""

    async def edit(chunks: Chunks) -> Chunks:
        number = 0
        async for each in chunks:
            if "error" in each or not with_text(0, each):
                yield each
                continue
            for other in change(number, each):
                yield other
            number += 1

    return stream(edit, asks_plainly)


def _lost(wanted: Callable[[int], bool]) -> Alteration:
    def change(number: int, each: Chunk) -> Iterator[Chunk]:
        if not wanted(number):
            yield each

    return _of_text(change)


async def _last_lost(chunks: Chunks) -> Chunks:
    held: Chunk | None = None
    async for each in chunks:
        if "error" not in each and with_text(0, each):
            if held is not None:
                yield held
            held = each
            continue
        if "error" not in each and with_finish(0, each):
            held = None
        if held is not None:
            yield held
            held = None
        yield each


async def _neighbours_swapped(chunks: Chunks) -> Chunks:
    held: Chunk | None = None
    async for each in chunks:
        if "error" in each or not with_text(0, each):
            if held is not None:
                yield held
            held = None
            yield each
        elif held is None:
            held = each
        else:
            yield each
            yield held
            held = None


ALL: tuple[Fault, ...] = (
    fault(
        "deltas-stripped",
        "Each delta is stripped of its white space.",
        where(with_text, each_message(_stripped), asks_plainly),
        kills="CC-STREAM-034",
        collateral=_ANOTHER_TEXT,
        seen_in=("deepjavalibrary/djl-serving#1272", "llm-d/llm-d-inference-sim#30"),
    ),
    fault(
        "first-delta-lost",
        "The first piece of a streamed text is lost.",
        _lost(lambda number: number == 0),
        kills="CC-STREAM-034",
        collateral=_ANOTHER_TEXT,
    ),
    fault(
        "delta-lost",
        "A piece in the middle of a streamed text is lost.",
        _lost(lambda number: number == 5),
        kills="CC-STREAM-034",
        collateral=_ANOTHER_TEXT,
    ),
    fault(
        "every-seventh-delta-lost",
        "One piece in seven of a streamed text is lost.",
        _lost(lambda number: number % 7 == 3),
        kills="CC-STREAM-034",
        collateral=_ANOTHER_TEXT,
    ),
    fault(
        "last-delta-lost",
        "The last piece of a streamed text is lost.",
        stream(_last_lost, asks_plainly),
        kills="CC-STREAM-034",
        collateral=_ANOTHER_TEXT,
    ),
    fault(
        "deltas-doubled",
        "Every piece of a streamed text comes twice.",
        becoming(with_text, twice, asks_plainly),
        kills="CC-STREAM-034",
        collateral=_ANOTHER_TEXT,
    ),
    fault(
        "deltas-out-of-order",
        "Pieces of a streamed text come before their neighbours.",
        stream(_neighbours_swapped, asks_plainly),
        kills="CC-STREAM-034",
        collateral=_ANOTHER_TEXT,
    ),
)
