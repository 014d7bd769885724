"""Schemas where they stand in a document: what they describe, without going where their references lead.

A schema is more than its node: the branches of a union, the items of a list and the consequences of a
condition describe the same member. Together they are its *layers*. What only asks (`if`, `not`, `contains`,
`propertyNames`, `dependentSchemas`) describes nothing and is none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chatconform.contract.document import Document

Place = tuple[str, ...]

_LISTED_LAYERS = ("allOf", "anyOf", "oneOf", "prefixItems")
# `schema` is not a keyword of schemas: it leads from a parameter or a header of an operation to its schema.
_SINGLE_LAYERS = ("schema", "items", "additionalProperties", "contentSchema", "then", "else")


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A member that a schema describes: its name, its place, and whether its object requires it."""

    name: str
    place: Place
    required: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A value that a schema allows by name, and its place; `constant` where it is the only one."""

    value: object
    place: Place
    constant: bool


def members(document: Document, place: Place) -> Iterator[Member]:
    """Yield the members that a schema describes; one that several layers describe comes as often."""
    for at, node in _layers(document, place):
        required = node.get("required", ())
        for name in _mapping(node.get("properties")):
            yield Member(
                name=name,
                place=(*at, "properties", name),
                required=isinstance(required, tuple) and name in required,
            )


def values(document: Document, place: Place) -> Iterator[Value]:
    """Yield the values that a schema names, save for null, which says that the value is absent."""
    for at, node in _layers(document, place):
        if node.get("const") is not None:
            yield Value(value=node["const"], place=(*at, "const"), constant=True)
        listed = node.get("enum", ())
        for position, value in enumerate(listed):
            if value is not None:
                yield Value(value=value, place=(*at, "enum", str(position)), constant=len(listed) == 1)


def references(document: Document, place: Place) -> Iterator[str]:
    """Yield the pointers that a schema refers to."""
    for _, node in _layers(document, place):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]


def _layers(document: Document, place: Place) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    node = document.node(place)
    if not isinstance(node, Mapping):
        return
    yield place, node
    for key in _LISTED_LAYERS:
        for position in range(len(node.get(key, ()))):
            yield from _layers(document, (*place, key, str(position)))
    for key in _SINGLE_LAYERS:
        if key in node:
            yield from _layers(document, (*place, key))


def _mapping(node: object) -> Mapping[str, Any]:
    return node if isinstance(node, Mapping) else {}
