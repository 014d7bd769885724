"""The paths of a conversation on which a server may forget something, as conditions on requests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chatconform.reference_server.seams import Asked

When = Callable[[Asked], bool]
_PLAIN = {
    "model",
    "messages",
    "stream",
    "stream_options",
    "max_tokens",
    "max_completion_tokens",
    "temperature",
}


def is_streamed(asked: Asked) -> bool:
    """A stream is asked for."""
    return asked.is_chat and asked.body.get("stream") is True


def is_plain(asked: Asked) -> bool:
    """A plain answer is asked for."""
    return asked.is_chat and not asked.body.get("stream")


def follows_tool_result(asked: Asked) -> bool:
    """The conversation has a tool result."""
    return asked.is_chat and any(role_of(message) == "tool" for message in messages_of(asked))


def is_later(asked: Asked) -> bool:
    """The conversation has an earlier answer, and no tool result."""
    roles = [role_of(message) for message in messages_of(asked)]
    return asked.is_chat and "assistant" in roles and "tool" not in roles


def is_first(asked: Asked) -> bool:
    """The conversation has no earlier answer."""
    return asked.is_chat and not any(
        role_of(message) in ("assistant", "tool") for message in messages_of(asked)
    )


def asks_for_usage(asked: Asked) -> bool:
    """A stream is asked for, and its token counts."""
    options = asked.body.get("stream_options")
    return is_streamed(asked) and isinstance(options, dict) and options.get("include_usage") is True


def asks_plainly(asked: Asked, *besides: str) -> bool:
    """A first question with nothing but a limit and a temperature: no other parameter shows in its text.

    These members may stand `besides`.
    """
    return is_first(asked) and asked.body.keys() <= _PLAIN | set(besides)


def takes_gzip(asked: Asked) -> bool:
    """A stream is asked for, which may be compressed."""
    return is_streamed(asked) and "gzip" in asked.headers.get("accept-encoding", "")


def offers_no_tools(asked: Asked) -> bool:
    """A completion is asked for, and no tool or function is offered."""
    return asked.is_chat and not asked.body.get("tools") and not asked.body.get("functions")


# What may be forgotten on exactly one of them: the first turn, plain or streamed, and the later ones.
PATHS: Mapping[str, When] = {
    "plain": lambda asked: is_first(asked) and is_plain(asked),
    "streamed": lambda asked: is_first(asked) and is_streamed(asked),
    "after-tool-result": follows_tool_result,
    "later-turn": is_later,
}
FIRST_TURN: Mapping[str, When] = {path: PATHS[path] for path in ("plain", "streamed")}


def messages_of(asked: Asked) -> list[Any]:
    """The messages as they were sent, which may be anything; nothing where they are no array."""
    messages = asked.body.get("messages")
    return messages if isinstance(messages, list) else []


def role_of(message: Any) -> Any:
    """The role of a message, whatever that is."""
    return message.get("role") if isinstance(message, dict) else None
