"""Gateways that keep conversations themselves, and rewrite the history of those that go on."""

from __future__ import annotations

import secrets
from typing import Any

from chatconform.reference_server.faults.alterations.asks import FORMS, both
from chatconform.reference_server.faults.alterations.forwarding import Message, is_continued, messages
from chatconform.reference_server.faults.alterations.making import Edit, edited, forwarded
from chatconform.reference_server.faults.fault import Aspect, Fault, family

fault = family(Aspect.PROMPT, Aspect.CALLS, Aspect.TEXT, Aspect.USAGE)
_KILLS = "CC-GATE-002"
_SEEN_TOO = {
    "CC-GATE-001": "it is seen of any conversation that has a history",
    "CC-SAFETY-005": "the conversation that is masked has a history",
}


def _instructed(text: str) -> Message:
    return {"role": "system", "content": text}


def _question_stored(found: list[Message]) -> list[Message]:
    last = max((n for n, each in enumerate(found) if each["role"] == "user"), default=None)
    return found if last is None else [*found[: last + 1], *found[last:]]


def _summed_up(found: list[Message]) -> list[Message]:
    *earlier, last = found
    return [_instructed(f"Summary of {len(earlier)} earlier messages."), last]


def _own_message_lost(found: list[Message]) -> list[Message]:
    last = max((n for n, each in enumerate(found) if each["role"] == "assistant"), default=len(found))
    return [*found[:last], *found[last + 1 :]]


def _round_as_text(found: list[Message]) -> list[Message]:
    told: list[Message] = []
    for each in found:
        if each["role"] == "tool":
            told.append({"role": "assistant", "content": f"The tool says: {each['content']}"})
        elif not each.get("tool_calls"):
            told.append(each)
    return told


def _last_call_alone(message: Any) -> None:
    if message.get("tool_calls"):
        message["content"] = message.get("content") or "I call a tool."


def _from_the_last_question(found: list[Message]) -> list[Message]:
    last = max((n for n, each in enumerate(found) if each["role"] == "user"), default=0)
    return found[last:]


def _each(change: Edit) -> Edit:
    return messages(lambda found: [edited(each, change) for each in found])


def _numbered(found: list[Message]) -> list[Message]:
    return [_instructed(f"Session {secrets.token_hex(4)}."), *found]


def _noted_at_first(found: list[Message]) -> list[Message]:
    is_new = all(each["role"] != "assistant" for each in found)
    return [_instructed("A new guest arrives."), *found] if is_new else found


_REWRITTEN: tuple[tuple[str, str, Edit], ...] = (
    (
        "question-stored",
        "On a continuation the gateway adds the user's message, which it had stored.",
        messages(_question_stored),
    ),
    (
        "history-stored",
        "On a continuation the gateway adds the history that it had stored to the one that came.",
        messages(lambda found: [*found[:-1], *found]),
    ),
    (
        "history-summed-up",
        "On a continuation the messages before the last are summed up.",
        messages(_summed_up),
    ),
    (
        "history-from-the-last-question",
        "On a continuation what stands before the last question is left out.",
        messages(_from_the_last_question),
    ),
    ("own-answer-lost", "On a continuation the last answer is left out.", messages(_own_message_lost)),
    ("round-as-text", "On a continuation calls and results are told as text.", messages(_round_as_text)),
    ("calls-get-a-text", "On a continuation a text is put beside the calls.", _each(_last_call_alone)),
)

ALL: tuple[Fault, ...] = (
    *(
        fault(
            f"gateway-{word}",
            told,
            forwarded(edit, is_continued),
            kills=_KILLS,
            collateral=_SEEN_TOO,
        )
        for word, told, edit in _REWRITTEN
    ),
    *(
        fault(
            f"gateway-history-stored-{form}",
            f"On a continuation the gateway adds what it had stored, where the answer is {form}.",
            forwarded(
                messages(lambda found: [*found[:-1], *found]),
                both(is_continued, when),
            ),
            kills=f"CC-GATE-002@{form}",
            collateral=_SEEN_TOO,
        )
        for form, when in FORMS.items()
    ),
    fault(
        "gateway-instructions-change",
        "The instructions that the gateway adds have another number in each request.",
        forwarded(messages(_numbered)),
        kills=_KILLS,
        collateral={
            "CC-CONT-019": "a retry has another number as well",
            "CC-USAGE-011": "another number may have as many letters, and more tokens",
        },
    ),
    fault(
        "gateway-instructions-forgotten",
        "The instructions that the gateway adds to a first turn are gone from the next one.",
        forwarded(messages(_noted_at_first)),
        kills=_KILLS,
    ),
)
