"""Conversations of the rarer kinds that crash the server, which only a run that sends every case meets."""

from __future__ import annotations

from typing import Any

import orjson

from chatconform.reference_server.faults.alterations.asked_for import message, objects_in
from chatconform.reference_server.faults.alterations.asks import both
from chatconform.reference_server.faults.alterations.making import crash
from chatconform.reference_server.faults.alterations.paths import When, is_streamed
from chatconform.reference_server.faults.consequences.calls import FAILED, FAILED_AT_BAD, Reasons, of
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.seams import Asked

fault = family(Aspect.REFUSALS, Aspect.PROMPT, thorough=True)


def _is_silent(each: dict[str, Any]) -> bool:
    """A message of the assistant has neither a content nor calls."""
    return each.get("role") == "assistant" and each.get("content") is None and not each.get("tool_calls")


def _only_the_assistant_speaks(asked: Asked) -> bool:
    return asked.is_chat and {each.get("role") for each in objects_in(asked)} == {"assistant"}


_has_results = message(lambda each: each.get("role") == "tool")
_has_calls = message(lambda each: bool(each.get("tool_calls")))


def _results_of_nothing(asked: Asked) -> bool:
    return _has_results(asked) and not _has_calls(asked)


def _calls_for_nothing(asked: Asked) -> bool:
    return _has_calls(asked) and not _has_results(asked)


def _has_malformed_arguments(each: dict[str, Any]) -> bool:
    return not all(map(_has_arguments, each.get("tool_calls") or ()))


def _has_arguments(call: Any) -> bool:
    try:
        orjson.loads(call["function"]["arguments"])
    except (KeyError, TypeError, orjson.JSONDecodeError):
        return False
    return True


_HISTORIES: Reasons = dict.fromkeys(
    ("CC-CONT-011", "CC-CONT-048"), "a message of these histories is silent as well"
)
_CASES: tuple[tuple[str, str, When, str, Reasons], ...] = (
    (
        "assistant-of-nothing-crashes",
        "A message of the assistant without a content and without calls",
        message(_is_silent),
        "CC-REQ-009",
        of(FAILED, FAILED_AT_BAD, _HISTORIES),
    ),
    (
        "assistant-alone-crashes",
        "A conversation in which the assistant alone speaks",
        _only_the_assistant_speaks,
        "CC-REQ-021",
        FAILED,
    ),
    (
        "streams-after-the-assistant-alone-crash",
        "A stream for a conversation in which the assistant alone speaks",
        both(is_streamed, _only_the_assistant_speaks),
        "CC-REQ-021",
        FAILED,
    ),
    (
        "results-of-nothing-crash",
        "A result of a tool in a conversation without calls",
        _results_of_nothing,
        "CC-CONT-012",
        FAILED,
    ),
    (
        "calls-without-any-result-crash",
        "A conversation that goes on after calls without a result of any",
        _calls_for_nothing,
        "CC-CONT-013",
        FAILED,
    ),
    (
        "streams-after-malformed-arguments-crash",
        "A stream after a call whose arguments are no JSON",
        both(is_streamed, message(_has_malformed_arguments)),
        "CC-CONT-011",
        {},
    ),
)

ALL: tuple[Fault, ...] = tuple(
    fault(name, f"{what} answers 500.", crash(when), kills=kills, collateral=beside)
    for name, what, when, kills, beside in _CASES
)
