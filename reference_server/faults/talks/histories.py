"""Faults in which the server fails at a conversation that is unusual and legal, or refuses it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chatconform.reference_server.faults.alterations.conversing import (
    Message,
    Messages,
    of_role,
    sent_messages,
)
from chatconform.reference_server.faults.alterations.making import crash, refusal, stream
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.refusal import Refusal, invalid
from chatconform.reference_server.seams import Asked, Chunks

fault = family(Aspect.REFUSALS, Aspect.ERRORS, Aspect.PROMPT)

_RESULT = of_role("tool")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Oddity:
    """Something in a conversation that servers fail at.

    Attributes:
        told: What it is, as the subject of a sentence.
        refused: Whether a refusal is a defect as well.
    """

    told: str
    found: Callable[[Asked], bool]
    kills: str
    refused: bool = True
    seen_in: tuple[str, ...] = ()


def _any(which: Callable[[Message], bool]) -> Callable[[Asked], bool]:
    return lambda asked: asked.is_chat and any(map(which, sent_messages(asked)))


def _arguments(is_odd: Callable[[str], bool]) -> Callable[[Asked], bool]:
    def odd(message: Message) -> bool:
        made = message.get("tool_calls") or ()
        texts = [call["function"]["arguments"] for call in made if isinstance(call.get("function"), dict)]
        return any(isinstance(text, str) and is_odd(text) for text in texts)

    return _any(odd)


def _is_no_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return True
    return False


def _is_no_object(text: str) -> bool:
    return not _is_no_json(text) and not isinstance(json.loads(text), dict)


def _in_parts(message: Message) -> bool:
    return _RESULT(message) and isinstance(message.get("content"), list)


def _declines_in_parts(message: Message) -> bool:
    content = message.get("content")
    parts = content if isinstance(content, list) else []
    return any(isinstance(part, dict) and part.get("type") == "refusal" for part in parts)


def _lacks_tools(asked: Asked) -> bool:
    return not asked.body.get("tools") and any(map(_RESULT, sent_messages(asked)))


def _called_before(given: Messages) -> Iterator[tuple[Message, set[Any]]]:
    """Each message with the ids of the calls that are still to be answered."""
    open_calls: set[Any] = set()
    for message in given:
        yield message, open_calls
        if _RESULT(message):
            open_calls = open_calls - {message.get("tool_call_id")}
        else:
            open_calls = {call.get("id") for call in message.get("tool_calls") or ()}


def _has_orphan(asked: Asked) -> bool:
    given = _called_before(sent_messages(asked)) if asked.is_chat else ()
    return any(_RESULT(message) and message.get("tool_call_id") not in waiting for message, waiting in given)


def _has_unanswered(asked: Asked) -> bool:
    given = _called_before(sent_messages(asked)) if asked.is_chat else ()
    return any(waiting and not _RESULT(message) for message, waiting in given)


_ODDITIES: Mapping[str, _Oddity] = {
    "arguments-no-json": _Oddity(
        told="An earlier call whose arguments are not JSON",
        found=_arguments(_is_no_json),
        kills="CC-CONT-011",
        refused=False,
        seen_in=("noonghunna/club-3090#1195 (llama.cpp: func_args_not_string)",),
    ),
    "arguments-no-object": _Oddity(
        told="An earlier call whose arguments are JSON and no object",
        found=_arguments(_is_no_object),
        kills="CC-CONT-011",
        refused=False,
    ),
    "arguments-empty": _Oddity(
        told="An earlier call whose arguments are empty",
        found=_arguments(lambda text: not text),
        kills="CC-CONT-011",
        refused=False,
    ),
    "orphan-result": _Oddity(
        told="A tool message that answers no call",
        found=_has_orphan,
        kills="CC-CONT-012",
        refused=False,
    ),
    "unanswered-call": _Oddity(
        told="A call that no tool message answers",
        found=_has_unanswered,
        kills="CC-CONT-013",
        refused=False,
    ),
    "tool-parts": _Oddity(
        told="Tool content that is an array",
        found=_any(_in_parts),
        kills="CC-CONT-014",
        seen_in=("Neroued/ninfer#57 (400 on parts)", "empower-ai/empower-functions#5"),
    ),
    "history-without-tools": _Oddity(
        told="A history with tool messages where the request has no tools",
        found=_lacks_tools,
        kills="CC-CONT-016",
        seen_in=("Shishir435/ollama-client#127",),
    ),
    "refusal-field": _Oddity(
        told="An earlier refusal in the field refusal",
        found=_any(lambda message: bool(message.get("refusal"))),
        kills="CC-CONT-048",
    ),
    "refusal-part": _Oddity(
        told="A content part of the type refusal",
        found=_any(_declines_in_parts),
        kills="CC-CONT-048",
    ),
    "empty-result": _Oddity(
        told="A tool result that is empty",
        found=_any(lambda message: _RESULT(message) and message.get("content") == ""),
        kills="CC-CONT-050",
        seen_in=("empower-ai/empower-functions#5 (500 unless the content is JSON)",),
    ),
    "named-result": _Oddity(
        told="A tool result that bears a name",
        found=_any(lambda message: _RESULT(message) and "name" in message),
        kills="CC-CONT-052",
    ),
}


def _crashed() -> Iterator[Fault]:
    for name, odd in _ODDITIES.items():
        yield fault(
            f"{name}-crashes",
            f"{odd.told} answers 500.",
            crash(odd.found),
            kills=odd.kills,
            collateral={"CC-ERR-007": "its requests are legal"} if odd.kills != "CC-CONT-011" else None,
            seen_in=odd.seen_in,
        )


def _with(status: int) -> Callable[[Asked], Refusal]:
    return lambda _: Refusal(status, "The conversation is not valid.")


def _refused() -> Iterator[Fault]:
    """What ought to be accepted is refused; what may be refused is refused with a status of another kind."""
    for name, odd in _ODDITIES.items():
        status = 400 if odd.refused else 404
        yield fault(
            f"{name}-refused" if odd.refused else f"{name}-not-found",
            f"{odd.told} is refused with {status}.",
            refusal(_with(status), odd.found),
            kills=odd.kills,
        )


async def _failing(chunks: Chunks) -> AsyncIterator[dict[str, Any]]:
    """The head of a stream goes out, and then the server fails."""
    async for chunk in chunks:
        yield chunk
        break
    yield invalid("The conversation is not valid.", param="messages").document()


ALL: tuple[Fault, ...] = (
    *_crashed(),
    *_refused(),
    fault(
        "tool-parts-fail-in-mid-stream",
        "Tool content that is an array is refused after the stream has begun.",
        stream(_failing, _ODDITIES["tool-parts"].found),
        kills="CC-CONT-014@streamed",
        also=(Aspect.CHUNKS, Aspect.FINISH),
    ),
)
