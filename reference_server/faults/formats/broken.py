"""Faults in how response formats are taken: unknown ones, incomplete ones, and JSON mode without the word."""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from chatconform.reference_server.faults.alterations.asks import response_format, wants
from chatconform.reference_server.faults.alterations.making import (
    crash,
    dropping,
    pieces,
    refusal,
    request_body,
)
from chatconform.reference_server.faults.consequences.calls import FAILED, FAILED_AT_BAD
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.model import ChatRequest, Finish, FinishReason, Piece, Text
from chatconform.reference_server.refusal import Refusal
from chatconform.reference_server.seams import Asked

fault = family(Aspect.PARAMETERS, Aspect.REFUSALS, Aspect.TEXT)
_TYPES = ("text", "json_object", "json_schema")
_MOST_BLANKS = 2000
_UNFORMATTED = dropping("response_format")


def _is_unknown(asked: Asked) -> bool:
    found = asked.body.get("response_format") if asked.is_chat else None
    return found is not None and response_format(asked).get("type") not in _TYPES


def _is_incomplete(asked: Asked) -> bool:
    """It says json_schema, and has none."""
    return wants("json_schema")(asked) and not isinstance(response_format(asked).get("json_schema"), dict)


def _has_no_type(asked: Asked) -> bool:
    """Its schema is no JSON Schema, as its type is a number."""
    inner = response_format(asked).get("json_schema")
    schema = inner.get("schema") if asked.is_chat and isinstance(inner, dict) else None
    return isinstance(schema, dict) and isinstance(schema.get("type"), int)


def _is_wordless(asked: Asked) -> bool:
    """It says json_object, and no message has the word JSON."""
    return wants("json_object")(asked) and b"json" not in orjson.dumps(asked.body.get("messages")).lower()


def _blank(found: Iterator[Piece], request: ChatRequest) -> Iterator[Piece]:
    for piece in found:
        if isinstance(piece, Finish):
            blanks = min(request.limit, _MOST_BLANKS)
            yield Text(text=" \n" * blanks, tokens=())
            yield Finish(reason=FinishReason.LENGTH, completion_tokens=blanks)


ALL: tuple[Fault, ...] = (
    fault(
        "unknown-format-ignored",
        "An unknown response_format type is ignored.",
        request_body(_UNFORMATTED, _is_unknown),
        kills="CC-FORMAT-006",
    ),
    fault(
        "unknown-format-crashes",
        "An unknown response_format type answers 500.",
        crash(_is_unknown),
        kills="CC-FORMAT-006",
        collateral=FAILED_AT_BAD,
    ),
    fault(
        "unknown-format-refused-without-a-reason",
        "The refusal of an unknown response_format type does not name it.",
        refusal(lambda _: Refusal(400, "Bad request."), _is_unknown),
        kills="CC-FORMAT-006",
    ),
    fault(
        "text-format-refused",
        "A response_format of type text answers 400.",
        refusal(lambda _: Refusal(400, "Bad request."), wants("text")),
        kills="CC-FORMAT-011",
    ),
    fault(
        "incomplete-json-schema-crashes",
        "A json_schema without `json_schema` answers 500.",
        crash(_is_incomplete),
        kills="CC-FORMAT-004",
        collateral=FAILED_AT_BAD,
        seen_in="sgl-project/sglang#9461",
    ),
    fault(
        "invalid-schema-crashes",
        "An invalid schema answers 500.",
        crash(_has_no_type),
        kills="CC-FORMAT-005",
        collateral=FAILED,
    ),
    fault(
        "invalid-schema-ignored",
        "An invalid schema is ignored.",
        request_body(_UNFORMATTED, _has_no_type),
        kills="CC-FORMAT-005",
    ),
    fault(
        "json-object-without-the-word-blank",
        "`json_object` without the word JSON yields white space up to the limit.",
        request_body(_UNFORMATTED, _is_wordless),
        pieces(_blank, _is_wordless),
        kills="CC-FORMAT-002",
        seen_in="mem0ai/mem0#3559",
    ),
    fault(
        "json-object-without-the-word-ignored",
        "`json_object` without the word JSON is ignored.",
        request_body(_UNFORMATTED, _is_wordless),
        kills="CC-FORMAT-002",
    ),
    fault(
        "json-object-without-the-word-crashes",
        "`json_object` without the word JSON answers 500.",
        crash(_is_wordless),
        kills="CC-FORMAT-002",
        collateral=FAILED,
    ),
    fault(
        "json-object-without-the-word-answers-415",
        "`json_object` without the word JSON answers 415, as if the body were no JSON.",
        refusal(lambda _: Refusal(415, "Unsupported Media Type"), _is_wordless),
        kills="CC-FORMAT-002",
    ),
)
