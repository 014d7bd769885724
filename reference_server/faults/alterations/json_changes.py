"""Changes of JSON texts that the arguments of calls and the answers of JSON mode may suffer alike."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

Change = Callable[[str], str]


def reading(change: Callable[[str, Any], str]) -> Change:
    """A change that reads the text, and leaves alone what a limit has cut."""

    def edit(text: str) -> str:
        try:
            return change(text, json.loads(text))
        except ValueError:
            return text

    return edit


def _first_key_twice(text: str, value: Any) -> str:
    if not isinstance(value, dict) or not value:
        return text
    key, first = next(iter(value.items()))
    return f"{{{json.dumps(key)}:{json.dumps(first)},{text.lstrip()[1:]}"


first_key_twice = reading(_first_key_twice)
in_python = reading(lambda _, value: str(value))


def fenced(text: str) -> str:
    """The text in a code fence."""
    return f"```json\n{text}\n```"


def doubled(text: str) -> str:
    """The text twice."""
    return text * 2


def without_its_end(text: str) -> str:
    """The text without its last character."""
    return text[:-1]
