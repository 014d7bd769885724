"""Strict JSON: what RFC 8259 allows, and no more, from text that a stranger sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import NoReturn

from chatconform.errors import TargetError

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


class NotJson(TargetError):
    """A text that claims to be JSON is not; `position` is the offset in characters where reading stopped."""

    def __init__(self, reason: str, position: int = 0) -> None:
        super().__init__(f"not JSON: {reason} (at character {position})")
        self.reason = reason
        self.position = position


def parse(text: str | bytes, *, repeated: list[str] | None = None) -> Json:
    """One JSON text (RFC 8259); white space around it is allowed, NaN, Infinity and a BOM are not.

    The member names that occur more than once in one object are added to `repeated`, where that is given.
    """
    hook = None if repeated is None else _noting(repeated)
    try:
        decoded = text.decode("utf-8") if isinstance(text, bytes) else text
        value: Json = json.loads(decoded, parse_constant=_refuse_constant, object_pairs_hook=hook)
    except UnicodeDecodeError as error:
        # RFC 8259, 8.1: "JSON text exchanged between systems ... MUST be encoded using UTF-8".
        raise NotJson(f"invalid UTF-8: {error.reason}", error.start) from None
    except json.JSONDecodeError as error:
        raise NotJson(error.msg, error.pos) from None
    except (RecursionError, ValueError) as error:  # nested too deeply; an integer of thousands of digits
        raise NotJson(str(error) or type(error).__name__) from None
    return value


def type_of(value: Json) -> str:
    """The name of a value's type in JSON Schema: `integer` for a whole number."""
    if isinstance(value, bool):
        return "boolean"
    names = {int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    return names.get(type(value), "null")


def _refuse_constant(word: str) -> NoReturn:
    raise NotJson(f"{word} is not a JSON value")


def repeated_keys(text: str) -> tuple[str, ...]:
    """The member names that occur more than once in one object, anywhere in a JSON text.

    RFC 8259, section 4: "The names within an object SHOULD be unique."
    """
    found: list[str] = []
    try:
        json.loads(text, object_pairs_hook=_noting(found))
    except (ValueError, RecursionError) as error:
        raise NotJson(str(error)) from None
    return tuple(found)


def _noting(found: list[str]) -> Callable[[Iterable[tuple[str, Json]]], dict[str, Json]]:
    def note(pairs: Iterable[tuple[str, Json]]) -> dict[str, Json]:
        seen: dict[str, Json] = {}
        for key, value in pairs:
            if key in seen:
                found.append(key)
            seen[key] = value
        return seen

    return note


_MISSING = object()


def at_pointer(value: Json, pointer: str, default: object = _MISSING) -> Json:
    """The value at a JSON pointer (RFC 6901); raises `KeyError` where there is none and no default."""
    current = value
    for part in pointer.split("/")[1:]:
        token = part.replace("~1", "/").replace("~0", "~")
        if isinstance(current, dict) and token in current:
            current = current[token]
        elif isinstance(current, list) and token.isdigit() and int(token) < len(current):
            current = current[int(token)]
        elif default is not _MISSING:
            return default  # type: ignore[return-value]  # the caller's own default
        else:
            raise KeyError(pointer)
    return current
