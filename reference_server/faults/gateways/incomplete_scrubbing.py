"""Scrubbing of personal data that leaves some of it in its place."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from chatconform.reference_server.faults.alterations.forwarding import Message
from chatconform.reference_server.faults.alterations.making import When, chats, scrubbed
from chatconform.reference_server.faults.alterations.paths import is_streamed
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.seams import Alteration

fault = family(Aspect.PROMPT, Aspect.TEXT, Aspect.CALLS)
# From a message as it was scrubbed, and as it was accepted, to what arrives.
Choose = Callable[[Message, Message], Message]
# The place of a message, of how many.
Covers = Callable[[Message, int, int], bool]


def _only_where(covers: Covers) -> Alteration:
    """Only messages in these places are scrubbed."""

    def change(masked: Any, body: Any) -> Any:
        count = len(body["messages"])
        pairs = zip(masked["messages"], body["messages"], strict=True)
        kept = [one if covers(raw, place, count) else raw for place, (one, raw) in enumerate(pairs)]
        return {**masked, "messages": kept}

    return scrubbed(change)


def in_each(choose: Choose, when: When = chats) -> Alteration:
    """Each message becomes what is chosen of its scrubbed form and of its raw one."""

    def change(masked: Any, body: Any) -> Any:
        pairs = zip(masked["messages"], body["messages"], strict=True)
        return {**masked, "messages": [choose(one, raw) for one, raw in pairs]}

    return scrubbed(change, when)


def _member_left(name: str, is_left: Callable[[Any], bool] = bool) -> Alteration:
    """A member of messages is not scrubbed."""
    return in_each(lambda one, raw: {**one, name: raw[name]} if is_left(raw.get(name)) else one)


def _first_part_alone(one: Message, raw: Message) -> Message:
    if not isinstance(raw.get("content"), list):
        return one
    return {**one, "content": [*one["content"][:1], *raw["content"][1:]]}


def _lists_left(one: Message, raw: Message) -> Message:
    """The lists in the arguments of calls are as they were."""
    calls = zip(one.get("tool_calls") or (), raw.get("tool_calls") or (), strict=True)
    told = [
        {**call, "function": {**call["function"], "arguments": _with_lists_of(call, old)}}
        if "function" in call
        else call
        for call, old in calls
    ]
    return {**one, "tool_calls": told} if told else one


def _with_lists_of(call: Any, old: Any) -> str:
    masked, raw = (each["function"]["arguments"] for each in (call, old))
    try:
        lists = {name: value for name, value in json.loads(raw).items() if isinstance(value, list)}
        return json.dumps({**json.loads(masked), **lists})
    except (ValueError, AttributeError):
        # No JSON object: there are no lists in it.
        return str(masked)


def _all(masked: Any, body: Any) -> Any:  # noqa: ARG001 - what was scrubbed is thrown away
    return body


def _raw_beside(masked: Any, body: Any) -> Any:
    if masked["messages"] == body["messages"]:
        return masked
    return {**masked, "messages": [*body["messages"][:-1], *masked["messages"]]}


def _is_last_user(message: Message, place: int, count: int) -> bool:
    return message["role"] == "user" and place >= count - 2


_EVERY, ITEMS = "CC-SAFETY-004", "CC-SAFETY-006"
BOTH = f"{_EVERY} {ITEMS}"
_PLACES: tuple[tuple[str, str, Alteration, str], ...] = (
    (
        "last-message-alone",
        "Only the last message is scrubbed.",
        _only_where(lambda _, place, count: place == count - 1),
        _EVERY,
    ),
    (
        "last-question-alone",
        "Only the latest text of the user is scrubbed.",
        _only_where(_is_last_user),
        _EVERY,
    ),
    (
        "first-message-alone",
        "Only the first message is scrubbed.",
        _only_where(lambda _, place, __: place == 0),
        BOTH,
    ),
    (
        "users-alone",
        "Only messages of users are scrubbed.",
        _only_where(lambda each, *_: each["role"] == "user"),
        _EVERY,
    ),
    (
        "not-system",
        "System messages are not scrubbed.",
        _only_where(lambda each, *_: each["role"] != "system"),
        _EVERY,
    ),
    (
        "not-answers",
        "Texts of the assistant are not scrubbed.",
        _only_where(lambda each, *_: each["role"] != "assistant" or bool(each.get("tool_calls"))),
        _EVERY,
    ),
    (
        "not-results",
        "Tool results are not scrubbed.",
        _only_where(lambda each, *_: each["role"] != "tool"),
        _EVERY,
    ),
    (
        "not-nested-arguments",
        "Arguments of calls are scrubbed, but not the values in lists within them.",
        in_each(_lists_left),
        _EVERY,
    ),
    ("not-arguments", "Arguments of calls are not scrubbed.", _member_left("tool_calls"), _EVERY),
    (
        "not-parts",
        "Content in parts is not scrubbed.",
        _member_left("content", lambda value: isinstance(value, list)),
        BOTH,
    ),
    (
        "parts-alone",
        "Only content in parts is scrubbed.",
        _member_left("content", lambda value: isinstance(value, str)),
        _EVERY,
    ),
    ("first-part-alone", "Of a content in parts the first is scrubbed.", in_each(_first_part_alone), ITEMS),
    (
        "not-streamed",
        "Nothing is scrubbed where a stream is asked for.",
        scrubbed(_all, is_streamed),
        f"{_EVERY}@streamed {ITEMS}@streamed",
    ),
    (
        "raw-beside",
        "What was said before is sent as it came, and scrubbed again beside it.",
        scrubbed(_raw_beside),
        _EVERY,
    ),
)
_DOUBLED = {"CC-SAFETY-005": "messages come twice"}
_SEEN = {
    "last-question-alone": ("openai/openai-guardrails-js#98 (only latest user text selected)",),
    "not-arguments": ("NousResearch/hermes-agent#14624 review (tool_calls arguments skipped)",),
    "raw-beside": ("openai/openai-guardrails-python#110 (earlier raw input re-sent)",),
}

ALL: tuple[Fault, ...] = tuple(
    fault(
        f"scrubbing-{word}",
        told,
        by,
        kills=kills,
        collateral=_DOUBLED if word == "raw-beside" else {},
        seen_in=_SEEN.get(word, ()),
    )
    for word, told, by, kills in _PLACES
)
