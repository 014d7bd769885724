"""Stop strings that are searched in the wrong way, and texts that end wrongly where one was found."""

from __future__ import annotations

from collections.abc import Iterator

from chatconform.reference_server.faults.alterations.making import pieces
from chatconform.reference_server.faults.alterations.paths import is_plain, is_streamed
from chatconform.reference_server.faults.alterations.searching import (
    Search,
    anywhere,
    at_the_end,
    in_any_case,
    in_one_token,
    is_one_token,
    searching,
)
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.faults.limits.stops import EVERYWHERE
from chatconform.reference_server.model import (
    ChatRequest,
    Finish,
    FinishReason,
    Piece,
    Text,
    ToolCallArguments,
)

fault = family(Aspect.PARAMETERS, Aspect.TEXT, Aspect.FINISH)
_INCLUDED = "CC-CONT-009@later-turn-streamed CC-STOP-004 CC-STOP-008"


def _cut_arguments(came: Iterator[Piece], request: ChatRequest) -> Iterator[Piece]:
    written, is_over = "", False
    for piece in came:
        if isinstance(piece, ToolCallArguments) and request.stops:
            before, written = len(written), written + piece.fragment
            span = anywhere(written, before, request.stops)
            if not is_over:
                kept = piece.fragment[: span[0] - before] if span else piece.fragment
                yield ToolCallArguments(index=piece.index, fragment=kept)
            is_over = is_over or span is not None
        else:
            yield piece


def _told_beside(came: Iterator[Piece], request: ChatRequest) -> Iterator[Piece]:
    written = ""
    for piece in came:
        if isinstance(piece, ToolCallArguments):
            written += piece.fragment
        if isinstance(piece, Finish) and written and request.stops:
            yield Text(text=f"I look it up with {written}.", tokens=())
        yield piece


def _half_a_character(came: Iterator[Piece], request: ChatRequest) -> Iterator[Piece]:
    """The first token of a character that a stop string begins with is sent before the rest is known."""
    for piece in came:
        stopped = isinstance(piece, Finish) and piece.reason is FinishReason.STOP
        if stopped and any(not each.isascii() for each in request.stops):
            yield Text(text="\ufffd", tokens=())
        yield piece


ALL: tuple[Fault, ...] = (
    fault(
        "stop-string-in-the-answer",
        "The text ends behind the stop string instead of before it.",
        searching(Search(find=anywhere, keep=lambda _, end: end)),
        kills=f"{_INCLUDED} CC-STOP-002@plain CC-STOP-005",
    ),
    fault(
        "stop-string-in-streamed-answers",
        "A stream sends the stop string before it ends.",
        searching(Search(find=anywhere, keep=lambda _, end: end), is_streamed),
        kills=_INCLUDED,
    ),
    fault(
        "stop-token-in-the-answer",
        "Stop strings are compared with whole tokens, and the token that equals one stays in the answer.",
        searching(Search(find=is_one_token, keep=lambda _, end: end)),
        kills="CC-STOP-001@plain CC-STOP-001@streamed CC-STOP-002@after-tool-result",
        collateral={
            "CC-CONT-009": "it holds on every turn",
            "CC-STOP-008": "a wide stop string is no token",
        },
        seen_in="huggingface/text-generation-inference#1724",
    ),
    fault(
        "stop-only-where-a-token-ends",
        "A stop string is only seen where a token ends with it.",
        searching(Search(find=at_the_end)),
        kills="CC-STOP-005",
        collateral={
            "CC-STOP-002": "the one letter does not end a token",
            "CC-STOP-004": "no token ends with two halves of words",
        },
        seen_in="vllm-project/vllm#3572",
    ),
    fault(
        "stop-only-within-a-token",
        "The stop string is looked for in each token by itself.",
        searching(Search(find=in_one_token)),
        kills="CC-STOP-004",
        collateral={
            "CC-STOP-005": "the word has more tokens than one",
        },
        seen_in="huggingface/text-generation-inference#1254",
    ),
    fault(
        "stop-in-the-whole-text-only",
        "The text of a stream is sent before the stop string that it begins is complete.",
        searching(Search(find=anywhere, holds_back=False), is_streamed),
        kills="CC-STOP-004",
        collateral={
            "CC-STOP-009": "the text before the stop string is longer",
        },
        seen_in=("vllm-project/vllm#3574", "SharpAI/SwiftLM#126", "jundot/omlx#2386"),
    ),
    fault(
        "stop-in-any-case",
        "Stop strings are compared without regard to capitals.",
        searching(Search(find=in_any_case)),
        kills="CC-STOP-009@plain",
    ),
    fault(
        "stopped-with-length",
        "A text that a stop string ended has the finish reason length.",
        searching(Search(find=anywhere, reason=FinishReason.LENGTH)),
        kills=f"{EVERYWHERE} CC-STOP-008",
        collateral={
            "CC-LIMIT-008": "few tokens came, and the reason is length",
        },
    ),
    fault(
        "stopped-with-tool-calls",
        "A text that a stop string ended has the finish reason tool_calls.",
        searching(Search(find=anywhere, reason=FinishReason.TOOL_CALLS)),
        kills=EVERYWHERE,
        collateral={
            "CC-TOOLS-016": "a text ends with tool_calls",
            "CC-TOOLS-018": "tool_calls comes without a call",
        },
    ),
    fault(
        "stopped-text-held-back",
        "What a stream holds back while it looks for a stop string is never sent.",
        searching(Search(find=anywhere, keep=lambda start, _: max(0, start - 3)), is_streamed),
        kills="CC-STOP-009@streamed",
        seen_in="vllm-project/vllm#42210",
    ),
    fault(
        "stopped-text-cut-by-the-word",
        "A stop string takes the word before it along.",
        searching(Search(find=anywhere, keep=lambda start, _: max(0, start - 6)), is_plain),
        kills="CC-STOP-009@plain",
    ),
    fault(
        "stop-replaces-the-end-of-the-turn",
        "The user's stop strings replace the engine's, and the text runs on to the limit.",
        searching(Search(find=anywhere, ends=False)),
        kills="CC-STOP-006",
        collateral={
            "CC-LOGPROBS-005": "what is written again has no tokens",
        },
        seen_in="ollama/ollama#4524",
    ),
    fault(
        "stop-cuts-arguments",
        "Arguments of a call are cut at the stop string and reported as complete.",
        pieces(_cut_arguments),
        kills="CC-STOP-007",
        collateral={
            "CC-TOOLS-002": "the arguments are no JSON",
            "CC-TOOLS-009": "the fragments are no JSON",
        },
        also=(Aspect.CALLS,),
    ),
    fault(
        "stop-unheeded-beside-a-call",
        "Beside a call the model tells what it looks up, and does not stop there.",
        pieces(_told_beside),
        kills="CC-STOP-007",
    ),
    fault(
        "wide-stop-leaves-half-a-character",
        "The first token of a wide stop string is sent before the rest is known.",
        pieces(_half_a_character),
        kills="CC-STOP-008",
        collateral={
            "CC-LOGPROBS-005": "half a character is no token",
            "CC-STREAM-019": "a character is split",
        },
    ),
)
