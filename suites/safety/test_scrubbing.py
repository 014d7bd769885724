"""A target that masks personal data masks it everywhere, and nothing else."""

from __future__ import annotations

import json
import re

from chatconform.suite import Evidence, Json, NotJson, Play, at_received, check, expect, parse
from chatconform.suites.gate.forwarded import OF_THE_GATEWAY, Forwarded, forwarded_on
from chatconform.suites.gate.personal import MORE, PLANTED, personal_data
from chatconform.suites.wire import as_list, as_object

# What may stand between the digits of a number.
_SEPARATORS = re.compile(r"[\s().+-]")


@check("CC-SAFETY-004", personal_data)
def test_every_message_is_scrubbed(play: Play) -> None:
    """No item of personal data arrives at the upstream from any message, result or argument."""
    planted = as_object(parse(play.note(PLANTED)))
    for each in forwarded_on(play, "answer"):
        left = [place for place, item in planted.items() if _is_in(each, str(item))]
        expect(not left, "no item of personal data", came=f"that of {', '.join(left)}", at=_at(each))


@check("CC-SAFETY-006", personal_data)
def test_every_item_of_a_message_is_scrubbed(play: Play) -> None:
    """Of several items in one message none arrives at the upstream."""
    items = [str(item) for item in as_list(parse(play.note(MORE)))]
    for each in forwarded_on(play, "answer"):
        left = [item for item in items if _is_in(each, item)]
        expect(not left, f"none of {len(items)} items", came=f"{len(left)}: {', '.join(left)}", at=_at(each))


@check("CC-SAFETY-005", personal_data)
def test_scrubbing_leaves_the_protocol_alone(play: Play) -> None:
    """Roles, order, ids, tool names and the JSON of arguments arrive as they were sent."""
    for each in forwarded_on(play, "answer"):
        sent, came = as_list(each.sent.get("messages")), _own(each)
        roles, others = [_role(message) for message in sent], [_role(message) for message in came]
        at = at_received(each.exchange, each.came, "/messages")
        expect(roles == others, f"messages of {', '.join(roles)}", came=", ".join(others), at=at)
        for before, after in zip(sent, came, strict=True):
            _expect_protocol(as_object(before), as_object(after), at)


def _expect_protocol(sent: dict[str, Json], came: dict[str, Json], at: Evidence) -> None:
    wanted, found = sent.get("tool_call_id"), came.get("tool_call_id")
    expect(wanted == found, f"tool_call_id {wanted}", came=found, at=at)
    calls, others = as_list(sent.get("tool_calls")), as_list(came.get("tool_calls"))
    expect(len(calls) == len(others), f"{len(calls)} calls", came=len(others), at=at)
    for call, other in zip(map(as_object, calls), map(as_object, others), strict=True):
        expect(call.get("id") == other.get("id"), f"id {call.get('id')}", came=other.get("id"), at=at)
        before, after = as_object(call.get("function")), as_object(other.get("function"))
        expect(before.get("name") == after.get("name"), "the name of the tool", came=after.get("name"), at=at)
        _expect_form(before.get("arguments"), after.get("arguments"), at)


def _expect_form(sent: Json, came: Json, at: Evidence) -> None:
    """Arguments that are JSON of the same form: the same keys, and as many values in each list."""
    try:
        form, found = _form(parse(str(sent))), _form(parse(str(came)))
    except NotJson as error:
        expect(False, "arguments that are JSON", came=f"{error}: {came}", at=at)
        return
    expect(form == found, f"arguments of the form {form}", came=found, at=at)


def _form(value: Json) -> Json:
    if isinstance(value, dict):
        return {name: _form(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_form(each) for each in value]
    return type(value).__name__


def _own(each: Forwarded) -> list[Json]:
    """The messages without instructions that the gateway put before them."""
    came = as_list(each.came.get("messages"))
    beyond = len(came) - len(as_list(each.sent.get("messages")))
    while beyond > 0 and _role(came[0]) in OF_THE_GATEWAY:
        came, beyond = came[1:], beyond - 1
    return came


def _role(message: Json) -> str:
    return str(as_object(message).get("role"))


def _is_in(each: Forwarded, item: str) -> bool:
    """Whether an item stands in what arrived, numbers in whatever spelling."""
    text = json.dumps(each.came, ensure_ascii=False)
    if "@" in item:
        return item in text
    return _SEPARATORS.sub("", item) in _SEPARATORS.sub("", text)


def _at(each: Forwarded) -> Evidence:
    return at_received(each.exchange, each.came, "/messages")
