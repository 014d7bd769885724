"""Faults in the text of answers in JSON mode: what stands around the object, in its place, or after it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace

from chatconform.reference_server.faults.alterations.asks import FORMS, both, wants
from chatconform.reference_server.faults.alterations.json_changes import (
    Change,
    doubled,
    fenced,
    first_key_twice,
    in_python,
    without_its_end,
)
from chatconform.reference_server.faults.alterations.making import pieces
from chatconform.reference_server.faults.alterations.rewriting import json_texts
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.model import (
    ChatRequest,
    Finish,
    FinishReason,
    Format,
    Piece,
    Text,
)

fault = family(Aspect.TEXT)
Pieces = Iterator[Piece]
_MOST_BLANKS = 2000


_INSTEAD_OF_AN_OBJECT: tuple[tuple[str, str, Change], ...] = (
    ("an-array", "stands in an array", lambda text: f"[{text}]"),
    ("a-string", "is encoded twice", json.dumps),
    ("behind-prose", "follows a sentence", lambda text: f"Here is the JSON:\n{text}"),
    ("before-prose", "is followed by a sentence", lambda text: f"{text}\nI hope this helps!"),
    ("in-python", "is written as a dict of Python", in_python),
    ("with-a-comma-too-many", "has a comma before its last brace", lambda text: f"{text[:-1]},}}"),
    ("with-a-comment", "has a comment", lambda text: f"{{ // the answer\n{text[1:]}"),
    ("doubled", "comes twice", doubled),
    ("cut", "lacks its last character", without_its_end),
    (
        "with-raw-line-breaks",
        "has unescaped line breaks in its strings",
        lambda text: text.replace(" ", "\n"),
    ),
)


def _plainly(change: Change) -> Callable[[str, ChatRequest], str]:
    return lambda text, _: change(text)


def _closed(found: Pieces, request: ChatRequest, *, by: str = '"}') -> Pieces:
    for piece in found:
        if (
            isinstance(piece, Finish)
            and piece.reason is FinishReason.LENGTH
            and request.format is not Format.TEXT
        ):
            if by:
                yield Text(text=by, tokens=())
            yield replace(piece, reason=FinishReason.STOP)
        else:
            yield piece


def _left_open(found: Pieces, request: ChatRequest) -> Pieces:
    return _closed(found, request, by="")


def _running_on(found: Pieces, request: ChatRequest) -> Pieces:
    written = False
    for piece in found:
        written = written or (isinstance(piece, Text) and request.format is not Format.TEXT)
        if written and isinstance(piece, Finish) and piece.reason is FinishReason.STOP:
            blanks = min(request.limit - piece.completion_tokens, _MOST_BLANKS)
            yield Text(text="\n" * blanks, tokens=())
            yield Finish(reason=FinishReason.LENGTH, completion_tokens=piece.completion_tokens + blanks)
        else:
            yield piece


ALL: tuple[Fault, ...] = (
    *(
        fault(
            f"json-{name}",
            f"The JSON object of JSON mode {defect}.",
            json_texts(_plainly(change), wants("json_object")),
            kills="CC-FORMAT-001@plain CC-FORMAT-001@streamed",
        )
        for name, defect, change in _INSTEAD_OF_AN_OBJECT
    ),
    fault(
        "json-fenced-plain",
        "JSON content is wrapped in code fences.",
        json_texts(_plainly(fenced), FORMS["plain"]),
        kills="CC-FORMAT-018",
        seen_in="veniceai/api-docs#264",
    ),
    fault(
        "json-object-fenced-streamed",
        "In streams the object of JSON mode is wrapped in code fences.",
        json_texts(_plainly(fenced), both(FORMS["streamed"], wants("json_object"))),
        kills="CC-FORMAT-018",
    ),
    fault(
        "json-schema-fenced-streamed",
        "In streams JSON content under a schema is wrapped in code fences.",
        json_texts(_plainly(fenced), both(FORMS["streamed"], wants("json_schema"))),
        kills="CC-FORMAT-008",
        seen_in="jundot/omlx#613",
    ),
    fault(
        "json-key-twice",
        "The first member of a JSON answer is written twice.",
        json_texts(_plainly(first_key_twice)),
        kills="CC-FORMAT-019",
        seen_in="mlc-ai/xgrammar#174",
    ),
    fault(
        "cut-json-closed",
        "JSON cut by the limit is closed with braces and reported as `stop`.",
        pieces(_closed),
        kills="CC-FORMAT-007",
        also=(Aspect.FINISH,),
        seen_in="567-labs/instructor#276",
    ),
    fault(
        "cut-json-ends-with-stop",
        "JSON cut by the limit is reported as `stop`.",
        pieces(_left_open),
        kills="CC-FORMAT-007",
        also=(Aspect.FINISH,),
    ),
    *(
        fault(
            f"json-runs-on-{form}",
            f"After complete JSON white space is generated until the limit, in {form} answers.",
            pieces(_running_on, FORMS[form]),
            kills="CC-FORMAT-020",
            also=(Aspect.FINISH, Aspect.USAGE),
            seen_in=("ollama/ollama#4446", "ollama/ollama#2577", "jundot/omlx#2990"),
        )
        for form in FORMS
    ),
)
