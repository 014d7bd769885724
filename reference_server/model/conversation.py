"""What the model works from: the task, the instructions in force, what was said, what the tools returned."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chatconform.reference_server.model.messages import Message, Role, ToolCall
from chatconform.reference_server.model.words import abridged


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a tool returned, with the call it answers (None for a result without a known call)."""

    call: ToolCall | None
    name: str
    text: str

    @property
    def arguments(self) -> Mapping[str, Any]:
        """The arguments of the call; empty where they are no JSON object."""
        return arguments_of(self.call) if self.call else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """A request's messages from the model's point of view.

    `whole` is the last user message, or the instructions where no user has spoken; `task` is the same without
    the middle of a very long text, which bounds the time that reading it takes. `earlier` are the user and
    assistant messages before it. `calls` and `results` are those after it, `past_results` those before.
    """

    task: str
    whole: str
    instructions: str
    earlier: tuple[Message, ...]
    calls: tuple[ToolCall, ...]
    results: tuple[Result, ...]
    past_results: tuple[Result, ...]


def conversation(messages: Sequence[Message]) -> Conversation:
    """Arrange messages around the last one of the user."""
    instructions = "\n".join(each.text for each in messages if each.is_instruction and each.text)
    asked = max((index for index, each in enumerate(messages) if each.role is Role.USER), default=-1)
    before, after = messages[: max(asked, 0)], messages[asked + 1 :]
    whole = messages[asked].text if asked >= 0 else instructions
    return Conversation(
        task=abridged(whole),
        whole=whole,
        instructions=instructions,
        earlier=tuple(each for each in before if each.role in {Role.USER, Role.ASSISTANT} and each.text),
        calls=tuple(call for each in after for call in each.calls),
        results=_results(messages, after),
        past_results=_results(messages, before),
    )


def _results(messages: Sequence[Message], part: Sequence[Message]) -> tuple[Result, ...]:
    if not any(each.is_result for each in part):
        return ()
    calls = [call for each in messages for call in each.calls]
    by_id = {call.id: call for call in calls if call.id}
    by_name = {call.name: call for call in calls}
    return tuple(_result(each, by_id, by_name) for each in part if each.is_result)


def _result(each: Message, by_id: Mapping[str, ToolCall], by_name: Mapping[str, ToolCall]) -> Result:
    call = by_id.get(each.tool_call_id) if each.tool_call_id else by_name.get(each.name or "")
    return Result(call=call, name=call.name if call else each.name or "the tool", text=each.text)


def arguments_of(call: ToolCall) -> Mapping[str, Any]:
    """Read a call's arguments; what is no JSON object counts as none (a history may hold anything)."""
    try:
        value = json.loads(call.arguments)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
