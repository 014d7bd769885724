"""A document whose unions are sealed: that one is broken is told without what breaks each of its branches.

The library tells of a broken union with the errors of all branches, each with a copy of its value, and so
down through every union inside: hundreds of times the memory of the value. A sealed union is one error.
Whoever asks opens it, and sees its branches, in which further unions are sealed.

A union is sealed by two negations around it: `not` is one error, whatever is behind it.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import jsonschema_rs
from jsonschema_rs import ValidationError

from chatconform.contract.document import Document, pointer_of

Path = tuple[str | int, ...]

# Stands for the value in the messages of a compiled schema, so that ours decides how much of it to show.
MASK = "\N{OBJECT REPLACEMENT CHARACTER}"
_ADDRESS = "urn:chatconform:sealed"
_SHELF = "x-sealed-unions"
_UNIONS = ("oneOf", "anyOf")
# What stands there is no schema, whatever it looks like.
_DATA = frozenset({"const", "default", "dependentRequired", "enum", "example", "examples"})


class Sealed:
    """Tells what breaks the schemas of a document, and where their unions are."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._compiled: dict[str, jsonschema_rs.Draft202012Validator] = {}

    def errors(self, pointer: str, instance: object) -> list[ValidationError]:
        """Return what breaks the schema at a pointer, each union as one error.

        Raises:
            ValueError, RecursionError: The value is not JSON, or nested too deep.
        """
        return list(self._validator(pointer).iter_errors(instance))

    def union(self, error: ValidationError) -> str | None:
        """Return the pointer to the union whose seal an error is about; None for any other error."""
        place = self.place(error)
        number = self._shelf.numbers.get(_plain(place[:-1])) if place[-1:] == ("not",) else None
        return None if number is None else f"#/{_SHELF}/{number}/not"

    def place(self, error: ValidationError) -> Path:
        """Return the keys and positions that lead to the broken keyword in the document."""
        path = tuple(error.schema_path)
        if path[:1] != (_SHELF,):
            return path
        _, number, _, *rest = path
        return (*self._shelf.places[int(number)], *rest)

    def _validator(self, pointer: str) -> jsonschema_rs.Draft202012Validator:
        if pointer not in self._compiled:
            self._compiled[pointer] = jsonschema_rs.Draft202012Validator(
                {"$ref": f"{_ADDRESS}{self._where(pointer)}"},
                registry=self._shelf.registry,
                validate_formats=True,
                mask=MASK,
                offline=True,
            )
        return self._compiled[pointer]

    def _where(self, pointer: str) -> str:
        if pointer.startswith(f"#/{_SHELF}/"):
            return pointer
        return self._shelf.pointer(self._document.place(self._document.locate(pointer)))

    @cached_property
    def _shelf(self) -> _Shelf:
        return _Shelf(self._document)


class _Shelf:
    """Keeps the unions of a document.

    Attributes:
        registry: The document with seals, and with its unions, each behind a negation.
        places: The schema of each union, in the document.
        numbers: The position of each union, by its schema in the document.
    """

    def __init__(self, document: Document) -> None:
        self.places: list[Path] = []
        self.numbers: dict[Path, int] = {}
        self._unions: list[dict[str, Any]] = []
        sealed = document.copy()
        if not _resists(sealed):
            self._take(sealed, ())
        content = {**sealed, _SHELF: self._unions}
        self.registry = jsonschema_rs.Registry([(_ADDRESS, content)], draft=jsonschema_rs.Draft202012)

    def pointer(self, place: Path) -> str:
        """Return the pointer to where a place of the document is now."""
        for length in range(len(place) - 1, -1, -1):
            number = self.numbers.get(place[:length])
            if number is not None and place[length] in self._unions[number]["not"]:
                return pointer_of(_SHELF, number, "not", *place[length:])
        return pointer_of(*place)

    def _take(self, node: Any, place: Path) -> None:
        """Take the unions out of a node, the inner ones first, and leave seals."""
        if isinstance(node, list):
            for index, child in enumerate(node):
                self._take(child, (*place, index))
        if not isinstance(node, dict):
            return
        for key, child in node.items():
            if key not in _DATA:
                self._take(child, (*place, key))
        found = [key for key in _UNIONS if isinstance(node.get(key), list)]
        # A schema that has a `not` of its own, or both unions, stays as it is: told at more cost, but told.
        if len(found) == 1 and "not" not in node:
            number = self.numbers[_plain(place)] = len(self._unions)
            node["not"] = {"$ref": f"#/{_SHELF}/{number}"}
            self._unions.append({"not": {found[0]: node.pop(found[0])}})
            self.places.append(place)


def _plain(path: Path) -> Path:
    # The validator gives a key that looks like a number as a position.
    return tuple(map(str, path))


def _resists(node: Any) -> bool:
    """Tell whether a document has what seals would break.

    A negation hides what `unevaluatedProperties` and the like ask for, an `$id` changes where our pointers
    lead, and a reference into a union would find it gone.
    """
    if isinstance(node, list):
        return any(map(_resists, node))
    if not isinstance(node, dict):
        return False
    reference = node.get("$ref")
    leads_into_union = isinstance(reference, str) and any(f"/{key}/" in reference for key in _UNIONS)
    return leads_into_union or any(
        key == "$id" or key.startswith("unevaluated") or _resists(child) for key, child in node.items()
    )
