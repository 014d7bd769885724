"""What breaks a JSON Schema, told by the members of an object, so that each feature has a rule of its own."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from jsonschema import Draft202012Validator

from chatconform.suite import Json
from chatconform.suites.wire import as_list, as_object

Schema = Mapping[str, Json]


def breaches(value: Json, schema: Schema) -> tuple[str, ...]:
    """Everything in a value that its schema forbids, in words."""
    try:
        return tuple(error.message for error in Draft202012Validator(dict(schema)).iter_errors(value))
    except RecursionError:
        return ("it is nested too deeply to be read",)


def member_breaches(value: Mapping[str, Json], schema: Schema, name: str) -> tuple[str, ...]:
    """What breaks the part of the schema that describes one member."""
    described = as_object(as_object(schema.get("properties")).get(name))
    return breaches(value[name], {**described, "$defs": schema.get("$defs", {})})


def frame_breaches(value: Json, schema: Schema, special: Collection[str] = ()) -> tuple[str, ...]:
    """What breaks the schema outside of the special members: no object, a member missing, a wrong type.

    Members that the schema does not know are `extra_members`.
    """
    if not isinstance(value, dict):
        return ("it is no object",)
    missing = [f"{name!r} is missing" for name in as_list(schema.get("required")) if name not in value]
    plain = [name for name in as_object(schema.get("properties")) if name in value and name not in special]
    return (*missing, *(breach for name in plain for breach in member_breaches(value, schema, name)))


def extra_members(value: Mapping[str, Json], schema: Schema) -> tuple[str, ...]:
    """The members that the schema does not know."""
    return tuple(name for name in value if name not in as_object(schema.get("properties")))
