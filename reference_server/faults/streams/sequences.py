"""Faults in the order of a stream's chunks: left out, doubled, late, early, under another index."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chatconform.reference_server.faults.alterations.chunkwise import (
    Chunk,
    becoming,
    finishing,
    first,
    later,
    like,
    never,
    saying,
    where,
    with_finish,
)
from chatconform.reference_server.faults.alterations.making import chunk, each_choice, setting, stream
from chatconform.reference_server.faults.alterations.paths import asks_plainly
from chatconform.reference_server.faults.fault import Aspect, family
from chatconform.reference_server.seams import Asked, Chunks

fault = family(Aspect.CHUNKS, Aspect.FINISH)


def _and_more_text(each: Chunk) -> Iterator[Chunk]:
    yield each
    yield saying(each, " And so on.")


def _and_a_refusal(each: Chunk) -> Iterator[Chunk]:
    yield each
    choice = {"index": 0, "delta": {"refusal": "I cannot."}, "logprobs": None, "finish_reason": None}
    yield like(each, choices=[choice])


def _and_a_call(each: Chunk) -> Iterator[Chunk]:
    yield each
    function = {"name": "f", "arguments": "{}"}
    call = {"index": 0, "id": "call_late", "type": "function", "function": function}
    choice = {"index": 0, "delta": {"tool_calls": [call]}, "logprobs": None, "finish_reason": None}
    yield like(each, choices=[choice])


def _and_stop(each: Chunk) -> Iterator[Chunk]:
    yield each
    yield finishing(each)


def _later_finish(number: int, each: Chunk) -> bool:
    return later(number, each) and with_finish(number, each)


async def _index_of_the_chunk(chunks: Chunks) -> Chunks:
    number = 0
    async for each in chunks:
        for choice in each.get("choices", ()):
            choice["index"] = number
        number += 1
        yield each


def _two_asked(asked: Asked) -> bool:
    return asked.body.get("n") == 2 and asks_plainly(asked, "n")


def _one_up(choice: Any) -> None:
    choice["index"] += 1


def _other_way_round(choice: Any) -> None:
    choice["index"] = 1 - choice["index"]


_FILTERED = {
    "CC-SAFETY-001": "an answer that a filter ended has another finish reason",
    "CC-SAFETY-002": "an answer that a filter ended has another finish reason",
}
_UNKNOWN_WORD = {**_FILTERED, "CC-RESP-007": "a natural end is not `stop`"}
_CLAIMED = {**_FILTERED, "CC-STREAM-015": "a stream that breaks off has claimed `stop` before"}

ALL = (
    fault(
        "finish-left-out",
        "The chunk with the finish_reason is left out.",
        becoming(with_finish, never, asks_plainly),
        kills="CC-STREAM-011",
        collateral=_FILTERED,
        seen_in="anomalyco/opencode#43882",
    ),
    fault(
        "finish-null",
        "The finish_reason is null to the end.",
        where(with_finish, each_choice(setting(finish_reason=None)), asks_plainly),
        kills="CC-STREAM-011",
        collateral=_FILTERED,
    ),
    fault(
        "finish-twice",
        "The finish_reason comes twice.",
        becoming(with_finish, _and_stop, asks_plainly),
        kills="CC-STREAM-011",
        collateral=_FILTERED,
        seen_in="foundation-model-stack/fms-guardrails-orchestrator#482",
    ),
    fault(
        "finish-on-every-chunk",
        "Every chunk has the finish_reason `stop`.",
        chunk(each_choice(setting(finish_reason="stop")), asks_plainly),
        kills="CC-STREAM-011 CC-STREAM-012",
        collateral=_CLAIMED,
    ),
    fault(
        "finish-early",
        "The finish_reason comes with the first chunk, ahead of the text.",
        where(first, each_choice(setting(finish_reason="stop")), asks_plainly),
        where(_later_finish, each_choice(setting(finish_reason=None)), asks_plainly),
        kills="CC-STREAM-012",
        collateral=_CLAIMED,
    ),
    *(
        fault(
            f"finish-{word}",
            f"The last finish_reason is `{reason}`.",
            where(with_finish, each_choice(setting(finish_reason=reason)), asks_plainly),
            kills="CC-STREAM-010",
            collateral=_UNKNOWN_WORD,
        )
        for word, reason in (("end-turn", "end_turn"), ("eos", "eos"), ("upper-case", "STOP"))
    ),
    fault(
        "text-after-finish",
        "A chunk with text follows the finish chunk.",
        becoming(with_finish, _and_more_text, asks_plainly),
        kills="CC-STREAM-012",
    ),
    fault(
        "refusal-after-finish",
        "A chunk with a refusal follows the finish chunk.",
        becoming(with_finish, _and_a_refusal, asks_plainly),
        kills="CC-STREAM-012",
    ),
    fault(
        "call-after-finish",
        "A chunk with a tool call follows the finish chunk.",
        becoming(with_finish, _and_a_call, when=asks_plainly),
        kills="CC-STREAM-012",
        collateral={
            "CC-TOOLS-004": "a text that ends with stop seems to have a call",
            "CC-TOOLS-016": "a call comes although no tool was offered",
        },
    ),
    fault(
        "index-of-every-choice-0",
        "All choices stream under index 0.",
        chunk(each_choice(setting(index=0)), _two_asked),
        kills="CC-STREAM-022",
        collateral={
            "CC-STREAM-008": "the role of the second choice is a second one of the first",
            "CC-STREAM-011": "the end of the second choice is a second one of the first",
            "CC-STREAM-012": "the text of the second choice follows the end of the first",
        },
        seen_in=("BerriAI/litellm#3276", "BerriAI/litellm#5236", "BerriAI/litellm#15962"),
    ),
    fault(
        "index-from-1",
        "The indices of choices in chunks begin with 1.",
        chunk(each_choice(_one_up), lambda asked: asks_plainly(asked, "n")),
        kills="CC-STREAM-022 CC-STREAM-032",
    ),
    fault(
        "index-197",
        "Chunks have the index 197.",
        chunk(each_choice(setting(index=197)), asks_plainly),
        kills="CC-STREAM-032",
        seen_in="microsoft/foundry-local#144",
    ),
    fault(
        "index-counts-chunks",
        "The index counts the chunks.",
        stream(_index_of_the_chunk, asks_plainly),
        kills="CC-STREAM-032",
        collateral={
            "CC-STREAM-007": "each of the many choices lacks its role",
            "CC-STREAM-011": "each of the many choices lacks its end",
        },
    ),
    fault(
        "second-choice-first",
        "The first chunk of several choices is of the second.",
        chunk(each_choice(_other_way_round), when=_two_asked),
        kills="CC-STREAM-022",
    ),
)
