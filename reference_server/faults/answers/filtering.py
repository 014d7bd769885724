"""Faults in how a content filter tells what it did."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from chatconform.reference_server.answer import COMPLETION, new_id, now
from chatconform.reference_server.faults.alterations.making import (
    When,
    chats,
    chunk,
    each_choice,
    pieces,
    reply,
    stream,
)
from chatconform.reference_server.faults.alterations.paths import is_plain, is_streamed
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.model import ChatRequest, Finish, FinishReason, Piece
from chatconform.reference_server.refusal import INVALID_REQUEST, error_document
from chatconform.reference_server.seams import Alteration, Asked, Chunks, Response

fault = family(Aspect.FINISH)
_SPOILT = (Aspect.FINISH, Aspect.REFUSALS, Aspect.ERRORS)
_of_prompts = family(*_SPOILT)
_rarely_of_prompts = family(*_SPOILT, thorough=True)

_FILTERED = "content_filter"
_UNEVEN = {"CC-STREAM-011": "each stream has one finish reason"}


def _ending(reason: FinishReason, when: When = chats) -> Alteration:
    """What the filter cut ends with another reason."""

    def change(pieces: Iterator[Piece], _: ChatRequest) -> Iterator[Piece]:
        for piece in pieces:
            cut = isinstance(piece, Finish) and piece.reason is FinishReason.CONTENT_FILTER
            yield replace(piece, reason=reason) if cut and isinstance(piece, Finish) else piece

    return pieces(change, when)


def _unended(choice: Any) -> None:
    if choice.get("finish_reason") == _FILTERED:
        choice["finish_reason"] = None


async def _then_stop(chunks: Chunks) -> Chunks:
    async for each in chunks:
        yield each
        choices = each.get("choices") or ()
        if any(choice.get("finish_reason") == _FILTERED for choice in choices):
            yield {**each, "choices": [{**choice, "finish_reason": "stop"} for choice in choices]}


def _is_blocked(response: Response) -> bool:
    document = response.document
    error = document.get("error") if isinstance(document, dict) else None
    return isinstance(error, dict) and error.get("code") == _FILTERED


def _blocked(change: Callable[[Response, Asked], Response], when: When = chats) -> Alteration:
    """The refusal of a blocked prompt is another response."""
    return reply(lambda response, asked: change(response, asked) if _is_blocked(response) else response, when)


def _as_empty_answer(response: Response, asked: Asked) -> Response:
    message = {"role": "assistant", "content": "", "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    document = {
        "id": new_id(),
        "object": COMPLETION,
        "created": now(),
        "model": asked.body["model"],
        "choices": [choice],
        "usage": {"prompt_tokens": 32, "completion_tokens": 0, "total_tokens": 32},
    }
    return replace(response, status=200, document=document)


def _with(status: int) -> Callable[[Response, Asked], Response]:
    kind = "server_error" if status >= 500 else INVALID_REQUEST
    told = error_document("The prompt cannot be processed.", kind=kind)
    return lambda response, _: replace(response, status=status, document=told)


ALL: tuple[Fault, ...] = (
    fault(
        "filtered-ends-with-stop",
        "A filtered answer ends with `stop`.",
        _ending(FinishReason.STOP),
        kills="CC-SAFETY-001 CC-SAFETY-002",
        seen_in=("NousResearch/hermes-agent#53610", "theopenco/llmgateway#2019"),
    ),
    fault(
        "filtered-ends-with-stop-plain",
        "A filtered answer ends with `stop`, unless it is streamed.",
        _ending(FinishReason.STOP, is_plain),
        kills="CC-SAFETY-001@plain",
    ),
    fault(
        "filtered-ends-with-stop-streamed",
        "A stream that is blocked in its middle ends with `stop`.",
        _ending(FinishReason.STOP, is_streamed),
        kills="CC-SAFETY-001@streamed CC-SAFETY-002",
    ),
    fault(
        "filtered-ends-with-length",
        "A filtered answer ends with `length`, as one that was cut.",
        _ending(FinishReason.LENGTH),
        kills="CC-SAFETY-001 CC-SAFETY-002",
        collateral={"CC-LIMIT-008": "no limit was reached"},
    ),
    fault(
        "filtered-stream-has-no-end",
        "A stream that is blocked in its middle has no finish reason.",
        chunk(each_choice(_unended)),
        kills="CC-SAFETY-002",
        collateral=_UNEVEN,
        also=(Aspect.CHUNKS,),
        seen_in="BerriAI/litellm#27139 (finish stays null)",
    ),
    fault(
        "filtered-stream-then-stop",
        "A stream that is blocked in its middle ends with content_filter, and once more with stop.",
        stream(_then_stop),
        kills="CC-SAFETY-001 CC-SAFETY-002",
        collateral=_UNEVEN,
        also=(Aspect.CHUNKS,),
    ),
    _of_prompts(
        "blocked-prompt-answered-empty",
        "A blocked prompt answers 200 with empty content and `stop`.",
        _blocked(_as_empty_answer),
        kills="CC-SAFETY-003",
        also=(Aspect.TEXT,),
        seen_in="Oaklight/argo-proxy#91",
    ),
    _of_prompts(
        "blocked-prompt-crashes",
        "A blocked prompt answers 500.",
        _blocked(_with(500)),
        kills="CC-SAFETY-003",
        collateral={"CC-ERR-007": "its request is legal"},
    ),
    _rarely_of_prompts(
        "blocked-prompt-crashes-streamed",
        "A blocked prompt answers 500 where a stream is asked for.",
        _blocked(_with(500), is_streamed),
        kills="CC-SAFETY-003",
        collateral={
            "CC-ERR-007": "its request is legal",
            "CC-STREAM-013": "the stream is refused otherwise than the plain request",
        },
    ),
    _of_prompts(
        "blocked-prompt-not-found",
        "A blocked prompt answers 404.",
        _blocked(_with(404)),
        kills="CC-SAFETY-003",
    ),
)
