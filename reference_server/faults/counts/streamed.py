"""Faults in where the usage of a stream stands: its own chunk, other chunks, and streams that want none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chatconform.reference_server.faults.alterations.chunkwise import (
    Chunk,
    becoming,
    every,
    like,
    never,
    twice,
    where,
    with_text,
    with_usage,
    without_usage,
)
from chatconform.reference_server.faults.alterations.making import request_body, stream
from chatconform.reference_server.faults.alterations.paths import asks_for_usage, asks_plainly, is_streamed
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.seams import Asked, Chunks

fault = family(Aspect.USAGE)


def _wants_none(asked: Asked) -> bool:
    return is_streamed(asked) and not asks_for_usage(asked)


def _empty(each: Chunk) -> None:
    each["usage"] = {}


def _of_one_token(each: Chunk) -> None:
    # As a server that counts each chunk by itself, and forgets what it counted before.
    each["usage"] = {"prompt_tokens": 0, "completion_tokens": 1, "total_tokens": 1}


def _with_a_choice(each: Chunk) -> None:
    each["choices"] = [{"index": 0, "delta": {}, "logprobs": None, "finish_reason": None}]


def _and_another(each: Chunk) -> Iterator[Chunk]:
    yield each
    yield like(each, choices=[])


async def _on_the_finish_chunk(chunks: Chunks) -> Chunks:
    held: Chunk | None = None
    async for each in chunks:
        if held is not None and with_usage(0, each):
            held["usage"] = each["usage"]
            yield held
            held = None
            continue
        if held is not None:
            yield held
        held = each
    if held is not None:
        yield held


async def _before_the_finish_chunk(chunks: Chunks) -> Chunks:
    held: Chunk | None = None
    async for each in chunks:
        if held is not None and with_usage(0, each):
            yield each
            continue
        if held is not None:
            yield held
        held = each
    if held is not None:
        yield held


def _asking(body: Any) -> None:
    body["stream_options"] = {"include_usage": True}


async def _unless_cut(chunks: Chunks) -> Chunks:
    cut = False
    async for each in chunks:
        if "error" not in each:
            cut = cut or any(choice["finish_reason"] == "length" for choice in each["choices"])
        if not cut or "error" in each or not with_usage(0, each):
            yield each


async def _empty_choices_first(chunks: Chunks) -> Chunks:
    begun = False
    async for each in chunks:
        if not begun and "error" not in each:
            begun = True
            yield like(each, choices=[])
        yield each


ALL: tuple[Fault, ...] = (
    fault(
        "usage-chunk-left-out",
        "No chunk carries the usage that was asked for.",
        becoming(with_usage, never),
        kills="CC-USAGE-004 CC-USAGE-004@streamed",
    ),
    fault(
        "usage-chunk-left-out-after-a-cut",
        "No chunk carries the usage that was asked for where a limit cut the answer.",
        stream(_unless_cut),
        kills="CC-USAGE-004",
    ),
    fault(
        "usage-on-the-finish-chunk",
        "Usage is sent on the finish chunk instead of an extra one.",
        stream(_on_the_finish_chunk),
        kills="CC-USAGE-004",
        seen_in="rashidrazak/opencode-cmd-provider#213",
    ),
    fault(
        "usage-before-the-finish-chunk",
        "The chunk with the usage comes before the finish chunk.",
        stream(_before_the_finish_chunk),
        kills="CC-USAGE-004",
    ),
    fault(
        "usage-chunk-twice",
        "The chunk with the usage comes twice.",
        becoming(with_usage, twice),
        kills="CC-USAGE-004",
    ),
    fault(
        "usage-chunk-with-a-choice",
        "The chunk with the usage has an empty choice.",
        where(with_usage, _with_a_choice),
        kills="CC-USAGE-004",
    ),
    fault(
        "chunk-after-usage",
        "A chunk without choices and without usage follows that with the usage.",
        becoming(with_usage, _and_another),
        kills="CC-USAGE-004",
    ),
    fault(
        "usage-empty",
        "The chunk of the token counts has an empty object as its usage.",
        where(with_usage, _empty),
        kills="CC-USAGE-004",
        collateral={"CC-STREAM-024": "the object lacks its counts"},
    ),
    fault(
        "usage-empty-on-other-chunks",
        "Content chunks carry `usage: {}`.",
        where(without_usage, _empty, asks_for_usage),
        kills="CC-USAGE-005",
        collateral={"CC-STREAM-024": "the object lacks its counts"},
        seen_in=("BerriAI/litellm#9657", "BerriAI/litellm#1571"),
    ),
    fault(
        "usage-on-some-chunks",
        "The chunks with text carry counts, and the others none.",
        where(with_text, _of_one_token, asks_for_usage),
        kills="CC-USAGE-005",
    ),
    fault(
        "usage-of-the-last-chunk-alone",
        "Every chunk carries the counts of itself alone, the last one as well.",
        where(every, _of_one_token, lambda asked: asks_for_usage(asked) and asks_plainly(asked)),
        kills="CC-USAGE-012",
        collateral={
            "CC-USAGE-003": "of several choices one token is counted",
            "CC-USAGE-007": "the prompt is counted by a chunk that is not the last",
            "CC-USAGE-011": "the prompt is counted by a chunk that is not the last",
        },
        seen_in="vllm-project/vllm#8625",
    ),
    fault(
        "usage-unasked",
        "A chunk with usage is sent although nobody asked for it.",
        request_body(_asking, _wants_none),
        kills="CC-USAGE-006",
        seen_in=("raullenchai/Rapid-MLX#792", "nguyenphutrong/quotio#460", "volcano-sh/kthena#202"),
    ),
    fault(
        "usage-unasked-at-the-end",
        "The finish chunk carries usage although nobody asked for it.",
        request_body(_asking, _wants_none),
        stream(_on_the_finish_chunk, _wants_none),
        kills="CC-USAGE-006",
    ),
    fault(
        "empty-choices-unasked",
        "A chunk without choices comes although nobody asked for usage.",
        stream(_empty_choices_first, _wants_none),
        kills="CC-USAGE-006",
    ),
)
