"""Faults in the text of answers: missing, ended with the wrong word, with markup."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chatconform.reference_server.faults.alterations.chunkwise import (
    becoming,
    never,
    where,
    with_finish,
    with_text,
)
from chatconform.reference_server.faults.alterations.making import (
    Edit,
    When,
    completion,
    each_choice,
    each_message,
    pieces,
)
from chatconform.reference_server.faults.alterations.paths import asks_plainly, is_plain, is_streamed
from chatconform.reference_server.faults.alterations.reach import WHAT_IS_SAID
from chatconform.reference_server.faults.fault import Aspect, family
from chatconform.reference_server.model import ChatRequest, Finish, Piece, Text

fault = family(*WHAT_IS_SAID)
_SPLIT = (*WHAT_IS_SAID, Aspect.LOGPROBS, Aspect.CALLS)
_NOT_TAKEN_BACK = {"CC-CONT-015": "a message without text is not accepted back"}
_IN_ONE_FORM = {
    "CC-SAMPLE-001": "other requests with the temperature 0 have another text",
    "CC-STREAM-034": "the other form has not the markup",
}
_NOT_CUT = {"CC-LIMIT-008": "no limit cut the answer"}
_NOT_CALLED = {"CC-TOOLS-016": "a call is claimed although no tool was offered"}
_CRAB = "🦀"


def _plainly(when: When) -> When:
    return lambda asked: when(asked) and asks_plainly(asked)


def _without_text(message: Any) -> None:
    if message.get("content"):
        message["content"] = ""


def _null(message: Any) -> None:
    if message.get("content"):
        message["content"] = None


def _thought(message: Any) -> None:
    if message.get("content"):
        message.update(content=None, reasoning_content=message["content"])


def _ended_with(reason: str) -> Edit:
    def edit(choice: Any) -> None:
        if choice["finish_reason"] == "stop":
            choice["finish_reason"] = reason

    return each_choice(edit)


def _ending_in(*marks: str) -> Any:
    def change(written: Iterator[Piece], _: ChatRequest) -> Iterator[Piece]:
        said = False
        for piece in written:
            if isinstance(piece, Finish) and said:
                yield from (Text(text=mark, tokens=()) for mark in marks)
            said = said or isinstance(piece, Text)
            yield piece

    return change


def _beginning_with(mark: str) -> Any:
    def change(written: Iterator[Piece], _: ChatRequest) -> Iterator[Piece]:
        said = False
        for piece in written:
            if isinstance(piece, Text) and not said:
                said = True
                yield Text(text=mark, tokens=())
            yield piece

    return change


_ENDED = _ending_in("<|im_end|>")
_BEGUN = _beginning_with("<|im_start|>assistant\n")
_CALLED = _ending_in("\n<tool", "_call>")


ALL = (
    fault(
        "text-empty",
        "The text of a completion is generated and counted, and an empty string is sent.",
        completion(each_message(_without_text), asks_plainly),
        kills="CC-RESP-016@plain",
    ),
    fault(
        "streamed-text-empty",
        "The chunks with text are left out of a stream.",
        becoming(with_text, never, asks_plainly),
        kills="CC-RESP-016@streamed",
        seen_in="chihebnabil/openai-api-mock#3",
    ),
    fault(
        "text-null",
        "A completion has null in the place of its text.",
        completion(each_message(_null), asks_plainly),
        kills="CC-RESP-021",
        collateral=_NOT_TAKEN_BACK,
    ),
    fault(
        "text-in-reasoning",
        "The text of a completion stands in `reasoning_content`, and `content` is null.",
        completion(each_message(_thought), asks_plainly),
        kills="CC-RESP-021",
        collateral=_NOT_TAKEN_BACK,
    ),
    *(
        fault(
            f"natural-end-as-{reason.replace('_', '-')}",
            f"A natural end of a completion is reported as `{reason}`.",
            completion(_ended_with(reason), asks_plainly),
            kills="CC-RESP-007@plain",
            collateral=_NOT_CUT if reason == "length" else _NOT_CALLED,
            also=(Aspect.FINISH,),
        )
        for reason in ("length", "tool_calls", "function_call")
    ),
    fault(
        "streamed-natural-end-as-length",
        "A natural end of a stream is reported as `length`.",
        where(with_finish, _ended_with("length"), asks_plainly),
        kills="CC-RESP-007@streamed",
        collateral=_NOT_CUT,
        also=(Aspect.FINISH,),
    ),
    *(
        fault(
            f"{form}-text-with-{word}",
            f"The text of a {told} {how}.",
            pieces(change, when),
            kills="CC-RESP-010",
            collateral=_IN_ONE_FORM,
            seen_in=seen_in,
        )
        for form, told, when in (
            ("plain", "completion", _plainly(is_plain)),
            ("streamed", "stream", _plainly(is_streamed)),
        )
        for word, how, change, seen_in in (
            (
                "end-of-turn",
                "keeps its end-of-turn token",
                _ending_in("<|im_end|>"),
                "cheshire-cat-ai/core#211",
            ),
            ("role-marker", "begins with a role marker", _beginning_with("<|im_start|>assistant\n"), ()),
            (
                "tool-markup",
                "ends in the markup of a call",
                _ending_in("\n<tool", "_call>"),
                "vllm-project/vllm#47903",
            ),
        )
    ),
)
