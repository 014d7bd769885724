"""Gateways that lose messages on their way, double, reorder or merge them, or change who says what."""

from __future__ import annotations

from chatconform.reference_server.faults.alterations.forwarding import (
    OTHER_CONVERSATIONS,
    Message,
    each_message_of,
    is_continued,
    messages,
    text_of,
)
from chatconform.reference_server.faults.alterations.making import Edit, dropping, forwarded, setting
from chatconform.reference_server.faults.alterations.paths import is_streamed
from chatconform.reference_server.faults.fault import Aspect, Fault, family

fault = family(Aspect.PROMPT, Aspect.CALLS, Aspect.TEXT, Aspect.USAGE)
_KILLS = "CC-GATE-001"
_ORDER = ("system", "developer", "user", "assistant", "tool", "function")


def _last_of(found: list[Message], role: str) -> list[Message]:
    return [each for each in found if each["role"] == role][-1:]


def _without(role: str) -> Edit:
    return messages(lambda found: [each for each in found if each["role"] != role] or found)


def _as(role: str, other: str) -> Edit:
    return each_message_of(role, setting(role=other))


def _twice(role: str) -> Edit:
    return messages(
        lambda found: [each for one in found for each in ([one, one] if one["role"] == role else [one])]
    )


def _into_the_first_question(found: list[Message]) -> list[Message]:
    told = "\n".join(text_of(each) for each in found if each["role"] == "system")
    others = [each for each in found if each["role"] != "system"]
    place = next((n for n, each in enumerate(others) if each["role"] == "user"), None)
    if place is None or not told:
        return found
    question = {**others[place], "content": f"{told}\n\n{text_of(others[place])}"}
    return [*others[:place], question, *others[place + 1 :]]


def _results_in_one(found: list[Message]) -> list[Message]:
    merged: list[Message] = []
    for each in found:
        if merged and each["role"] == merged[-1]["role"] == "tool":
            merged[-1] = {**merged[-1], "content": f"{text_of(merged[-1])}\n{text_of(each)}"}
        else:
            merged.append(each)
    return merged


def _results_swapped(found: list[Message]) -> list[Message]:
    results = [each for each in found if each["role"] == "tool"]
    return [results.pop() if each["role"] == "tool" else each for each in found]


def _flattened(found: list[Message]) -> list[Message]:
    """The whole conversation as the text of one question."""
    return [{"role": "user", "content": "\n".join(f"{each['role']}: {text_of(each)}" for each in found)}]


_CHANGES: tuple[tuple[str, str, Edit], ...] = (
    (
        "last-question-alone",
        "Only the last user message is forwarded.",
        messages(lambda found: _last_of(found, "user") or found),
    ),
    ("last-message-alone", "Only the last message is forwarded.", messages(lambda found: found[-1:])),
    (
        "recent-messages-alone",
        "Only the last three messages are forwarded.",
        messages(lambda found: found[-3:]),
    ),
    (
        "conversation-as-one-text",
        "The conversation is forwarded as the text of one user message.",
        messages(_flattened),
    ),
    ("system-lost", "System messages are not forwarded.", _without("system")),
    ("answers-lost", "Earlier answers of the assistant are not forwarded.", _without("assistant")),
    ("results-lost", "Tool results are not forwarded.", _without("tool")),
    (
        "calls-lost",
        "The calls of the assistant are not forwarded with its messages.",
        each_message_of("assistant", dropping("tool_calls")),
    ),
    (
        "system-in-the-question",
        "System messages are merged into the first question.",
        messages(_into_the_first_question),
    ),
    (
        "results-in-one",
        "Tool results that follow each other are merged into the first.",
        messages(_results_in_one),
    ),
    ("results-swapped", "Tool results are forwarded in the reverse order.", messages(_results_swapped)),
    (
        "messages-by-role",
        "Messages are sorted by their roles.",
        messages(lambda found: sorted(found, key=lambda each: _ORDER.index(each["role"]))),
    ),
    (
        "system-last",
        "System messages are forwarded after all others.",
        messages(lambda found: sorted(found, key=lambda each: each["role"] == "system")),
    ),
    ("system-as-user", "System messages are forwarded as user messages.", _as("system", "user")),
    ("result-as-user", "Tool results are forwarded as user messages.", _as("tool", "user")),
    ("system-twice", "The system message is forwarded twice.", _twice("system")),
    ("question-twice", "Each user message is forwarded twice.", _twice("user")),
    ("conversation-twice", "The conversation is forwarded twice.", messages(lambda found: [*found, *found])),
    (
        "question-of-its-own",
        "The gateway adds a question of its own.",
        messages(lambda found: [*found, {"role": "user", "content": "Please answer briefly."}]),
    ),
)
_ON_LATER_TURNS = frozenset({"system-lost", "system-twice"})

ALL: tuple[Fault, ...] = (
    *(
        fault(f"gateway-{word}", told, forwarded(edit), kills=_KILLS, collateral=OTHER_CONVERSATIONS)
        for word, told, edit in _CHANGES
    ),
    *(
        fault(
            f"gateway-{word}-on-later-turns",
            f"{told[:-1]}, once there is an answer.",
            forwarded(edit, is_continued),
            kills="CC-GATE-001@after-tool-result CC-GATE-001@later-turn-streamed",
            collateral=OTHER_CONVERSATIONS,
        )
        for word, told, edit in _CHANGES
        if word in _ON_LATER_TURNS
    ),
    fault(
        "gateway-history-lost-in-streams",
        "Only the last message is forwarded where a stream is asked for.",
        forwarded(messages(lambda found: found[-1:]), is_streamed),
        kills="CC-GATE-001@streamed CC-GATE-001@later-turn-streamed",
        collateral=OTHER_CONVERSATIONS,
    ),
)
