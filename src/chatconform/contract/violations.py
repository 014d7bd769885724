"""Where a value breaks a schema, told so that a person can act on it.

A union (`oneOf`, `anyOf`) fails as a whole: "is not valid under any of the schemas", which helps nobody. The
finder below asks which branch was meant and reports what is wrong inside it:

1. A branch that wants another JSON type than the value has was not meant.
2. Of the others, a branch whose tag (a `const` one level below, such as `role` or `type`) disagrees was not
   meant. If none is left, the tag itself is wrong, and the tags of all branches are what was possible.
3. If several are left and all miss the same member, that member (the tag, in practice) is missing.
4. Else the branch with the fewest faults was meant, and the finder goes on inside it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from jsonschema_rs import ValidationError, ValidationErrorKind

from chatconform.contract.document import Document, plain_pointer, pointer_of
from chatconform.contract.sealing import MASK, Path, Sealed
from chatconform.errors import ContractError

_LONGEST_VALUE = 60
# A number as Rust reads one: a sign, zeros, and the digits that count.
_NUMBER = re.compile(r"^(\+?0*)([0-9]+)$", re.ASCII)
_PLAIN_NAME = re.compile(r"[A-Za-z_$][\w$-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One place where a value breaks a schema.

    Attributes:
        path: The keys and positions that lead to the place in the value.
        schema_path: The keys and positions that lead to the broken keyword in the contract document.
        keyword: That keyword, such as `required`; `encoding` for a value that is not JSON at all.
        message: What is wrong there, as a sentence without the place.
        missing: The member that is missing, for `required`; else None.
        rule: The id of the `x-rule` that the keyword belongs to; None for a rule about one member alone.
    """

    path: Path
    schema_path: Path
    keyword: str
    message: str
    missing: str | None = None
    rule: str | None = None

    @property
    def pointer(self) -> str:
        """The place in the value as a JSON pointer."""
        return plain_pointer(*self.path)

    @property
    def param(self) -> str:
        """The member to blame as this API's errors write it, such as `messages[0].role`."""
        return param_name(self.path if self.missing is None else (*self.path, self.missing))


def param_name(path: Sequence[str | int]) -> str:
    """Return a path into a JSON value as this API's errors write it, such as `messages[0].role`.

    A key that is not a plain word is quoted in brackets. The whole value is the empty string.
    """
    return "".join(map(_step, path)).removeprefix(".")


def _step(key: str | int) -> str:
    if isinstance(key, str) and _PLAIN_NAME.fullmatch(key):
        return f".{key}"
    return f"[{json.dumps(key)}]"


def violations(document: Document, sealed: Sealed, pointer: str, instance: object) -> tuple[Violation, ...]:
    """Return what is wrong, faults of one member before faults between members, else in the value's order.

    Raises:
        ValueError, RecursionError: The value is not JSON, or nested too deep.
    """
    finder = _Finder(document, sealed)
    found = list(finder.found(sealed.errors(pointer, instance), instance, ()))
    found.sort(key=lambda violation: violation.rule is not None)
    return tuple(replace(violation, path=_keyed(violation.path, instance)) for violation in found)


def _keyed(path: Path, instance: object) -> Path:
    """Return a path whose keys are strings: the validator gives the key `"7"` of an object as a position."""
    return tuple(key for key, _ in _steps(path, instance))


def _reached(instance: object, path: Sequence[str | int]) -> object:
    for _, value in _steps(path, instance):
        instance = value
    return instance


def _steps(path: Sequence[str | int], instance: object) -> Iterator[tuple[str | int, object]]:
    """Yield each key of a path as it stands in the value, with the value that it leads to."""
    for step in path:
        key = _key(step, instance) if isinstance(instance, dict) else step
        if isinstance(instance, dict):
            instance = instance.get(key)
        else:
            instance = instance[key] if isinstance(instance, list) and isinstance(key, int) else None
        yield key, instance


def _key(step: str | int, instance: dict[str, object]) -> str:
    """The key that a step stands for: of `"007"` and `"+7"`, too, the validator makes 7."""
    wanted = str(step)
    if isinstance(step, str) or wanted in instance:
        return wanted
    return next((key for key in instance if _NUMBER.sub(r"\2", key, count=1) == wanted), wanted)


