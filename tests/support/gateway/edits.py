"""Edits of plays that a gateway was judged by: of what its upstream received, and of what it answered."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from chatconform.plays.play import Play, received_note
from chatconform.tests.support.plays import at, edited

Body = dict[str, Any]
Change = Callable[[Body], object]


def received(change: Change, *steps: str, only: int | None = None) -> Callable[[Play], Play]:
    """An edit of what the upstream received: of every body, or of the one with this number."""

    def edit(play: Play) -> Play:
        notes = dict(play.notes)
        for name, value in play.notes.items():
            if not name.startswith(received_note("")) or (steps and name not in map(received_note, steps)):
                continue
            found = json.loads(value)
            for number, each in enumerate(found["received"]):
                if only in (None, number):
                    change(each["body"])
            notes[name] = json.dumps(found)
        return replace(play, notes=notes)

    return edit


def found(**members: Any) -> Callable[[Play], Play]:
    """An edit of all that is noted of the record."""

    def edit(play: Play) -> Play:
        return replace(
            play,
            notes={
                name: json.dumps({**json.loads(value), **members})
                if name.startswith(received_note(""))
                else value
                for name, value in play.notes.items()
            },
        )

    return edit


def sent_back(step: str, answer: Any) -> Callable[[Play], Play]:
    """An edit of what the gateway answered to a step."""
    return lambda play: edited(play, at(step)(answer))


def on_messages(change: Callable[[list[Body]], object]) -> Change:
    return lambda body: change(body["messages"])


def lose(*names: str) -> Change:
    return lambda body: [body.pop(name, None) for name in names]


def put(**members: Any) -> Change:
    return lambda body: body.update(members)


def rename(old: str, new: str) -> Change:
    return lambda body: body.update({new: body.pop(old)})


def with_arguments(text: str) -> Change:
    return on_messages(lambda messages: calls_in(messages)[0]["function"].update(arguments=text))


def calls_in(messages: list[Body]) -> list[Body]:
    return [call for message in messages for call in message.get("tool_calls") or ()]


def schema_in(body: Body) -> Body:
    schema: Body = body["response_format"]["json_schema"]
    return schema


def film_in(body: Body) -> Body:
    (film,) = (each["function"] for each in body["tools"] if each["function"]["name"] == "review_film")
    properties: Body = film["parameters"]["properties"]
    return properties


def merge_parts(messages: list[Body]) -> None:
    for message in messages:
        if isinstance(message["content"], list):
            message["content"] = "".join(part["text"] for part in message["content"])


def spell_anew(messages: list[Body]) -> None:
    for call in calls_in(messages):
        call["function"]["arguments"] = json.dumps(json.loads(call["function"]["arguments"]), indent=1)
