"""Scrubbing of personal data that masks, or loses, what belongs to the protocol."""

from __future__ import annotations

import re
from typing import Any

from chatconform.reference_server.faults.alterations.forwarding import (
    Message,
    each_call_of,
    each_function_called,
    each_message_of,
    messages,
)
from chatconform.reference_server.faults.alterations.making import Edit, edited, scrubbed
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.seams import Alteration

fault = family(Aspect.PROMPT, Aspect.TEXT, Aspect.CALLS)
_KILLS = "CC-SAFETY-005"
_WORDS = re.compile(r"[A-Za-z]+(?:_[A-Za-z0-9]+)+")


def _then(edit: Edit) -> Alteration:
    """Whatever is scrubbed is changed further."""

    def change(masked: Any, body: Any) -> Any:
        # Without personal data there is nothing to scrub, and nothing to break.
        return masked if masked["messages"] == body["messages"] else edited(masked, edit)

    return scrubbed(change)


def _masked(text: str) -> str:
    return _WORDS.sub("[name]", text)


def _masked_id(holder: Any, name: str) -> None:
    holder[name] = _masked(holder[name])


def _at_arguments(old: str, new: str) -> Edit:
    def edit(function: Any) -> None:
        function["arguments"] = re.sub(old, new, function["arguments"])

    return each_function_called(edit)


def _swapped(found: list[Message]) -> list[Message]:
    return [*found[:-2], *reversed(found[-2:])]


def _parallel(found: list[Message]) -> list[Message]:
    """Texts are scrubbed apart from calls, and come behind them."""
    return sorted(found, key=lambda each: each["role"] not in ("system", "user"))


_CHANGES: tuple[tuple[str, str, Edit], ...] = (
    (
        "masks-result-ids",
        "Scrubbing replaces inside tool_call_id.",
        each_message_of("tool", lambda each: _masked_id(each, "tool_call_id")),
    ),
    (
        "masks-call-ids",
        "Scrubbing replaces inside the ids of calls.",
        each_call_of(lambda call: _masked_id(call, "id")),
    ),
    (
        "masks-names",
        "Scrubbing replaces inside the names of called tools.",
        each_function_called(lambda function: _masked_id(function, "name")),
    ),
    ("masks-keys", "Scrubbing replaces the names of arguments.", _at_arguments(r'"\w+":', '"[name]":')),
    (
        "breaks-json",
        "A mask takes the quotes of the text that it stands in.",
        _at_arguments(r'"[^"]*\[(email|phone|card)\][^"]*"', r"[\1]"),
    ),
    ("empties-arguments", "Arguments with personal data are emptied.", _at_arguments(r"\A.*\Z", "{}")),
    (
        "arguments-as-text",
        "Arguments with personal data become one masked text.",
        _at_arguments(r"\A.*\Z", '"[masked]"'),
    ),
    ("shortens-lists", "Lists in arguments lose their values.", _at_arguments(r"\[[^\]]*\]", "[]")),
    (
        "loses-calls",
        "Calls with personal data are left out.",
        each_message_of("assistant", lambda each: each.pop("tool_calls", None) and None),
    ),
    (
        "doubles-calls",
        "Calls with personal data come twice.",
        each_message_of(
            "assistant",
            lambda each: each.update(tool_calls=each["tool_calls"] * 2) if each.get("tool_calls") else None,
        ),
    ),
    (
        "loses-messages",
        "Messages with a mask are left out.",
        messages(lambda found: [each for each in found if "[" not in str(each.get("content"))] or found[-1:]),
    ),
    ("reorders", "The last messages change their places.", messages(_swapped)),
    ("sorts", "Texts of users come before all other messages.", messages(_parallel)),
    (
        "changes-roles",
        "Scrubbed tool results become user messages.",
        each_message_of("tool", lambda each: each.update(role="user")),
    ),
    (
        "appends",
        "A note about masks is put behind the conversation.",
        messages(lambda found: [*found, {"role": "system", "content": "Personal data is masked."}]),
    ),
)

ALL: tuple[Fault, ...] = tuple(
    fault(f"scrubbing-{word}", told, _then(edit), kills=_KILLS) for word, told, edit in _CHANGES
)
