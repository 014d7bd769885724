"""Gateways that change what messages say: their texts, and the calls and ids in them."""

from __future__ import annotations

import json
import secrets
from typing import Any

from chatconform.reference_server.faults.alterations.forwarding import (
    OTHER_CONVERSATIONS,
    Message,
    each_function_called,
    each_message_of,
    is_continued,
    messages,
    text_of,
)
from chatconform.reference_server.faults.alterations.making import Edit, forwarded, setting
from chatconform.reference_server.faults.fault import Aspect, Fault, family

fault = family(Aspect.PROMPT, Aspect.CALLS, Aspect.TEXT, Aspect.USAGE)
_LONGEST = 60


def _ids_anew(found: list[Message]) -> list[Message]:
    calls = [call for each in found for call in each.get("tool_calls") or ()]
    anew = {call["id"]: f"call_{secrets.token_hex(8)}" for call in calls}
    text = json.dumps(found)
    for old, new in anew.items():
        text = text.replace(json.dumps(old), json.dumps(new))
    renamed: list[Message] = json.loads(text)
    return renamed


def _cut(message: Message) -> None:
    message["content"] = text_of(message)[:_LONGEST]


def _without_accents(message: Message) -> Message:
    told: Message = json.loads(json.dumps(message, ensure_ascii=False).encode("ascii", "replace"))
    return told


def _first_part(message: Message) -> None:
    if isinstance(message["content"], list):
        message["content"] = message["content"][:1]


def _collapsed(message: Message) -> None:
    if isinstance(message["content"], str):
        message["content"] = " ".join(message["content"].split())


def _ascii_arguments(function: Any) -> None:
    function["arguments"] = function["arguments"].encode("ascii", "ignore").decode()


_CHANGES: tuple[tuple[str, str, Edit], ...] = (
    ("texts-cut", f"Texts of users are cut after {_LONGEST} characters.", each_message_of("user", _cut)),
    (
        "texts-ascii",
        "Characters beyond ASCII become question marks in tool results.",
        each_message_of("tool", _without_accents),
    ),
    (
        "texts-in-one-line",
        "Lines of texts are joined, and white space becomes single blanks.",
        each_message_of("user", _collapsed),
    ),
    (
        "first-part-alone",
        "Of a content in parts the first is forwarded.",
        each_message_of("user", _first_part),
    ),
    ("call-ids-anew", "The ids of calls are made anew.", messages(_ids_anew)),
    (
        "result-ids-alike",
        "All tool results are forwarded with one id.",
        each_message_of("tool", setting(tool_call_id="call_0")),
    ),
    (
        "arguments-emptied",
        "Calls are forwarded without their arguments.",
        each_function_called(setting(arguments="{}")),
    ),
    (
        "arguments-ascii",
        "Characters beyond ASCII are lost in the arguments of calls.",
        each_function_called(_ascii_arguments),
    ),
    (
        "call-names-lost",
        "Calls are forwarded under the name `function`.",
        each_function_called(setting(name="function")),
    ),
)

ALL: tuple[Fault, ...] = (
    *(
        fault(f"gateway-{word}", told, forwarded(edit), kills="CC-GATE-001", collateral=OTHER_CONVERSATIONS)
        for word, told, edit in _CHANGES
    ),
    fault(
        "gateway-texts-cut-on-later-turns",
        f"Texts of users are cut after {_LONGEST} characters, once there is an answer.",
        forwarded(each_message_of("user", _cut), is_continued),
        kills="CC-GATE-001@after-tool-result CC-GATE-001@later-turn-streamed",
        collateral=OTHER_CONVERSATIONS,
    ),
)
