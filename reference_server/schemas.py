"""JSON Schemas inside a request: those of tools and of the response format."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jsonschema_rs

from chatconform.reference_server.refusal import Refusal, invalid

Body = Mapping[str, Any]

# Deeper schemas serve no caller, and a recursive reader must not be at their mercy.
_DEEPEST = 64
# Draft 2020-12, 10.2 and 10.3, 8.2: where a schema holds further schemas, one, by name or in a list.
_ONE = frozenset({"additionalProperties", "items", "not", "if", "then", "else", "contains", "propertyNames"})
_NAMED = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"})
_LISTED = frozenset({"anyOf", "oneOf", "allOf", "prefixItems"})


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedSchema:
    """A schema that a request brings along.

    Attributes:
        owner: What it belongs to, for messages.
        param: Where it stands in the request.
        code: The machine code of refusals that concern it.
    """

    schema: Any
    strict: bool
    owner: str
    param: str
    code: str

    def refusal(self, reason: str) -> Refusal:
        """Return the refusal of a request because of this schema."""
        return invalid(f"Invalid schema for {self.owner}: {reason}", param=self.param, code=self.code)


def schemas_usable(body: Body) -> None:
    """Every schema in a request is a JSON Schema, not nested beyond reason."""
    for embedded in embedded_schemas(body):
        if _is_too_deep(embedded.schema):
            raise embedded.refusal(f"it is nested more than {_DEEPEST} levels deep.")
        if not jsonschema_rs.meta.is_valid(_as_draft_2020_12(embedded.schema)):
            raise embedded.refusal("it is not a valid JSON Schema.")


def strict_schemas_closed(body: Body) -> None:
    """With `strict` every object forbids additional properties and requires all of its own."""
    for embedded in embedded_schemas(body):
        if embedded.strict:
            _require_closed(embedded)


def embedded_schemas(body: Body) -> Iterator[EmbeddedSchema]:
    """Yield the schemas of a request that has passed the contract's schema."""
    for index, tool in enumerate(body.get("tools") or ()):
        if tool["type"] == "function":
            yield from _of_function(tool["function"], f"tools[{index}].function.parameters")
    for index, function in enumerate(body.get("functions") or ()):
        yield from _of_function(function, f"functions[{index}].parameters")
    form = body.get("response_format")
    if form is not None and form["type"] == "json_schema" and "schema" in form["json_schema"]:
        yield EmbeddedSchema(
            schema=form["json_schema"]["schema"],
            strict=form["json_schema"].get("strict") is True,
            owner=f"response_format {form['json_schema']['name']!r}",
            param="response_format",
            code="invalid_json_schema",
        )


def _of_function(function: Mapping[str, Any], param: str) -> Iterator[EmbeddedSchema]:
    if "parameters" in function:
        yield EmbeddedSchema(
            schema=function["parameters"],
            strict=function.get("strict") is True,
            owner=f"function {function['name']!r}",
            param=param,
            code="invalid_function_parameters",
        )


def _require_closed(embedded: EmbeddedSchema) -> None:
    for path, schema in _subschemas(embedded.schema):
        if schema.get("type") != "object" and "properties" not in schema:
            continue
        where = path or "the root"
        if schema.get("additionalProperties") is not False:
            raise embedded.refusal(f"at {where}, 'additionalProperties' must be present and false.")
        missing = [name for name in schema.get("properties", {}) if name not in schema.get("required", ())]
        if missing:
            raise embedded.refusal(
                f"at {where}, 'required' must list every property; missing: {missing[0]!r}."
            )


def _subschemas(schema: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield every object schema with its path; iterative, since a caller chooses the depth."""
    pending = [("", schema)]
    while pending:
        path, current = pending.pop()
        if not isinstance(current, dict):
            continue
        yield path, current
        for keyword, value in current.items():
            pending.extend((f"{path}/{keyword}{step}", each) for step, each in _children(keyword, value))


def _children(keyword: str, value: Any) -> Iterator[tuple[str, Any]]:
    if keyword in _ONE:
        yield "", value
    elif keyword in _NAMED and isinstance(value, dict):
        yield from ((f"/{name}", each) for name, each in value.items())
    elif keyword in _LISTED and isinstance(value, list):
        yield from ((f"/{index}", each) for index, each in enumerate(value))


def _is_too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(_DEEPEST):
        containers = [each for each in level if isinstance(each, dict | list)]
        if not containers:
            return False
        level = [
            child for each in containers for child in (each.values() if isinstance(each, dict) else each)
        ]
    return True


def _as_draft_2020_12(schema: Mapping[str, Any]) -> dict[str, Any]:
    # A `$schema` could name any draft, or a place to fetch one from; the contract knows only this one.
    return {**schema, "$schema": "https://json-schema.org/draft/2020-12/schema"}
