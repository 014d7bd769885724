"""Faults in the arguments of tool calls: cut, doubled, double-encoded, fenced, repeated, misread."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from chatconform.reference_server.faults.alterations.asks import FORMS
from chatconform.reference_server.faults.alterations.json_changes import (
    Change,
    doubled,
    fenced,
    first_key_twice,
    in_python,
    reading,
    without_its_end,
)
from chatconform.reference_server.faults.alterations.rewriting import arguments, arguments_of_tools
from chatconform.reference_server.faults.consequences.calls import ALIKE, UNREADABLE, for_all, of, without
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.model import Tool

fault = family(Aspect.CALLS)


def _of_members(change: Callable[[dict[str, Any]], Any]) -> Change:
    """A change of the arguments as an object; what has no members is left alone."""
    return reading(lambda text, value: json.dumps(change(value), ensure_ascii=False) if value else text)


def _double_escaped(text: str) -> str:
    return re.sub(r"[^\x00-\x7f]", lambda found: f"\\\\u{ord(found[0]):04x}", text)


def _needed(change: Change) -> Callable[[str, Tool], str]:
    """The change where the tool's schema requires something, so that nothing is not legal."""

    def edit(text: str, tool: Tool) -> str:
        schema = tool.parameters if isinstance(tool.parameters, dict) else {}
        return change(text) if schema.get("required") else text

    return edit


# In plain answers only and in streams only.
_IN_BOTH: tuple[tuple[str, str, Change, str, str], ...] = (
    (
        "cut",
        "The last character of a call's arguments is lost",
        without_its_end,
        "CC-TOOLS-002",
        "CC-TOOLS-009",
    ),
    ("doubled", "A call's arguments come twice", doubled, "CC-TOOLS-002", "CC-TOOLS-009"),
    ("encoded-twice", "A call's arguments are serialised twice", json.dumps, "CC-TOOLS-021", "CC-TOOLS-021"),
    ("key-twice", "The first argument is written twice", first_key_twice, "CC-TOOLS-017", "CC-TOOLS-017"),
    (
        "fenced",
        "A call's arguments stand in a code fence",
        fenced,
        "CC-TOOLS-002",
        "CC-TOOLS-002",
    ),
)
# In both forms at once.
_SHAPES: tuple[tuple[str, str, Change], ...] = (
    ("emptied", "The arguments of every call are an empty object", lambda _: "{}"),
    ("blank", "The arguments of every call are an empty text", lambda _: ""),
    ("null", "The arguments of every call are null", lambda _: "null"),
    ("in-an-array", "A call's arguments stand in an array", lambda text: f"[{text}]"),
    ("wrapped", "A call's arguments stand under a further key", lambda text: f'{{"arguments":{text}}}'),
    ("in-python", "A call's arguments are written as a dict of Python", in_python),
    ("numbers", "Every argument is a number", _of_members(lambda members: dict.fromkeys(members, 1))),
    (
        "renamed",
        "Every argument has another name",
        _of_members(lambda members: {f"{name}_": each for name, each in members.items()}),
    ),
    ("behind-a-word", "A call's arguments follow a word of the model's", lambda text: f"Arguments: {text}"),
)
# What becomes of letters that are not ASCII.
_LETTERS: tuple[tuple[str, str, Change], ...] = (
    ("latin-1", "read as Latin-1", lambda text: text.encode().decode("latin-1")),
    ("question-marks", "lost", lambda text: text.encode("ascii", "replace").decode()),
    ("replaced", "replaced byte by byte", lambda text: text.encode().decode("ascii", "replace")),
    ("escaped-twice", "escaped once too often", _double_escaped),
)

_SHAPELESS = of(
    without(UNREADABLE, ["CC-TOOLS-002"]),
    ALIKE,
    for_all("CC-TOOLS-029 CC-TOOLS-031", "a member of the arguments has another type"),
)
_REPLACED = for_all("CC-RESP-020 CC-STREAM-019", "replacement characters stand in an answer")

ALL: tuple[Fault, ...] = (
    *(
        fault(
            f"arguments-{name}-{form}",
            f"{defect}, in {form} answers.",
            arguments(change, FORMS[form]),
            kills=kills,
            collateral=without(UNREADABLE, [kills]),
        )
        for name, defect, change, *by_form in _IN_BOTH
        for form, kills in zip(FORMS, by_form, strict=True)
    ),
    *(
        fault(
            f"arguments-{name}",
            f"{defect}.",
            arguments_of_tools(_needed(change)),
            kills="CC-TOOLS-002",
            collateral=_SHAPELESS,
        )
        for name, defect, change in _SHAPES
    ),
    *(
        fault(
            f"arguments-letters-{name}",
            f"Letters of arguments that are not ASCII are {defect}.",
            arguments(change),
            kills="CC-TOOLS-025@plain CC-TOOLS-025@streamed",
            collateral=_REPLACED if name == "replaced" else {},
        )
        for name, defect, change in _LETTERS
    ),
    fault(
        "arguments-letters-escaped-twice-streamed",
        "Letters of arguments that are not ASCII are escaped once too often in streams.",
        arguments(_double_escaped, FORMS["streamed"]),
        kills="CC-TOOLS-025@streamed",
        seen_in="vllm-project/vllm#13826",
    ),
)
