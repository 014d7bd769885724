"""The material that suites ask with: prompts, tools and conversations, read from the fixtures folder."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from functools import cache
from typing import cast

import yaml

from chatconform.errors import HarnessError
from chatconform.resources import folder
from chatconform.wire.jsontext import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """Messages that surround the judged one, and the tools that they need."""

    before: tuple[Json, ...]
    after: tuple[Json, ...]
    tools: tuple[Json, ...]


def prompt(name: str) -> str:
    """A prompt of `fixtures/prompts.yaml`."""
    return str(_entry("prompts", name))


def tool(name: str, *, strict: bool = False) -> dict[str, Json]:
    """A function tool of `fixtures/tools.yaml`, as it stands in a request's `tools`."""
    function = cast("dict[str, Json]", copy.deepcopy(_entry("tools", name)))
    return {
        "type": "function",
        "function": {"name": name, **function, **({"strict": True} if strict else {})},
    }


def schema(name: str) -> dict[str, Json]:
    """A JSON Schema of `fixtures/schemas.yaml`."""
    return cast("dict[str, Json]", copy.deepcopy(_entry("schemas", name)))


def conversation(name: str) -> Conversation:
    """A conversation of `fixtures/conversations.yaml`; its tools are named there and read from tools.yaml."""
    entry = cast("dict[str, list[Json]]", copy.deepcopy(_entry("conversations", name)))
    return Conversation(
        before=tuple(entry.get("before", [])),
        after=tuple(entry.get("after", [])),
        tools=tuple(tool(str(used)) for used in entry.get("tools", [])),
    )


def _entry(file: str, name: str) -> Json:
    try:
        return _file(file)[name]
    except KeyError:
        raise HarnessError(f"fixtures/{file}.yaml has no entry {name!r}") from None


@cache
def _file(name: str) -> dict[str, Json]:
    text = (folder("fixtures") / f"{name}.yaml").read_text(encoding="utf-8")
    return cast("dict[str, Json]", yaml.safe_load(text))
