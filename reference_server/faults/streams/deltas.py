"""Faults in how a stream cuts its text: so far, once more, in one piece, with what is no text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator

from chatconform.reference_server.faults.alterations.chunkwise import (
    Chunk,
    becoming,
    saying,
    text_of,
    with_finish,
    with_text,
)
from chatconform.reference_server.faults.alterations.making import stream
from chatconform.reference_server.faults.alterations.paths import asks_for_usage, asks_plainly
from chatconform.reference_server.faults.alterations.reach import WHAT_IS_SAID
from chatconform.reference_server.faults.fault import Aspect, family
from chatconform.reference_server.seams import Alteration, Chunks

fault = family(*WHAT_IS_SAID, Aspect.CHUNKS, Aspect.LOGPROBS)
_AGAIN = {
    "CC-USAGE-003": "of the words that come again no token is counted",
    "CC-USAGE-012": "of the words that come again no token is counted",
    "CC-STREAM-034": "the text comes more than once",
    "CC-LIMIT-001": "the text that comes more than once is longer than its limit",
    "CC-SAMPLE-001": "other requests with the temperature 0 have another text",
}


async def _so_far(chunks: Chunks) -> Chunks:
    texts: dict[int, str] = defaultdict(str)
    async for each in chunks:
        for choice in each.get("choices", ()):
            texts[choice["index"]] += choice["delta"].get("content") or ""
            if choice["delta"].get("content"):
                choice["delta"]["content"] = texts[choice["index"]]
        yield each


def _whole_text(make: Callable[[Chunk, str], Iterator[Chunk]], *, instead: bool) -> Alteration:
    """What is made of the end of a choice, once its whole text is known; the pieces come besides or not."""

    async def change(chunks: Chunks) -> Chunks:
        texts: dict[int, str] = defaultdict(str)
        async for each in chunks:
            if "error" in each or not each["choices"]:
                yield each
                continue
            index = each["choices"][0]["index"]
            texts[index] += text_of(each)
            if with_finish(0, each):
                for other in make(each, texts[index]):
                    yield other
            elif not (instead and with_text(0, each)):
                yield each

    return stream(change, asks_plainly)


def _whole_before(end: Chunk, whole: str) -> Iterator[Chunk]:
    if whole:
        yield saying(end, whole)
    yield end


def _with_message(end: Chunk, whole: str) -> Iterator[Chunk]:
    for choice in end["choices"]:
        choice["message"] = {"role": "assistant", "content": whole}
    yield end


def _ahead(text: str) -> Callable[[Chunk], Iterator[Chunk]]:
    def make(end: Chunk) -> Iterator[Chunk]:
        yield saying(end, text)
        yield end

    return make


ALL = (
    fault(
        "deltas-so-far",
        "Every chunk carries the whole text so far.",
        stream(_so_far, asks_plainly),
        kills="CC-STREAM-009 CC-STREAM-009@streamed",
        collateral=_AGAIN,
        seen_in=("QwenLM/Qwen-Agent non-delta mode", "lidge-jun/opencodex#361"),
    ),
    fault(
        "deltas-so-far-beside-usage",
        "Every chunk carries the whole text so far where usage was asked for.",
        stream(_so_far, lambda asked: asks_for_usage(asked) and asks_plainly(asked)),
        kills="CC-STREAM-009",
        collateral=_AGAIN,
    ),
    fault(
        "whole-text-once-more",
        "Before the finish reason a delta repeats the whole text.",
        _whole_text(_whole_before, instead=False),
        kills="CC-STREAM-009@streamed",
    ),
    fault(
        "text-in-one-chunk",
        "The plain answer is sent as a stream of one chunk.",
        _whole_text(_whole_before, instead=True),
        kills="CC-STREAM-030",
        also=(Aspect.TIME,),
    ),
    fault(
        "message-in-the-last-chunk",
        "The last chunk carries the whole message again.",
        _whole_text(_with_message, instead=False),
        kills="CC-RESP-022",
        seen_in=("abundantbeing/hermes-browser-extension#11", "songquanpeng/one-api#2406"),
    ),
    *(
        fault(
            f"{word}-as-text",
            f"{told} is passed on as content.",
            becoming(with_finish, _ahead(said), asks_plainly),
            kills="CC-STREAM-035",
        )
        for word, told, said in (
            ("done", "The `[DONE]` of the upstream", "[DONE]"),
            ("frame", "A line of data of the upstream", 'data: {"id":"upstream-1","choices":[]}'),
        )
    ),
)
