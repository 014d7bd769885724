"""Conversations that bear a code in every message, so that whatever is left of one is known again."""

from __future__ import annotations

import json

from chatconform.suite import Body, Json, Stage, Turn, prompt, tool
from chatconform.suites.cont.history import assistant, called, parts, result, user

TOOL = "get_booking_code"
GUESTS = ("Maria Keller", "José Núñez")
CALLS = ("call_booking_maria", "call_booking_jose")
TOOLS: tuple[Json, ...] = (tool(TOOL), tool("review_film"), tool("ping"))


def conversation_with(stage: Stage, code: str, question: str) -> list[Json]:
    """A conversation on the turn of the path, whose last user message is a question.

    After a tool result there are two calls and their results; on a later turn there is such a round before,
    and the question is in two text parts.
    """
    instructed: Json = {"role": "system", "content": f"You are a kind assistant. {_mark(code, 'system')}"}
    if stage.path.turn is Turn.FIRST:
        return [instructed, user(_marked(question, code, "question"))]
    if stage.path.turn is Turn.AFTER_TOOL_RESULT:
        return [instructed, user(_marked(question, code, "question")), *_round(code)]
    return [
        instructed,
        user(_marked(prompt("booking-codes-of-two"), code, "first")),
        *_round(code),
        assistant(_marked("Both codes are confirmed.", code, "answer")),
        user(_marked(prompt("name-a-colour"), code, "second")),
        assistant(f"Blue. {_mark(code, 'colour')}"),
        {"role": "user", "content": parts(f"{question}\n", _mark(code, "question"))},
    ]


def asking(stage: Stage, code: str, question: str, parameters: Body, *, limited: bool = True) -> Body:
    """A request with this conversation and parameters, and with tools where it has calls."""
    tools: Body = {"tools": [*TOOLS]} if stage.path.turn is not Turn.FIRST else {}
    messages = conversation_with(stage, code, question)
    body = stage.request(messages=messages) if limited else stage.request(messages=messages, tokens=None)
    return {**body, **tools, **parameters}


def _round(code: str) -> list[Json]:
    calls = [
        (call, TOOL, json.dumps({"guest": guest, "reference": f"{code}-{call}"}, ensure_ascii=False))
        for call, guest in zip(CALLS, GUESTS, strict=True)
    ]
    results = [
        result(call, json.dumps({"guest": guest, "code": f"{code}-result"}, ensure_ascii=False))
        for call, guest in zip(CALLS, GUESTS, strict=True)
    ]
    return [called(*calls), *results]


def _marked(text: str, code: str, place: str) -> str:
    return f"{text}\n{_mark(code, place)}"


def _mark(code: str, place: str) -> str:
    return f"(Reference {code}-{place}.)"
