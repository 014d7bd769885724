"""What a gateway does to the parts of a request on its way to the upstream, and on which paths."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chatconform.reference_server.faults.alterations.making import Edit, When, edited
from chatconform.reference_server.faults.alterations.paths import (
    is_first,
    is_plain,
    is_streamed,
    messages_of,
    role_of,
)
from chatconform.reference_server.seams import Asked

Message = dict[str, Any]


def _ends_with_result(asked: Asked) -> bool:
    return asked.is_chat and [role_of(each) for each in messages_of(asked)][-1:] == ["tool"]


def is_forwarded(asked: Asked) -> bool:
    """A completion is asked for, of a server that stands for a gateway and its upstream."""
    return asked.is_chat and asked.is_forwarded


def is_continued(asked: Asked) -> bool:
    """The conversation has an earlier answer, whatever came of it."""
    return asked.is_chat and not is_first(asked)


def is_again(asked: Asked) -> bool:
    """The upstream answered 503, and the request is handed on once more."""
    return asked.is_chat and asked.attempt > 1


# Where a gateway may treat a request in its own way, by the path on which that is judged.
ROADS: Mapping[str, When] = {
    "plain": lambda asked: is_first(asked) and is_plain(asked),
    "streamed": lambda asked: is_first(asked) and is_streamed(asked),
    "after-tool-result": lambda asked: _ends_with_result(asked) and is_plain(asked),
    "later-turn-streamed": lambda asked: (
        is_continued(asked) and not _ends_with_result(asked) and is_streamed(asked)
    ),
}

# Paths of which only a conversation in which the target has made a call is judged, with the path that has it.
CONTINUATIONS: Mapping[str, tuple[When, str]] = {
    "after-tool-result-streamed": (
        lambda asked: _ends_with_result(asked) and is_streamed(asked),
        "streamed",
    ),
    "later-turn": (
        lambda asked: is_continued(asked) and not _ends_with_result(asked) and is_plain(asked),
        "plain",
    ),
}
# Where a gateway is seen that loses something on one of the paths on which a server may forget it: its later
# turns have a tool result before them.
SEEN_BEHIND: Mapping[str, str] = {
    "plain": "CC-CONT-010@plain",
    "streamed": "CC-CONT-010@streamed",
    "after-tool-result": "CC-CONT-010@after-tool-result CC-CONT-010@later-turn-streamed",
    "later-turn": "",
}
# What a gateway forwards that reads a parameter otherwise than it is meant.
MISREAD = {"CC-CONT-010": "a gateway that reads it so forwards it so"}
# Where messages that change on their way are seen besides.
OTHER_CONVERSATIONS: Mapping[str, str] = {
    "CC-GATE-002": "a conversation that goes on has such messages",
    "CC-SAFETY-005": "the conversation that is masked has such messages",
}


def forwarded(*requirements: str) -> dict[str, str]:
    """What is seen where a gateway loses or changes messages that it forwards."""
    return dict.fromkeys(requirements, "a gateway that reads messages so forwards them so")


def at(name: str, change: Callable[[Any], Any]) -> Edit:
    """An edit of one member of a body, where it is there; the change returns its new value."""

    def edit(body: Any) -> None:
        if body.get(name) is not None:
            body[name] = change(body[name])

    return edit


def messages(change: Callable[[list[Message]], list[Message]]) -> Edit:
    """An edit of a body whose messages become others."""
    return at("messages", change)


def each_message_of(role: str, change: Edit) -> Edit:
    """An edit of a body whose messages of a role become others."""
    return messages(lambda found: [edited(each, change) if each["role"] == role else each for each in found])


def each_definition(change: Edit) -> Edit:
    """An edit of a body whose function tools are defined in another way."""

    def edit(tool: Any) -> None:
        if "function" in tool:
            tool["function"] = edited(tool["function"], change)

    return at("tools", lambda tools: [edited(tool, edit) for tool in tools])


def each_call_of(change: Edit) -> Edit:
    """An edit of a body whose calls in the history become others."""

    def edit(message: Any) -> None:
        if message.get("tool_calls"):
            message["tool_calls"] = [edited(call, change) for call in message["tool_calls"]]

    return each_message_of("assistant", edit)


def each_function_called(change: Edit) -> Edit:
    """An edit of a body whose called functions, with their arguments, become others."""

    def edit(call: Any) -> None:
        if "function" in call:
            call["function"] = edited(call["function"], change)

    return each_call_of(edit)


def text_of(message: Message) -> str:
    """The text of a message, of its parts line by line."""
    content = message.get("content")
    if isinstance(content, list):
        return "\n".join(str(part.get("text", "")) for part in content)
    return content or ""
