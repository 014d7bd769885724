"""Response formats of the rarer kinds, which only a run that sends every case meets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chatconform.reference_server.faults.alterations.asked_for import is_text, member
from chatconform.reference_server.faults.alterations.asks import response_format, wants
from chatconform.reference_server.faults.alterations.making import crash, dropping, request_body
from chatconform.reference_server.faults.consequences.calls import FAILED, FAILED_AT_BAD
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.seams import Asked

fault = family(Aspect.PARAMETERS, Aspect.REFUSALS, Aspect.TEXT, thorough=True)


def _json_schema(asked: Asked) -> Mapping[str, Any]:
    """What stands under `json_schema`; empty where it is no object."""
    inner = response_format(asked).get("json_schema") if wants("json_schema")(asked) else None
    return inner if isinstance(inner, dict) else {}


def _strict_schema(asked: Asked) -> Mapping[str, Any]:
    """The strict schema of the format, if it names members; empty otherwise."""
    schema = _json_schema(asked).get("schema") if _json_schema(asked).get("strict") else None
    return schema if isinstance(schema, dict) and isinstance(schema.get("properties"), dict) else {}


def _is_nameless(asked: Asked) -> bool:
    return bool(_json_schema(asked)) and "name" not in _json_schema(asked)


def _is_flat(asked: Asked) -> bool:
    found = response_format(asked) if asked.is_chat else {}
    return "json_schema" not in found and "schema" in found


def _is_open(asked: Asked) -> bool:
    return bool(_strict_schema(asked)) and "additionalProperties" not in _strict_schema(asked)


def _has_an_option(asked: Asked) -> bool:
    schema = _strict_schema(asked)
    return "additionalProperties" in schema and set(schema["properties"]) > set(schema.get("required", ()))


ALL: tuple[Fault, ...] = (
    fault(
        "format-of-a-word-ignored",
        "A response_format that is a string is ignored.",
        request_body(dropping("response_format"), member("response_format", is_text)),
        kills="CC-FORMAT-006",
    ),
    fault(
        "schema-without-a-name-crashes",
        "A json_schema without a name answers 500.",
        crash(_is_nameless),
        kills="CC-FORMAT-004",
        collateral=FAILED_AT_BAD,
    ),
    fault(
        "flat-json-schema-crashes",
        "A response_format whose schema is not nested answers 500.",
        crash(_is_flat),
        kills="CC-FORMAT-004",
        collateral=FAILED_AT_BAD,
    ),
    fault(
        "open-strict-schema-crashes",
        "A strict schema that allows further members answers 500.",
        crash(_is_open),
        kills="CC-FORMAT-005",
        collateral=FAILED,
    ),
    fault(
        "strict-schema-with-an-option-crashes",
        "A strict schema with a member that is not required answers 500.",
        crash(_has_an_option),
        kills="CC-FORMAT-005",
        collateral=FAILED,
    ),
)
