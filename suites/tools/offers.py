"""What the suites offer as tools, and requests that offer it."""

from __future__ import annotations

from collections.abc import Sequence

from chatconform.errors import TargetError
from chatconform.suite import Body, Exchange, Json, Stage, ToolCall, parse, prompt, read_answer, tool
from chatconform.suites.wire import as_list

WEATHER = tool("get_weather")
TIME = tool("get_time")
# The question about three cities fits the first of them.
BOTH: tuple[Json, ...] = (WEATHER, TIME)
SEVERAL = "weather-in-three-cities"
# Defaults that are written out, beside the question that brings several calls.
DEFAULTS: dict[str, Body] = {
    "text": {"response_format": {"type": "text"}},
    "auto": {"tool_choice": "auto"},
    "parallel": {"parallel_tool_calls": True},
}


def function(name: str, description: str = "Does nothing.") -> Body:
    """A function tool that takes no arguments."""
    return {"type": "function", "function": {"name": name, "description": description}}


def offering(stage: Stage, question: str, tools: Sequence[Json] = BOTH, **parameters: Json) -> Body:
    """A question of the prompts on the turn of the path, with tools beside those that the turn needs."""
    body = stage.chat(prompt(question))
    return {**body, "tools": [*as_list(body.get("tools")), *tools], **parameters}


def opening(stage: Stage, question: str, tools: Sequence[Json] = BOTH, **parameters: Json) -> Body:
    """The same question on a first turn, whatever the path."""
    asked: list[Json] = [{"role": "user", "content": prompt(question)}]
    return {**stage.request(messages=asked), "tools": [*tools], **parameters}


async def ask_for_several(stage: Stage) -> None:
    """A first turn that needs three calls: the control of what forbids, forces or counts calls.

    Plain it spells out what is the default anyway, streamed it leaves that to the target.
    """
    body = opening(stage, SEVERAL)
    if stage.path.stream:
        await stage.post("several", body)
    else:
        await stage.together("several", body, DEFAULTS)


def calls_of(exchange: Exchange) -> tuple[ToolCall, ...]:
    """The calls of an answer; none where there is no answer that can be read."""
    if exchange.response is None or exchange.response.status != 200:
        return ()
    try:
        return read_answer(exchange).tool_calls
    except TargetError:
        return ()


def can_be_replayed(calls: Sequence[ToolCall]) -> bool:
    """Whether a client can send these calls back: each with an id of its own, a name, and an object."""
    ids = {call.id for call in calls}
    return bool(calls) and "" not in ids and len(ids) == len(calls) and all(map(_is_sound, calls))


def _is_sound(call: ToolCall) -> bool:
    try:
        return bool(call.name) and isinstance(parse(call.arguments), dict)
    except TargetError:
        return False
