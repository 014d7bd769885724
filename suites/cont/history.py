"""Messages of a conversation, as they stand in a request."""

from chatconform.suite import Body, Json, ToolCall


def user(text: str) -> Body:
    """A user message."""
    return {"role": "user", "content": text}


def assistant(text: str) -> Body:
    """An assistant message of text."""
    return {"role": "assistant", "content": text}


def calling(*calls: ToolCall) -> Body:
    """The assistant message that made these calls, as a client writes it that kept only what it needs."""
    return {
        "role": "assistant",
        "content": None,
        "tool_calls": [_call(c.id, c.name, c.arguments) for c in calls],
    }


def called(*calls: tuple[str, str, str]) -> Body:
    """An assistant message with calls that no target made, each with its id, name and arguments."""
    return {"role": "assistant", "content": None, "tool_calls": [_call(*call) for call in calls]}


def result(call_id: str, content: Json) -> Body:
    """A tool message that answers a call."""
    return {"role": "tool", "tool_call_id": call_id, "content": content}


def _call(call_id: str, name: str, arguments: str) -> Body:
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}