class _Finder:
    """Follows errors to the places that are to blame; `base` leads to the value that they are about."""

    def __init__(self, document: Document, sealed: Sealed) -> None:
        self._document = document
        self._sealed = sealed

    def found(self, errors: Sequence[ValidationError], value: object, base: Path) -> Iterator[Violation]:
        for error in errors:
            yield from self._leaves(error, value, base)

    def _leaves(self, error: ValidationError, value: object, base: Path) -> Iterator[Violation]:
        union = self._sealed.union(error)
        if union is not None:
            yield from self._opened(union, error, _reached(value, error.instance_path), base)
            return
        branches: list[list[ValidationError]] | None = getattr(error.kind, "context", None)
        if not branches or not all(branches):  # not a union, or a `oneOf` of which several branches fit
            yield self._leaf(error, base)
            return
        depth = len(error.instance_path)
        typed = [branch for branch in branches if not _wants_other_type(branch, depth)]
        if not typed:
            yield self._wrong_type(error, branches, base)
            return
        meant = [branch for branch in typed if not _wrong_tags(branch, depth)]
        if not meant:
            yield self._wrong_tag(error, [_wrong_tags(branch, depth)[0] for branch in typed], base)
            return
        missing = _missing_in_all(meant, depth) if len(meant) > 1 else None
        if missing is not None:
            yield self._leaf(missing, base)
            return
        yield from self.found(min(meant, key=len), value, base)

    def _opened(self, union: str, error: ValidationError, value: object, base: Path) -> Iterator[Violation]:
        errors = self._sealed.errors(union, value)
        if not errors:
            # Of `"7"` and `"07"` the path may have led to the one that is right. The error has a copy of the
            # broken one, whose members are in another order.
            value = error.instance
            errors = self._sealed.errors(union, value)
        yield from self.found(errors, value, (*base, *error.instance_path))

    def _wrong_type(
        self, error: ValidationError, branches: list[list[ValidationError]], base: Path
    ) -> Violation:
        wanted = [
            name for branch in branches for inner in branch for name in getattr(inner.kind, "types", ())
        ]
        return Violation(
            path=(*base, *error.instance_path),
            schema_path=self._sealed.place(error),
            keyword="type",
            message=f"{_shown(error.instance)} is not of type {_listed(wanted)}",
        )

    def _wrong_tag(self, union: ValidationError, tags: list[ValidationError], base: Path) -> Violation:
        wanted = [getattr(tag.kind, "expected_value", None) for tag in tags]
        return Violation(
            path=(*base, *tags[0].instance_path),
            schema_path=self._sealed.place(union),
            keyword="enum",
            message=f"{_shown(tags[0].instance)} is not one of {_listed(wanted)}",
        )

    def _leaf(self, error: ValidationError, base: Path) -> Violation:
        place = self._sealed.place(error)
        rule = _rule(self._document, place)
        return Violation(
            path=(*base, *error.instance_path),
            schema_path=place,
            keyword=error.kind.name,
            message=_message(error) if rule is None else rule[1],
            missing=getattr(error.kind, "property", None),
            rule=None if rule is None else rule[0],
        )


def _wants_other_type(branch: list[ValidationError], depth: int) -> bool:
    return any(error.kind.name == "type" and len(error.instance_path) == depth for error in branch)


def _wrong_tags(branch: list[ValidationError], depth: int) -> list[ValidationError]:
    return [error for error in branch if error.kind.name == "const" and len(error.instance_path) == depth + 1]


def _missing_in_all(branches: list[list[ValidationError]], depth: int) -> ValidationError | None:
    def missing(branch: list[ValidationError]) -> dict[str, ValidationError]:
        return {
            error.kind.property: error
            for error in branch
            if isinstance(error.kind, ValidationErrorKind.Required) and len(error.instance_path) == depth
        }

    first, *others = (missing(branch) for branch in branches)
    return next((error for name, error in first.items() if all(name in other for other in others)), None)


def _rule(document: Document, path: Path) -> tuple[str, str] | None:
    """Return id and message of the `x-rule` on the way to a keyword."""
    for length in range(len(path), 0, -1):
        if path[length - 1] in {"then", "else"}:
            try:
                rule = document.resolve(pointer_of(*path[: length - 1])).get("x-rule")
            except ContractError:  # the schema is not part of the document
                return None
            return None if rule is None else (rule["id"], rule["message"])
    return None


def _message(error: ValidationError) -> str:
    match error.kind:
        case ValidationErrorKind.Type(types=wanted):
            return f"{_shown(error.instance)} is not of type {_listed(wanted)}"
        case ValidationErrorKind.Enum(options=wanted):
            return f"{_shown(error.instance)} is not one of {_listed(wanted)}"
        case ValidationErrorKind.Constant(expected_value=wanted):
            return f"{_shown(error.instance)} is not {json.dumps(wanted)}"
        case _:
            return error.message.replace(MASK, _shown(error.instance))


def _listed(values: Sequence[object]) -> str:
    *most, last = dict.fromkeys(json.dumps(value) for value in values)
    return f"{', '.join(most)} or {last}" if most else last


def _shown(value: object) -> str:
    """Return a value as JSON where it is short, else its kind: it may be huge, or a secret."""
    if isinstance(value, dict):
        return "an object" if value else "{}"
    if isinstance(value, list):
        return f"a list of {len(value)}" if value else "[]"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}... ({len(text)} characters)"
