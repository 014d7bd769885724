"""A conversation with made-up personal data in every place, to be masked by a target that declares it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from itertools import cycle
from random import Random

from chatconform.suite import BOTH_FORMS, Body, Json, Stage, prompt, scenario
from chatconform.suites.cont.history import assistant, called, parts, result, user
from chatconform.suites.gate.sending import forward

SCRUBBING = "scrubbing"
KINDS = ("email", "phone", "card")
PLACES = ("system", "earlier-user", "assistant", "arguments", "result", "last-user", "nested-arguments")
PLANTED, MORE = "planted", "more"
TOOL: Json = {
    "type": "function",
    "function": {
        "name": "file_contact",
        "description": "Files how somebody can be reached.",
        "parameters": {
            "type": "object",
            "properties": {
                "contact": {"type": "string"},
                "tags": {"type": "array", "items": {"type": "string"}},
            },
            "required": ["contact", "tags"],
        },
    },
}


@scenario(paths=BOTH_FORMS)
async def personal_data(stage: Stage) -> None:
    """A tool round and two questions, one made-up item of personal data in each place, several in the last.

    The items are of the kinds that the target declares to mask.
    """
    kinds = [kind for kind in KINDS if kind in re.split(r"[\s,]+", stage.target.declared[SCRUBBING])]
    if not kinds:
        stage.leave(f"the kinds that are masked are not declared; known kinds: {', '.join(KINDS)}")
    planted = {place: _item(kind, stage.dice) for place, kind in zip(PLACES, cycle(kinds), strict=False)}
    more = [_item(kind, stage.dice) for kind in (*kinds, kinds[0])]
    stage.note(PLANTED, json.dumps(planted))
    stage.note(MORE, json.dumps(more))
    await forward(stage, "answer", lambda code: _conversation(stage, code, planted, more))


def _conversation(stage: Stage, code: str, planted: dict[str, str], more: Sequence[str]) -> Body:
    tags = [code, f"büro {planted['nested-arguments']}"]
    arguments = json.dumps({"contact": f"at {planted['arguments']} only", "tags": tags})
    told = json.dumps({"filed": planted["result"], "reference": code})
    messages: list[Json] = [
        {"role": "system", "content": f"Questions go to {planted['system']}. (Reference {code}.)"},
        user(f"Please file my contact: {planted['earlier-user']}. (Reference {code}.)"),
        called(("call_contact_1", "file_contact", arguments)),
        result("call_contact_1", told),
        assistant(f"I have filed {planted['assistant']} for you. (Reference {code}.)"),
        {
            "role": "user",
            "content": parts(
                f"And {planted['last-user']} as well; ",
                f"{', '.join(more)}. ",
                f"{prompt('one-word')} {code}",
            ),
        },
    ]
    return stage.request(messages=messages, temperature=0, tools=[TOOL])


def _item(kind: str, dice: Random) -> str:
    """A made-up item: no mailbox, telephone or account has it."""
    number = "".join(dice.choices("23456789", k=8))
    if kind == "email":
        # RFC 2606: "example.com" belongs to nobody.
        return f"mara.{number}@example.com"
    if kind == "phone":
        # The numbers 555-0100 to 555-0199 are kept for fiction.
        return f"+1 {dice.randrange(201, 990)} 555 01{dice.randrange(10, 100)}"
    return _card(f"4000{number}{dice.randrange(100, 1000)}")


def _card(digits: str) -> str:
    """Fifteen digits with their check digit (ISO/IEC 7812), in groups of four."""
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-1::-2])
    total = sum(doubled) + sum(int(digit) for digit in digits[-2::-2])
    whole = f"{digits}{-total % 10}"
    return " ".join(whole[start : start + 4] for start in range(0, 16, 4))
