"""Faults of one member of an object, made from tables: it is missing, null, or of another type."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from chatconform.reference_server.faults.alterations.making import Edit, dropping
from chatconform.reference_server.faults.fault import Aspect, Declare, Fault
from chatconform.reference_server.seams import Alteration

_MISSING = object()
# The words of tables and ids: what a sentence says of the member, and what it is.
_VALUES: Mapping[str, tuple[str, Any]] = {
    "missing": ("is missing", _MISSING),
    "null": ("is null", None),
    "text": ("is a text", "none"),
    "empty": ("is an empty text", ""),
    "number": ("is a number", 7),
    "negative": ("is negative", -1),
    "fraction": ("has a fraction", 0.5),
    "boolean": ("is a boolean", False),
    "list": ("is a list", []),
    "texts": ("is a list of texts", ["none"]),
    "object": ("is an object", {}),
    "numbers": ("is an object of numbers", {"one": 1}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where members stand.

    Attributes:
        id: How ids begin.
        told: How a sentence speaks of it.
        alter: Makes an alteration of an edit of what stands there.
        declare: Makes faults with the aspects of the place.
    """

    id: str
    told: str
    alter: Callable[[Edit], Alteration]
    declare: Declare

    def faults(self, rows: Iterable[Row]) -> tuple[Fault, ...]:
        """One fault for each member and each wrong value of the rows."""
        return tuple(fault for row in rows for fault in self._of_row(row))

    def _of_row(self, row: Row) -> Iterator[Fault]:
        for name in row.members.split():
            for word in row.values.split():
                told, value = _VALUES[word]
                yield self.declare(
                    f"{self.id}-{name.replace('_', '-')}-{word}",
                    f"The member {name} of {self.told} {told}.",
                    self.alter(_edit(name, value, everywhere=row.everywhere)),
                    kills=row.kills,
                    collateral=row.collateral,
                    also=row.also,
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Members that have the same wrong values in turn.

    Attributes:
        members: Their names, with blanks between.
        values: The words of the wrong values, with blanks between.
        kills: What each of the faults turns red.
        collateral: What it may turn red besides, with the reasons.
        also: What it spoils beside the aspects of the place.
        everywhere: Whether the member is added where the server does not send it.
    """

    members: str
    values: str
    kills: str
    collateral: Mapping[str, str] = field(default_factory=dict)
    also: tuple[Aspect, ...] = ()
    everywhere: bool = False


def _edit(name: str, value: Any, *, everywhere: bool) -> Edit:
    if value is _MISSING:
        return dropping(name)

    def edit(holder: Any) -> None:
        if everywhere or name in holder:
            holder[name] = value

    return edit
