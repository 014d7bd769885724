"""Faults in what reaches the model of earlier tool calls and their results."""

from __future__ import annotations

from typing import Any

from chatconform.reference_server.faults.alterations.conversing import (
    Message,
    Messages,
    calls,
    each_of,
    messages,
    of_role,
    twice,
    without,
)
from chatconform.reference_server.faults.alterations.forwarding import forwarded
from chatconform.reference_server.faults.alterations.making import model_body
from chatconform.reference_server.faults.alterations.paths import follows_tool_result, is_streamed
from chatconform.reference_server.faults.fault import Aspect, Fault, family

fault = family(Aspect.PROMPT, Aspect.USAGE, Aspect.TEXT, Aspect.CALLS)

_RESULT = of_role("tool")
_FORWARDED = forwarded("CC-GATE-001", "CC-GATE-002", "CC-SAFETY-005")
_OF_RESULTS = "CC-CONT-001 CC-CONT-002"


def _arguments(message: Message, change: Any) -> Message:
    made = [
        {**call, "function": {**call["function"], **change(call["function"])}}
        for call in message["tool_calls"]
    ]
    return {**message, "tool_calls": made}


def _arguments_lost(message: Message) -> Message:
    return _arguments(message, lambda _: {"arguments": "{}"})


def _arguments_twice(message: Message) -> Message:
    return _arguments(message, lambda function: {"arguments": function["arguments"] * 2})


def _calls_lost(message: Message) -> Message:
    return {name: value for name, value in message.items() if name != "tool_calls"}


def _described_twice(body: Any) -> None:
    for tool in body.get("tools") or ():
        function = tool.get("function") or {}
        if function.get("description"):
            function["description"] = f"{function['description']} {function['description']}"


def _by_position(given: Messages) -> Messages:
    """Results are given the ids of the calls in their order, whatever they say themselves."""
    waiting: list[str] = []
    matched: Messages = []
    for message in given:
        if calls(message):
            waiting = [call["id"] for call in message["tool_calls"]]
        taken = {"tool_call_id": waiting.pop(0)} if _RESULT(message) and waiting else {}
        matched.append({**message, **taken})
    return matched


def _only_the_latest_round(given: Messages) -> Messages:
    last = max((place for place, message in enumerate(given) if calls(message)), default=0)
    return [m for place, m in enumerate(given) if place >= last or not (calls(m) or _RESULT(m))]


def _two_rounds(given: Messages) -> Messages:
    rounds = [place for place, message in enumerate(given) if calls(message)]
    return given[: rounds[2]] if len(rounds) > 2 else given


def _appended_as_text(given: Messages) -> Messages:
    told = [str(message["content"]) for message in given if _RESULT(message)]
    return [*given, {"role": "system", "content": "Tool results: " + " ".join(told)}] if told else given


def _cut(message: Message) -> Message:
    content = message["content"]
    return {**message, "content": content[:12] if isinstance(content, str) else content[:0]}


def _parts_lost(message: Message) -> Message:
    return {**message, "content": message["content"] if isinstance(message["content"], str) else ""}


def _first_part_only(message: Message) -> Message:
    content = message["content"]
    return {**message, "content": content if isinstance(content, str) else content[:1]}


ALL: tuple[Fault, ...] = (
    fault(
        "tool-results-lost",
        "Tool messages are dropped from the prompt.",
        messages(without(_RESULT)),
        kills=_OF_RESULTS,
        collateral=_FORWARDED,
        seen_in="Blaizzy/mlx-vlm#1024 (model loops)",
    ),
    fault(
        "tool-results-lost-streamed",
        "Tool messages are dropped from the prompt of streams.",
        messages(without(_RESULT), is_streamed),
        kills="CC-CONT-001@streamed CC-CONT-002@streamed",
        collateral={"CC-USAGE-007": "streams count less"} | _FORWARDED,
    ),
    fault(
        "tool-results-cut",
        "Tool results are cut to 12 characters.",
        messages(each_of(_cut, _RESULT)),
        kills=_OF_RESULTS,
        collateral=forwarded("CC-GATE-001", "CC-GATE-002"),
    ),
    fault(
        "tool-rounds-lost",
        "Calls and their results are left out of the history.",
        messages(without(lambda message: calls(message) or _RESULT(message))),
        kills=_OF_RESULTS,
        collateral={"CC-CONT-003": "the first tool is called again"} | _FORWARDED,
        seen_in="Blaizzy/mlx-vlm#1024 (tool_calls and tool_call_id stripped)",
    ),
    fault(
        "only-the-latest-tool-round",
        "Only the latest tool round is kept.",
        messages(_only_the_latest_round, follows_tool_result),
        kills="CC-CONT-003",
        collateral={"CC-CONT-001": "the first tool is called again"},
        seen_in="smarter-sh/smarter#543 (second consecutive tool prompt failed)",
    ),
    fault(
        "third-tool-round-lost",
        "Of more than two tool rounds the first two are kept.",
        messages(_two_rounds, follows_tool_result),
        kills="CC-CONT-003",
        collateral={"CC-CONT-001": "the last tool is called again"},
    ),
    fault(
        "results-by-position",
        "Tool messages are matched to calls by position.",
        messages(_by_position),
        kills="CC-CONT-004",
        seen_in="microsoft/foundry-local#1083 (results in different order, lost ids)",
    ),
    fault(
        "calls-lost",
        "Assistant messages are rendered by their content alone.",
        messages(each_of(_calls_lost, calls)),
        kills="CC-CONT-043",
        collateral=_FORWARDED,
        seen_in="Blaizzy/mlx-vlm#1024 (tool_calls stripped)",
    ),
    fault(
        "arguments-lost",
        "Calls of the history are rendered without their arguments.",
        messages(each_of(_arguments_lost, calls)),
        kills="CC-CONT-043",
        collateral=_FORWARDED,
    ),
    fault(
        "tool-results-twice",
        "Tool results are sent to the model twice.",
        messages(twice(_RESULT)),
        kills="CC-CONT-044",
        collateral=_FORWARDED,
    ),
    fault(
        "tool-results-as-text-too",
        "Tool results are appended to the prompt once as messages and once as text.",
        messages(_appended_as_text),
        kills="CC-CONT-044",
        collateral=forwarded("CC-SAFETY-005"),
    ),
    fault(
        "arguments-twice",
        "The arguments of earlier calls are sent to the model twice.",
        messages(each_of(_arguments_twice, calls)),
        kills="CC-CONT-044",
        collateral=_FORWARDED,
    ),
    fault(
        "tool-descriptions-twice",
        "The descriptions of tools are sent to the model twice.",
        model_body(_described_twice),
        kills="CC-CONT-044",
        collateral=forwarded("CC-CONT-010", "CC-GATE-003"),
    ),
    fault(
        "tool-parts-lost",
        "Tool content that is an array of parts reaches the model empty.",
        messages(each_of(_parts_lost, _RESULT)),
        kills="CC-CONT-014",
        seen_in="InsForge/InsForge#1788",
    ),
    fault(
        "tool-parts-first-only",
        "Of a tool's content only the first text part reaches the model.",
        messages(each_of(_first_part_only, _RESULT)),
        kills="CC-CONT-014",
    ),
)
