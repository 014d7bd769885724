"""Whether what an upstream received is what a client sent, whoever spelled it anew on the way."""

from __future__ import annotations

import re
from collections.abc import Iterable

from chatconform.suite import Json, NotJson, parse
from chatconform.suites.wire import as_list, as_object

# Two names of one limit: `max_tokens` is the deprecated one, and either may take the other's place.
LIMITS = ("max_tokens", "max_completion_tokens")


def is_kept(name: str, sent: dict[str, Json], came: dict[str, Json]) -> bool:
    """Whether a parameter of a request arrived with its meaning."""
    if name in LIMITS:
        # The stricter of two limits counts.
        return any(is_same(sent[name], came.get(other)) for other in LIMITS)
    if name == "stop":
        return _listed(sent[name]) == _listed(came.get(name))
    return is_same(sent[name], came.get(name))


def is_same(sent: Json, came: Json) -> bool:
    """Whether a value arrived: objects may have got members that say nothing, numbers another spelling."""
    if isinstance(sent, dict) and isinstance(came, dict):
        known = all(is_same(value, came.get(name)) for name, value in sent.items())
        # A member that is null or false says what its absence says.
        return known and all(came[name] is None or came[name] is False for name in came.keys() - sent.keys())
    if isinstance(sent, list) and isinstance(came, list):
        return len(sent) == len(came) and all(map(is_same, sent, came))
    if isinstance(sent, bool) or isinstance(came, bool):
        return sent is came
    return sent == came


def is_same_message(sent: Json, came: Json) -> bool:
    """Whether a message says the same in any spelling: role, text, calls, and which call it answers."""
    one, other = as_object(sent), as_object(came)
    return _frame(one) == _frame(other) and _is_same_text(one, other)


def text_of(message: dict[str, Json]) -> str:
    """The text of a message, of all its text parts together."""
    content = message.get("content")
    if isinstance(content, str):
        return content
    return "\n".join(str(as_object(part).get("text", "")) for part in as_list(content))


def subsequence(sent: Iterable[Json], came: Iterable[Json]) -> tuple[list[int], list[int]]:
    """Match messages in order: the places of those sent that did not come, and of those come beyond them."""
    wanted = list(sent)
    extra: list[int] = []
    position = 0
    for place, each in enumerate(came):
        if position < len(wanted) and is_same_message(wanted[position], each):
            position += 1
        else:
            extra.append(place)
    return list(range(position, len(wanted))), extra


def _frame(message: dict[str, Json]) -> tuple[object, ...]:
    """All of a message but its text."""
    calls = tuple(_call(as_object(call)) for call in as_list(message.get("tool_calls")))
    role = message.get("role")
    # A developer message is what a system message has become.
    return ("system" if role == "developer" else role, message.get("tool_call_id"), calls)


def _is_same_text(sent: dict[str, Json], came: dict[str, Json]) -> bool:
    """Whether the texts of two messages are the same.

    Text parts say what their texts say together, with any white space between them. White space around a text
    is nobody's affair, nor is whether a message without text has null, an empty text, or nothing.
    """
    one, other = text_of(sent), text_of(came)
    if isinstance(sent.get("content"), list) or isinstance(came.get("content"), list):
        return _words(one) == _words(other)
    return one.strip() == other.strip()


def _call(call: dict[str, Json]) -> tuple[object, ...]:
    function = as_object(call.get("function"))
    return (call.get("id"), function.get("name"), _canonical(function.get("arguments")))


def _canonical(arguments: Json) -> str:
    """Arguments as JSON values: a gateway may write them anew."""
    try:
        return repr(parse(arguments)) if isinstance(arguments, str) else repr(arguments)
    except NotJson:
        return repr(arguments)


def _words(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _listed(stop: Json) -> list[Json]:
    return stop if isinstance(stop, list) else [stop]
