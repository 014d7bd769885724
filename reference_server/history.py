"""Tool calls and their results in a conversation: who answers whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from chatconform.reference_server.refusal import invalid

Body = Mapping[str, Any]


def every_result_expected(body: Body) -> None:
    """A tool message answers a call of the nearest assistant message, with only tool messages between."""
    calls: set[str] = set()
    for index, message in enumerate(body["messages"]):
        if message["role"] != "tool":
            calls = _call_ids(message)
        elif not calls:
            raise invalid(
                "Messages with role 'tool' must be a response to a preceding message with 'tool_calls'.",
                param=f"messages[{index}].tool_call_id",
            )
        elif message["tool_call_id"] not in calls:
            raise invalid(
                f"The call {message['tool_call_id']!r} is not one of the preceding message's 'tool_calls'.",
                param=f"messages[{index}].tool_call_id",
            )


def every_call_answered(body: Body) -> None:
    """Every tool call is answered by a tool message before any other message follows.

    A conversation may end with open calls: then no other message follows them.
    """
    open_calls: set[str] = set()
    caller = 0
    for index, message in enumerate(body["messages"]):
        if message["role"] == "tool":
            open_calls.discard(message["tool_call_id"])
            continue
        if open_calls:
            missing = ", ".join(sorted(open_calls))
            raise invalid(
                "An assistant message with 'tool_calls' must be followed by tool messages responding to each "
                f"'tool_call_id'. These had no response: {missing}",
                param=f"messages[{caller}].tool_calls",
            )
        open_calls, caller = _call_ids(message), index


def arguments_parse(body: Body) -> None:
    """The arguments of a function call in the history are the text of one JSON object, or blank for none.

    The contract leaves this to the server: some take the text as it is. This model reads it, so text that
    it cannot read is the caller's fault (400), and never a failure of ours.
    """
    for index, message in enumerate(body["messages"]):
        for path, arguments in _arguments(message):
            if arguments.strip() and not _is_object(arguments):
                raise invalid(
                    "The arguments of a function call must be a JSON object.",
                    param=f"messages[{index}].{path}",
                    code="invalid_value",
                )


def _arguments(message: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for number, call in enumerate(message.get("tool_calls") or ()):
        if call["type"] == "function":
            yield f"tool_calls[{number}].function.arguments", call["function"]["arguments"]
    legacy = message.get("function_call")
    if legacy:
        yield "function_call.arguments", legacy["arguments"]


def _is_object(text: str) -> bool:
    try:
        return isinstance(orjson.loads(text), dict)
    except orjson.JSONDecodeError:
        return False


def _call_ids(message: Mapping[str, Any]) -> set[str]:
    if message["role"] != "assistant":
        return set()
    return {call["id"] for call in message.get("tool_calls") or ()}
