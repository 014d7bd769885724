"""Tools and choices of the rarer kinds, which only a run that sends every case meets."""

from __future__ import annotations

from typing import Any

from chatconform.reference_server.faults.alterations.asked_for import is_text, member
from chatconform.reference_server.faults.alterations.asks import both, chooses, offers_function
from chatconform.reference_server.faults.alterations.making import crash, dropping, request_body
from chatconform.reference_server.faults.calls.broken_choices import WORDS, is_without_tools
from chatconform.reference_server.faults.consequences.calls import FAILED_AT_BAD
from chatconform.reference_server.faults.fault import Aspect, Fault, family

fault = family(Aspect.PARAMETERS, Aspect.REFUSALS, thorough=True)
_LONGEST_NAME = 64


def _has_a_long_name(function: Any) -> bool:
    return len(str(function.get("name"))) > _LONGEST_NAME


_is_object = member("tool_choice", lambda value: isinstance(value, dict))
_is_unknown_word = member("tool_choice", lambda value: is_text(value) and value not in WORDS)
_has_an_empty_list = member("tools", lambda value: value == [])

ALL: tuple[Fault, ...] = (
    fault(
        "choice-auto-without-tools-crashes",
        "`tool_choice: auto` without tools answers 500.",
        crash(both(chooses("auto"), is_without_tools)),
        kills="CC-CHOICE-005",
        collateral=FAILED_AT_BAD,
    ),
    fault(
        "named-choice-without-tools-crashes",
        "A tool_choice that names a function, without tools, answers 500.",
        crash(both(_is_object, is_without_tools)),
        kills="CC-CHOICE-005",
        collateral=FAILED_AT_BAD,
    ),
    fault(
        "unknown-word-of-choice-ignored",
        "A tool_choice that is no known word is treated as `auto`.",
        request_body(dropping("tool_choice"), _is_unknown_word),
        kills="CC-CHOICE-006",
    ),
    fault(
        "long-tool-name-crashes",
        "The name of a tool of more than 64 characters answers 500.",
        crash(offers_function(_has_a_long_name)),
        kills="CC-TOOLS-013",
        collateral=FAILED_AT_BAD,
    ),
    fault(
        "required-of-no-tools-crashes",
        "`tool_choice: required` beside `tools: []` answers 500.",
        crash(both(chooses("required"), _has_an_empty_list)),
        kills="CC-TOOLS-012",
        collateral=FAILED_AT_BAD,
    ),
)
