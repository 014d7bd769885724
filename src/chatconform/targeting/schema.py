"""What may stand in a `chatconform.toml`: `spec/chatconform.schema.json`, and what it says of a mistake.

The schema is the only list of keys, features and units there is, for editors and for us. Its `x-form` says in
words what a value has to be, `x-units` which units it may have, `x-named` what the keys of a table are.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import Any

import jsonschema_rs
from jsonschema_rs import ValidationErrorKind

from chatconform import resources
from chatconform.targeting.lines import Path
from chatconform.targeting.units import parted


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """What is wrong, and where in the document."""

    at: Path
    reason: str


def mistakes(document: Mapping[str, Any]) -> Iterator[Mistake]:
    """Everything in a document that the schema does not allow."""
    for error in _validator().iter_errors(_as_json(document)):
        yield from _told(error, document)


@cache
def target_schema() -> Mapping[str, Any]:
    """The schema of the file, as it lies in `spec`."""
    schema: dict[str, Any] = json.loads(
        resources.data("spec/chatconform.schema.json").read_text(encoding="utf-8")
    )
    return schema


@cache
def _validator() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(dict(target_schema()))


def _as_json(value: object) -> object:
    """The document with nothing, which no key takes, where TOML has what JSON cannot say: dates and NaN."""
    if isinstance(value, dict):
        return {key: _as_json(below) for key, below in value.items()}
    if isinstance(value, list):
        return [_as_json(below) for below in value]
    is_number = isinstance(value, int | float) and math.isfinite(value)
    return value if is_number or isinstance(value, str) else None


def _told(error: jsonschema_rs.ValidationError, document: Mapping[str, Any]) -> Iterator[Mistake]:
    path: Path = tuple(error.instance_path)
    schema = _schema_at(path)
    match error.kind:
        case ValidationErrorKind.AdditionalProperties(unexpected=unexpected):
            for key in unexpected:
                yield Mistake(at=(*path, key), reason=_unknown(key, schema))
        case ValidationErrorKind.Required(property=key):
            yield Mistake(at=path, reason=f"{key!r} is missing; it is {_form(_below(schema, key))}")
        case ValidationErrorKind.PropertyNames():
            bad = [key for key in _node(document, path) if not _is_name(key, schema)]
            for key in bad:
                yield Mistake(at=(*path, key), reason=f"{key!r} cannot be a name here")
        case _:
            yield Mistake(at=path, reason=_misshapen(path, schema, _node(document, path)))


def _unknown(key: str, schema: Mapping[str, Any]) -> str:
    known = list(schema.get("properties", {}))
    what = schema.get("x-named", "key")
    meant = key.replace("_", "-").lower()
    near = [each for each in known if each.startswith(f"{meant}-") or meant.endswith(f"-{each}")]
    near = near or get_close_matches(meant, known, n=1, cutoff=0.6)
    hint = f"did you mean {' or '.join(map(repr, near))}?" if near else f"known: {', '.join(known)}"
    return f"there is no {what} {key!r}; {hint}"


def _misshapen(path: Path, schema: Mapping[str, Any], value: object) -> str:
    """What a value has to be; it is never quoted, as somebody may have put a key there."""
    reason = f"{path[-1] if path else 'the file'} has to be {_form(schema)}"
    units = schema.get("x-units", ())
    number, unit = parted(value) if isinstance(value, str) else ("", "")
    if number and units and unit not in units:
        return f"{reason}; {_unit(unit, units)}"
    kind = _kind(value)
    return reason if kind is None or kind in reason else f"{reason}, not {kind}"


def _unit(unit: str, units: Sequence[str]) -> str:
    if not unit:
        return f"the unit is missing, {' or '.join(units)}"
    small = {each.lower(): each for each in units}
    near = get_close_matches(unit.lower(), small, n=1, cutoff=0.4)
    hint = f"did you mean {small[near[0]]!r}?" if near else f"known: {', '.join(units)}"
    return f"there is no unit {unit!r}, {hint}"


def _form(schema: Mapping[str, Any] | None) -> str:
    return str((schema or {}).get("x-form", "something else"))


def _kind(value: object) -> str | None:
    match value:
        case bool():
            return "true" if value else "false"
        case dict():
            return "a table"
        case list():
            return "a list"
    return None


def _is_name(key: str, schema: Mapping[str, Any]) -> bool:
    return jsonschema_rs.is_valid(schema["propertyNames"], key)


def _node(document: object, path: Path) -> Any:
    node: Any = document
    for token in path:
        node = node[token]
    return node


def _schema_at(path: Path) -> Mapping[str, Any]:
    """The schema that describes a place, or the innermost place around it that has a description."""
    schema: Mapping[str, Any] = target_schema()
    for token in path:
        below = _below(schema, token)
        if below is None:
            break
        schema = below
    return schema


def _below(schema: Mapping[str, Any], token: str | int) -> Mapping[str, Any] | None:
    below = schema.get("properties", {}).get(token, schema.get("additionalProperties"))
    if not isinstance(below, dict):
        return None
    named = below.get("$ref", "").removeprefix("#/$defs/")
    return {**target_schema()["$defs"][named], **below} if named else below
