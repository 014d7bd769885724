"""Faults in how tool choices are refused that are malformed, unknown, or without tools."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

from chatconform.reference_server.faults.alterations.making import (
    crash,
    dropping,
    pieces,
    refusal,
    request_body,
)
from chatconform.reference_server.faults.alterations.rewriting import call
from chatconform.reference_server.faults.consequences.calls import FAILED, FAILED_AT_BAD
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.model import CallKind, ChatRequest, Piece, ToolCallStart
from chatconform.reference_server.refusal import Refusal
from chatconform.reference_server.seams import Asked

fault = family(Aspect.PARAMETERS, Aspect.REFUSALS)
WORDS = ("none", "auto", "required")


def _chosen(asked: Asked) -> Any:
    return asked.body.get("tool_choice") if asked.is_chat else None


def _names(asked: Asked) -> set[Any]:
    tools = asked.body.get("tools") or []
    return {tool["function"].get("name") for tool in tools if isinstance(tool.get("function"), dict)}


def is_malformed(asked: Asked) -> bool:
    """The choice is no word, and no object that has what its type says."""
    chosen = _chosen(asked)
    if isinstance(chosen, dict):
        return not isinstance(chosen.get(str(chosen.get("type"))), dict)
    return chosen is not None and chosen not in WORDS


def _is_unknown(asked: Asked) -> bool:
    """The choice names a function that is not defined."""
    chosen = _chosen(asked)
    named = chosen.get("function") if isinstance(chosen, dict) else None
    return isinstance(named, dict) and named.get("name") not in _names(asked)


def is_without_tools(asked: Asked) -> bool:
    """There is a choice, and nothing to choose from."""
    return _chosen(asked) not in (None, "none") and not asked.body.get("tools")


def _calling(found: Iterator[Piece], _: ChatRequest) -> Iterator[Piece]:
    number = f"call_{secrets.token_hex(12)}"
    yield from call(ToolCallStart(index=0, id=number, kind=CallKind.FUNCTION, name="greet"), "{}")
    yield from found


_BROKEN = (
    ("malformed-choice", "whose `function` is a string", is_malformed, "CC-CHOICE-006"),
    ("unknown-choice", "that names no tool of the request", _is_unknown, "CC-CHOICE-009"),
)

ALL: tuple[Fault, ...] = (
    *(
        fault(
            f"{name}-crashes",
            f"A tool_choice {told} answers 500.",
            crash(condition),
            kills=kills,
            collateral=FAILED if name == "unknown-choice" else FAILED_AT_BAD,
        )
        for name, told, condition, kills in _BROKEN
    ),
    *(
        fault(
            f"{name}-ignored",
            f"A tool_choice {told} is treated as `auto`.",
            request_body(dropping("tool_choice"), condition),
            kills=kills,
        )
        for name, told, condition, kills in _BROKEN
    ),
    *(
        fault(
            f"{name}-refused-without-a-reason",
            f"The refusal of a tool_choice {told} does not say what is wrong.",
            refusal(lambda _: Refusal(400, "Bad request."), condition),
            kills=kills,
        )
        for name, told, condition, kills in _BROKEN
    ),
    fault(
        "choice-without-tools-crashes",
        "`tool_choice: required` without tools answers 500 (`tools[0]`).",
        crash(is_without_tools),
        kills="CC-CHOICE-005",
        collateral=FAILED_AT_BAD,
        seen_in="vllm-project/vllm#21052",
    ),
    fault(
        "choice-without-tools-called",
        "`tool_choice: required` without tools is answered with a call of a tool that nobody defined.",
        request_body(dropping("tool_choice"), is_without_tools),
        pieces(_calling, is_without_tools),
        kills="CC-CHOICE-005",
        also=(Aspect.CALLS,),
    ),
)
