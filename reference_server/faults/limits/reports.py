"""Answers that say something wrong of their limit: why they ended, and how many tokens they have."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from chatconform.reference_server.faults.alterations.asked_for import both, given, is_number
from chatconform.reference_server.faults.alterations.making import (
    chats,
    chunk,
    completion,
    each_choice,
    is_completion,
    model_body,
    pieces,
)
from chatconform.reference_server.faults.alterations.paths import PATHS, When
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.faults.limits.ignored import NAMES, NEWER, OLDER, ignoring
from chatconform.reference_server.model import ChatRequest, Finish, FinishReason, Piece
from chatconform.reference_server.seams import Alteration, Asked, Chunks, Document

fault = family(Aspect.FINISH, Aspect.USAGE)
_KILLED_ON = {
    NEWER: {
        "plain": "CC-LIMIT-003@plain",
        "streamed": "CC-LIMIT-003@streamed",
        "after-tool-result": "CC-CONT-008@after-tool-result",
        "later-turn": "CC-CONT-008@later-turn-streamed",
    },
    OLDER: {
        "plain": "CC-LIMIT-003@plain",
        "streamed": "CC-LIMIT-003@streamed",
        "after-tool-result": "CC-CONT-027@after-tool-result",
        "later-turn": "CC-CONT-027@later-turn-streamed",
    },
}
_CUT_JSON = {"CC-FORMAT-007": "JSON that was cut ends with stop"}
_UNCOUNTED = "the text has more words than tokens are counted"
_LATER = "it holds on every turn"


def _ending(change: Callable[[FinishReason], FinishReason], when: When = chats) -> Alteration:
    """Choices end for another reason."""

    def edit(came: Iterator[Piece], request: ChatRequest) -> Iterator[Piece]:  # noqa: ARG001 - the form of a change
        for piece in came:
            yield replace(piece, reason=change(piece.reason)) if isinstance(piece, Finish) else piece

    return pieces(edit, when)


def _never_cut(reason: FinishReason) -> FinishReason:
    return FinishReason.STOP if reason is FinishReason.LENGTH else reason


def _always_cut(reason: FinishReason) -> FinishReason:
    return FinishReason.LENGTH if reason is FinishReason.STOP else reason


def _cuts_denied() -> Iterator[Fault]:
    for name in NAMES:
        for path, when in PATHS.items():
            yield fault(
                f"cut-by-{name.replace('_', '-')}-called-stop-{path}",
                f"What `{name}` cut ends with stop on one path: {path.replace('-', ' ')}.",
                _ending(_never_cut, both(given(name), when)),
                kills=_KILLED_ON[name][path],
                collateral=_CUT_JSON if (name, path) == (NEWER, "plain") else {},
                seen_in=("mudler/LocalAI#3533", "PaddlePaddle/FastDeploy#4543") if name == OLDER else (),
            )


def _others_stop(choice: Any) -> None:
    if choice["index"] and choice["finish_reason"] == "length":
        choice["finish_reason"] = "stop"


class _Counted(Alteration):
    """Usage counts something else: the change is given the usage and the body of the request."""

    def __init__(self, change: Callable[[Any, Any], int], when: When) -> None:
        self._change = change
        self._when = when

    def applies(self, asked: Asked) -> bool:
        return self._when(asked)

    def plain(self, document: Document, asked: Asked) -> Document:
        if is_completion(document):
            self._count(document["usage"], asked)
        return document

    async def chunks(self, chunks: Chunks, asked: Asked) -> Chunks:
        async for each in chunks:
            if each.get("usage"):
                self._count(each["usage"], asked)
            yield each

    def _count(self, usage: Any, asked: Asked) -> None:
        usage["completion_tokens"] = self._change(usage, asked.body)
        usage["total_tokens"] = usage["prompt_tokens"] + usage["completion_tokens"]


def _clipped(usage: Any, body: Any) -> int:
    limits = [body[name] for name in NAMES if is_number(body.get(name))]
    return int(min([usage["completion_tokens"], *(limit * (body.get("n") or 1) for limit in limits)]))


ALL: tuple[Fault, ...] = (
    *_cuts_denied(),
    fault(
        "cut-called-stop",
        "A completion that its limit cut ends with stop.",
        _ending(_never_cut),
        kills="CC-LIMIT-003@plain CC-LIMIT-003@streamed CC-CONT-008 CC-CONT-027",
        collateral=_CUT_JSON,
        seen_in=("llm-d/llm-d-inference-sim#29", "huggingface/transformers#42157"),
    ),
    fault(
        "cut-of-other-choices-called-stop",
        "Of several choices only the first says that its limit cut it.",
        completion(each_choice(_others_stop)),
        chunk(each_choice(_others_stop)),
        kills="CC-LIMIT-003@plain CC-LIMIT-003@streamed",
        collateral={
            "CC-CONT-027": "it holds on every turn",
        },
    ),
    fault(
        "length-whenever-there-is-a-limit",
        "The finish reason is length whenever the request has a limit.",
        *(_ending(_always_cut, given(name)) for name in NAMES),
        kills="CC-LIMIT-008",
        collateral={
            "CC-RESP-007": "a natural end is length",
            "CC-STOP-001": "the end at a stop string is length",
            "CC-STOP-002": "the end at a stop string is length",
            "CC-STOP-008": "the end at a stop string is length",
            "CC-CONT-009": "the end at a stop string is length",
        },
    ),
    fault(
        "completion-tokens-count-the-prompt",
        "`completion_tokens` counts the prompt as well.",
        _Counted(lambda usage, _: int(usage["completion_tokens"] + usage["prompt_tokens"]), chats),
        kills="CC-LIMIT-009 CC-LIMIT-001@plain CC-LIMIT-002@plain",
        collateral={
            "CC-CONT-008": "the count exceeds the limit",
            "CC-CONT-027": "the count exceeds the limit",
            "CC-LIMIT-006": "the count exceeds the limit",
        },
    ),
    *(
        fault(
            f"{name.replace('_', '-')}-ignored-and-the-count-clipped",
            f"`{name}` is ignored, and the usage says what the limit allows.",
            model_body(ignoring(name), given(name)),
            _Counted(_clipped, given(name)),
            kills=f"{own}@plain {own}@streamed",
            collateral=collateral,
            also=(Aspect.PARAMETERS, Aspect.TEXT),
        )
        for name, own, collateral in (
            (NEWER, "CC-LIMIT-001", {"CC-USAGE-012": _UNCOUNTED, "CC-CONT-008": _LATER, **_CUT_JSON}),
            (OLDER, "CC-LIMIT-002", {"CC-USAGE-003": _UNCOUNTED, "CC-CONT-027": _LATER}),
        )
    ),
)
