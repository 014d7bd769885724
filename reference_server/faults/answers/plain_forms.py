"""Faults in the form of an answer: plain answers that are no JSON, and what wrongly picks the form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from chatconform.reference_server.faults.alterations.making import When, completion, request_body, text
from chatconform.reference_server.faults.alterations.paths import is_plain
from chatconform.reference_server.faults.alterations.responses import (
    PAGE,
    UNREADABLE,
    Redo,
    answers,
    both,
    status,
    typed,
    with_status,
)
from chatconform.reference_server.faults.alterations.responses import text as told
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.seams import Alteration, Asked

fault = family(Aspect.FRAMING, *UNREADABLE)


def _completions_as(change: Callable[[str], str]) -> Alteration:
    """The JSON text of completions is another one; that of errors is left alone."""
    return text(lambda told: change(told) if '"object":"chat.completion"' in told else told, is_plain)


def _plain_successes(change: Redo) -> Alteration:
    return answers(change, is_plain, with_status(200))


def _accepts(media_type: str) -> When:
    return lambda asked: asked.is_chat and media_type in asked.headers.get("accept", "")


def _streams(body: Any) -> None:
    body["stream"] = True


def _says_nothing_of_streams(asked: Asked) -> bool:
    return asked.is_chat and "stream" not in asked.body


def _stream_is(value: object) -> When:
    return lambda asked: asked.is_chat and "stream" in asked.body and asked.body["stream"] is value


_TEXTS = {
    "done-after-plain-json": (
        "The plain answer has `data: [DONE]` glued to its JSON body.",
        lambda told: f"{told}\n\ndata: [DONE]\n\n",
    ),
    "plain-json-twice": ("The plain answer has its JSON body twice.", lambda told: f"{told}\n{told}"),
    "plain-answer-as-data-line": (
        "The plain answer is a line of an event stream, declared as JSON.",
        lambda told: f"data: {told}\n\n",
    ),
    "plain-json-as-python": (
        "The plain answer is the text of a Python dictionary.",
        lambda told: str(orjson.loads(told)),
    ),
    "plain-json-in-array": ("The plain answer is an array with a completion.", lambda told: f"[{told}]"),
    "plain-json-in-string": (
        "The plain answer is a JSON string that holds the JSON of the completion.",
        lambda told: orjson.dumps(told).decode(),
    ),
    "plain-json-cut": (
        "The JSON of the plain answer ends in its middle.",
        lambda told: told[: len(told) // 2],
    ),
}

ALL: tuple[Fault, ...] = (
    *(
        fault(
            name,
            defect,
            _completions_as(change),
            kills="CC-HTTP-001",
            seen_in="decolua/9router#3492" if name == "done-after-plain-json" else (),
        )
        for name, (defect, change) in _TEXTS.items()
    ),
    fault(
        "plain-answer-as-text",
        "The plain answer is declared as text/plain.",
        _plain_successes(typed("text/plain")),
        kills="CC-HTTP-001",
    ),
    fault(
        "plain-answer-as-event-stream",
        "The plain answer is JSON declared as text/event-stream.",
        _plain_successes(typed("text/event-stream")),
        kills="CC-HTTP-001 CC-HTTP-002",
        seen_in="decolua/9router#3492",
    ),
    fault(
        "plain-answer-calls-itself-chunk",
        "The plain answer has the object chat.completion.chunk.",
        completion(lambda found: found.update(object="chat.completion.chunk"), is_plain),
        kills="CC-HTTP-002",
    ),
    fault(
        "stream-where-stream-is-absent",
        "A request without `stream` is answered with an event stream.",
        request_body(_streams, _says_nothing_of_streams),
        kills="CC-HTTP-002",
        seen_in=("diegosouzapw/OmniRoute#10239", "decolua/9router#3301"),
    ),
    fault(
        "stream-where-stream-is-null",
        "A request with `stream: null` is answered with an event stream.",
        request_body(_streams, _stream_is(None)),
        kills="CC-HTTP-002",
    ),
    fault(
        "stream-where-stream-is-false",
        "A request with `stream: false` is answered with an event stream: only its presence is looked at.",
        request_body(_streams, _stream_is(False)),
        kills="CC-HTTP-003",
    ),
    fault(
        "accept-header-makes-stream",
        "`Accept: text/event-stream` turns a request with `stream: false` into a stream.",
        request_body(_streams, _accepts("event-stream")),
        kills="CC-HTTP-003",
        seen_in="diegosouzapw/OmniRoute#6740",
    ),
    fault(
        "accept-header-unmakes-stream",
        "`Accept: application/json` turns a request with `stream: true` into a plain answer.",
        request_body(
            lambda body: {name: each for name, each in body.items() if not name.startswith("stream")},
            _accepts("application/json"),
        ),
        kills="CC-HTTP-003",
    ),
    fault(
        "accept-header-refused",
        "A request with an Accept header of the other form is answered with the page of a 406.",
        answers(both(status(406), told(PAGE, "text/html")), _accepts("event-stream")),
        kills="CC-HTTP-003",
    ),
    fault(
        "chat-answers-201",
        "A completion is answered with 201, as some frameworks answer every POST.",
        answers(status(201), lambda asked: asked.is_chat, with_status(200)),
        kills="CC-HTTP-003 CC-HTTP-008",
    ),
)
