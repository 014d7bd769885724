"""The requests of a conversation: what a client says and hands back, in the forms that it may choose."""

from __future__ import annotations

import json
from enum import StrEnum

from chatconform.suite import Body, Json, Stage, prompt, tool
from chatconform.suites.cont.history import parts, result, user

# Small and ordinary ones: every request pays for them, and none may be refused for its oddity.
TOOLS = ("get_time", "find_customer")
# What a tool returns; whatever else was called returns nothing of interest.
RETURNED = {"get_time": {"time": "14:30", "zone": "local"}, "find_customer": {"found": False}}
QUESTIONS = ("name-a-colour", "name-a-fruit", "name-a-month")
# How many codes there are for conversations, one each, to be told apart by.
CODES = 4
ONE_CALL, SEVERAL_CALLS = "time-in-oslo", "time-in-three-cities"
INSTRUCTIONS = "You are a kind assistant."
NO_CALL: Json = "none"
ANY_CALL: Json = "required"
NAMED_CALL: Json = {"type": "function", "function": {"name": TOOLS[0]}}


class Form(StrEnum):
    """How a text stands in a message."""

    STRING = "a string"
    ONE_PART = "one part"
    TWO_PARTS = "two parts"


def request(stage: Stage, messages: list[Json], *, choice: Json, streamed: bool) -> Body:
    """A request of the conversation: the tools are the same in all of them, which of them to call is not."""
    tools: list[Json] = [tool(name) for name in TOOLS]
    body = stage.request(messages=messages, temperature=0, tools=tools, tool_choice=choice)
    return in_form(stage, body, streamed=streamed)


def in_form(stage: Stage, body: Body, *, streamed: bool) -> Body:
    """The same request, answered in one piece or as a stream."""
    kept = {name: value for name, value in body.items() if name not in ("stream", "stream_options")}
    return stage.with_usage({**kept, "stream": True}) if streamed else kept


def said(text: str, form: Form) -> Json:
    """A message of the user in a form."""
    match form:
        case Form.STRING:
            return user(text)
        case Form.ONE_PART:
            return {"role": "user", "content": parts(text)}
        case Form.TWO_PARTS:
            words = text.split(" ")
            half = len(words) // 2
            return {"role": "user", "content": parts(" ".join(words[:half]), " " + " ".join(words[half:]))}


def returned(call_id: str, name: str, *, in_parts: bool) -> Json:
    """The result of a call."""
    text = json.dumps(RETURNED.get(name, {}))
    return result(call_id, parts(text) if in_parts else text)


def instructed(role: str) -> list[Json]:
    """The instructions under a role; none where the role is empty."""
    return [{"role": role, "content": INSTRUCTIONS}] if role else []


def opening(code: str, text: str) -> str:
    """What the user says first, with a code that belongs to this conversation."""
    return prompt("locker-code-before").format(code=code, text=text)
