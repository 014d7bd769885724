"""Faults in what stands beside the text of an answer: reasoning, the other form, leave to store it."""

from __future__ import annotations

from typing import Any

from chatconform.reference_server.faults.alterations.chunkwise import where, with_text
from chatconform.reference_server.faults.alterations.making import (
    completion,
    each_choice,
    each_message,
    header,
    stream,
)
from chatconform.reference_server.faults.alterations.paths import asks_plainly, is_plain, is_streamed
from chatconform.reference_server.faults.alterations.reach import WHAT_IS_SAID
from chatconform.reference_server.faults.fault import Aspect, family
from chatconform.reference_server.seams import Chunks

fault = family(Aspect.SHAPE)
_THOUGHT = "They want an answer, so I will think of one that is short, and then write it down."
_UNCOUNTED = {
    "CC-USAGE-012": "the tokens of the thought are not counted",
    "CC-SAMPLE-001": "other requests with the temperature 0 have another text",
    "CC-STREAM-034": "the other form has not the thought",
}


def _thinking_aloud(message: Any) -> None:
    if message.get("content"):
        message["reasoning_content"] = _THOUGHT
        message["content"] = f"<think>{_THOUGHT}</think>{message['content']}"


async def _thinking_aloud_first(chunks: Chunks) -> Chunks:
    begun: set[int] = set()
    async for each in chunks:
        for choice in each.get("choices", ()):
            if choice["delta"].get("content") and choice["index"] not in begun:
                begun.add(choice["index"])
                _thinking_aloud(choice["delta"])
        yield each


def _as_delta_too(choice: Any) -> None:
    choice["delta"] = choice["message"]


def _as_message_too(choice: Any) -> None:
    choice["message"] = choice["delta"]


def _uncited(message: Any) -> None:
    place = {"start_index": 0, "end_index": 1, "title": "Rain"}
    message["annotations"] = [{"type": "url_citation", "url_citation": place}]


def _untyped(message: Any) -> None:
    message["annotations"] = [{"url": "https://example.com", "title": "Rain"}]


ALL = (
    fault(
        "reasoning-in-the-text-too",
        "The text of a completion begins with the thought that `reasoning_content` holds as well.",
        completion(each_message(_thinking_aloud), asks_plainly),
        kills="CC-RESP-024",
        collateral=_UNCOUNTED,
        also=WHAT_IS_SAID,
        seen_in="can1357/oh-my-pi#2433",
    ),
    fault(
        "streamed-reasoning-in-the-text-too",
        "The text of a stream begins with the thought that `reasoning_content` holds as well.",
        stream(_thinking_aloud_first, asks_plainly),
        kills="CC-RESP-024",
        collateral=_UNCOUNTED,
        also=WHAT_IS_SAID,
    ),
    fault(
        "completion-with-delta",
        "A choice of a completion has its message as `delta` too.",
        completion(each_choice(_as_delta_too)),
        kills="CC-RESP-022",
    ),
    fault(
        "chunk-with-message",
        "A choice of a chunk has its delta as `message` too.",
        where(with_text, each_choice(_as_message_too)),
        kills="CC-RESP-022",
        also=(Aspect.CHUNKS,),
    ),
    fault(
        "citation-without-address",
        "A url_citation has no `url`.",
        completion(each_message(_uncited)),
        kills="CC-RESP-018",
    ),
    fault(
        "annotation-without-type",
        "An annotation has no `type`.",
        completion(each_message(_untyped)),
        kills="CC-RESP-018",
    ),
    *(
        fault(
            f"{form}-{word}",
            f"Answers to {told} are sent with `Cache-Control: {value}`.",
            header("cache-control", value, when),
            kills="CC-RESP-023",
            also=(Aspect.HEADERS,),
        )
        for form, told, when in (
            ("completion", "plain requests", is_plain),
            ("stream", "streamed requests", is_streamed),
        )
        for word, value in (("stored-for-all", "public, max-age=3600"), ("stays-fresh", "max-age=60"))
    ),
)
