"""Tool calls and their results in a conversation: who answers whom.

Arguments in the history are text as the model wrote it once, and opaque: whether they parse is no rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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


def _call_ids(message: Mapping[str, Any]) -> set[str]:
    if message["role"] != "assistant":
        return set()
    return {call["id"] for call in message.get("tool_calls") or ()}
