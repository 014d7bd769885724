"""Messages of a conversation, as they stand in a request."""

from chatconform.contract import load_contract
from chatconform.errors import TargetError
from chatconform.suite import Body, Exchange, Json, NotJson, ToolCall, at_pointer, parse
from chatconform.suites.wire import as_list, as_object


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


def parts(*texts: str) -> list[Json]:
    """Content in text parts."""
    return [{"type": "text", "text": text} for text in texts]


def own_message(exchange: Exchange) -> Body | None:
    """The assistant message of a completion as it came; None where there is none."""
    try:
        body = exchange.response.json if exchange.response else None
    except TargetError:
        return None
    message = at_pointer(body, "/choices/0/message", None)
    return message if isinstance(message, dict) else None


def is_legal(body: Body) -> bool:
    """Whether the contract allows a body: what a target said may break it when it is sent back."""
    return load_contract().validator("CreateChatCompletionRequest").is_valid(body)


def has_malformed_arguments(body: Body) -> bool:
    """Whether any call in the history of a request has arguments that are no JSON object."""
    calls = [
        as_object(call)
        for message in as_list(body.get("messages"))
        for call in as_list(as_object(message).get("tool_calls"))
    ]
    return any(_is_malformed(as_object(call.get("function")).get("arguments")) for call in calls)


def _is_malformed(arguments: Json) -> bool:
    try:
        return isinstance(arguments, str) and not isinstance(parse(arguments), dict)
    except NotJson:
        return True


def is_declined(exchange: Exchange) -> bool:
    """Whether a request was refused or failed at, rather than left unanswered for want of capacity."""
    return exchange.response is not None and exchange.response.status not in {200, 429, 503}
