"""Faults in how definitions of tools are taken: crashes, refusals, invented arguments."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator
from typing import Any

from chatconform.reference_server.faults.alterations.asks import (
    offers_custom_tools,
    offers_function,
    offers_tools,
)
from chatconform.reference_server.faults.alterations.making import (
    When,
    crash,
    dropping,
    pieces,
    refusal,
    request_body,
)
from chatconform.reference_server.faults.alterations.rewriting import arguments_of_tools, call
from chatconform.reference_server.faults.consequences.calls import (
    FAILED,
    FAILED_AT_BAD,
    for_all,
    of,
)
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.model import CallKind, ChatRequest, Finish, Piece, Tool, ToolCallStart
from chatconform.reference_server.refusal import Refusal, invalid
from chatconform.reference_server.seams import Asked

fault = family(Aspect.PARAMETERS, Aspect.CALLS, Aspect.PROMPT)
_ORDINARY = re.compile(r"[A-Za-z0-9_-]{1,64}")
_TABLE = 128
_ELSEWHERE = of(
    FAILED_AT_BAD,
    {"CC-TOOLS-033": "129 tools have no parameters either"},
    for_all("CC-REQ-008 CC-REQ-059", "the tool of these conversations has no parameters either"),
)

# Tools that take no arguments: how they are defined, and what the rule about them is.
_ARGUMENTLESS: tuple[tuple[str, str, Callable[[Any], bool], str], ...] = (
    ("without-parameters", "without `parameters`", lambda schema: schema is None, "CC-TOOLS-010"),
    (
        "with-empty-parameters",
        "whose `parameters` have no properties",
        lambda schema: schema is not None and not schema.get("properties"),
        "CC-TOOLS-032",
    ),
)
_TALKS = for_all("CC-GATE-002 CC-GATE-004", "a tool of these conversations has no parameters either")
_INVENTED = {"an-input": '{"input":""}', "null": "null"}


def _inventing(text: str, test: Callable[[Any], bool]) -> Callable[[str, Tool], str]:
    return lambda given, tool: text if test(tool.parameters) else given


def _defines(test: Callable[[Any], bool]) -> When:
    return offers_function(lambda function: test(function.get("parameters")))


def _has_odd_name(function: Any) -> bool:
    return not _ORDINARY.fullmatch(str(function.get("name")))


def _offers_many(asked: Asked) -> bool:
    return offers_tools(asked) and len(asked.body["tools"]) > _TABLE


def _offers_nothing(asked: Asked) -> bool:
    return asked.is_chat and asked.body.get("tools") == []


def _with_a_call(found: Iterator[Piece], _: ChatRequest) -> Iterator[Piece]:
    for piece in found:
        if isinstance(piece, Finish):
            number = f"call_{secrets.token_hex(12)}"
            start = ToolCallStart(index=0, id=number, kind=CallKind.FUNCTION, name="greet")
            yield from call(start, "{}")
        yield piece


ALL: tuple[Fault, ...] = (
    *(
        fault(
            f"tool-{name}-crashes",
            f"A tool {defined} answers 500.",
            crash(_defines(test)),
            kills=kills,
            collateral=of(FAILED, _ELSEWHERE),
        )
        for name, defined, test, kills in _ARGUMENTLESS
    ),
    *(
        fault(
            f"tool-{name}-refused",
            f"A tool {defined} is refused.",
            refusal(
                lambda _: invalid("'parameters' has no properties.", param="tools[0].function.parameters"),
                _defines(test),
            ),
            kills=kills,
            collateral=_TALKS,
        )
        for name, defined, test, kills in _ARGUMENTLESS
    ),
    *(
        fault(
            f"tool-{name}-called-with-{invented}",
            f"A tool {defined} is called with {text}.",
            arguments_of_tools(_inventing(text, test)),
            kills=kills,
            collateral={"CC-TOOLS-002": "the invented arguments do not fit the schema"},
        )
        for name, defined, test, kills in _ARGUMENTLESS
        for invented, text in _INVENTED.items()
    ),
    fault(
        "odd-tool-name-crashes",
        "The name of a tool becomes part of a regular expression unescaped, and an odd one answers 500.",
        crash(offers_function(_has_odd_name)),
        kills="CC-TOOLS-013",
        collateral=FAILED_AT_BAD,
    ),
    fault(
        "odd-tool-name-answers-404",
        "The name of a tool becomes part of a path, and an odd one answers 404.",
        refusal(lambda _: Refusal(404, "Not Found"), offers_function(_has_odd_name)),
        kills="CC-TOOLS-013",
    ),
    fault(
        "many-tools-crash",
        "More tools than a table of 128 holds answer 500.",
        crash(_offers_many),
        kills="CC-TOOLS-033",
        collateral=FAILED_AT_BAD,
        seen_in="0x4m4/hexstrike-ai#29",
    ),
    fault(
        "custom-tool-crashes",
        "A custom tool answers 500 (KeyError 'function').",
        crash(offers_custom_tools),
        kills="CC-TOOLS-014",
        collateral=FAILED,
    ),
    fault(
        "empty-tools-crash",
        "`tools: []` answers 500 (a grammar of no alternatives).",
        crash(_offers_nothing),
        kills="CC-TOOLS-012",
        collateral=FAILED_AT_BAD,
        seen_in="vllm-project/vllm#21052",
    ),
    fault(
        "empty-tools-called",
        "`tools: []` is answered with a call.",
        request_body(dropping("tools", "tool_choice"), _offers_nothing),
        pieces(_with_a_call, _offers_nothing),
        kills="CC-TOOLS-012",
    ),
)
