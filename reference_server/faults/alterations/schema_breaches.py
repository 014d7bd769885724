"""Values that break one keyword of their schema in one place, and fit it everywhere else."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]
Whole, Member, Item = "whole", "member", "item"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A value within a whole, its schema, and whether it is the whole, a member or an item of an array."""

    value: Any
    schema: Schema
    kind: str

    @property
    def is_object(self) -> bool:
        """Whether it is an object."""
        return isinstance(self.value, dict)

    @property
    def is_array(self) -> bool:
        """Whether it is an array."""
        return isinstance(self.value, list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """Where a keyword can be broken, and what the value becomes there."""

    at: Callable[[Spot], bool]
    by: Callable[[Spot], Any]


def _without_the_last(spot: Spot) -> Any:
    return dict(list(spot.value.items())[:-1])


def _with_one_more(spot: Spot) -> Any:
    return {**spot.value, "comment": "A fine one."}


BREACHES: Mapping[str, Breach] = {
    "required": Breach(at=lambda spot: spot.kind == Whole, by=_without_the_last),
    "additional-properties": Breach(at=lambda spot: spot.kind == Whole, by=_with_one_more),
    "type": Breach(
        at=lambda spot: spot.schema.keys() == {"type"} and spot.kind == Member, by=lambda _: ["Oslo"]
    ),
    "enum": Breach(at=lambda spot: "enum" in spot.schema, by=lambda _: "superb"),
    "maximum": Breach(at=lambda spot: "maximum" in spot.schema, by=lambda spot: spot.schema["maximum"] + 6),
    "minimum": Breach(at=lambda spot: "minimum" in spot.schema, by=lambda spot: spot.schema["minimum"] - 1),
    "array": Breach(at=lambda spot: spot.is_array, by=lambda spot: ", ".join(map(str, spot.value))),
    "items": Breach(at=lambda spot: spot.kind == Item, by=lambda spot: [spot.value]),
    "required-within": Breach(
        at=lambda spot: spot.is_object and spot.kind == Member and "$ref" not in spot.schema,
        by=_without_the_last,
    ),
    "additional-properties-within": Breach(
        at=lambda spot: spot.is_object and spot.kind == Member and "$ref" not in spot.schema,
        by=_with_one_more,
    ),
    "required-of-items": Breach(at=lambda spot: spot.is_object and spot.kind == Item, by=_without_the_last),
    "reference": Breach(at=lambda spot: "$ref" in spot.schema, by=lambda _: "in the middle"),
    "any-of": Breach(at=lambda spot: "anyOf" in spot.schema, by=lambda _: "long ago"),
}


def broken(text: str, schema: Schema | bool | None, breach: Breach) -> str:
    """The JSON text with the first spot broken that the breach is for; as it was where there is none."""
    if not isinstance(schema, Mapping):
        return text
    try:
        value = json.loads(text)
    except ValueError:
        return text
    holder: dict[str, Any] = {"": value}
    for owner, key, spot in _spots(holder, "", Spot(value=value, schema=schema, kind=Whole)):
        if breach.at(spot):
            owner[key] = breach.by(spot)
            break
    return json.dumps(holder[""], ensure_ascii=False, separators=(",", ":"))


def _spots(
    owner: Any, key: Any, spot: Spot
) -> Iterator[tuple[MutableMapping[Any, Any] | list[Any], Any, Spot]]:
    yield owner, key, spot
    if spot.is_object:
        for name, described in spot.schema.get("properties", {}).items():
            if name in spot.value:
                inner = Spot(value=spot.value[name], schema=described, kind=Member)
                yield from _spots(spot.value, name, inner)
    elif spot.is_array:
        for number, value in enumerate(spot.value):
            inner = Spot(value=value, schema=spot.schema.get("items", {}), kind=Item)
            yield from _spots(spot.value, number, inner)
