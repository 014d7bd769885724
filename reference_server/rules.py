"""Rules of the contract that JSON Schema cannot say: they compare members of a request, or read its text.

Each takes a body that has passed the schema, and raises the refusal of one that breaks the rule.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from chatconform.reference_server.refusal import invalid

Body = Mapping[str, Any]


def named_tools_exist(body: Body) -> None:
    """A tool choice names only tools that the request defines."""
    choice = body.get("tool_choice")
    if isinstance(choice, dict):
        known = {(kind, name) for _, kind, name in _tool_names(body)}
        for kind, name in _chosen(choice):
            if (kind, name) not in known:
                raise invalid(
                    f"Tool choice {name!r} not found in 'tools'.", param="tool_choice", code="invalid_value"
                )
    call = body.get("function_call")
    if isinstance(call, dict) and call["name"] not in {each["name"] for each in body.get("functions") or ()}:
        raise invalid(
            f"Function {call['name']!r} not found in 'functions'.",
            param="function_call",
            code="invalid_value",
        )


def tool_names_unique(body: Body) -> None:
    """No two tools of a request have one name."""
    seen: set[str] = set()
    for index, kind, name in _tool_names(body):
        if name in seen:
            raise invalid(
                f"The tool name {name!r} is used twice.",
                param=f"tools[{index}].{kind}.name",
                code="invalid_value",
            )
        seen.add(name)


def json_object_mentions_json(body: Body) -> None:
    """With `json_object` some message has the word JSON."""
    form = body.get("response_format")
    if form is None or form["type"] != "json_object":
        return
    if not any("json" in text.lower() for message in body["messages"] for text in _texts(message)):
        raise invalid(
            "'messages' must contain the word 'json' in some form, to use 'response_format' of type "
            "'json_object'.",
            param="messages",
        )


def _tool_names(body: Body) -> Iterator[tuple[int, str, str]]:
    for index, tool in enumerate(body.get("tools") or ()):
        yield index, tool["type"], tool[tool["type"]]["name"]


def _chosen(choice: Mapping[str, Any]) -> list[tuple[str, str]]:
    if choice["type"] == "allowed_tools":
        return [pair for tool in choice["allowed_tools"]["tools"] for pair in _chosen(tool)]
    return [(choice["type"], choice[choice["type"]]["name"])]


def _texts(message: Mapping[str, Any]) -> Iterator[str]:
    content = message.get("content")
    if isinstance(content, str):
        yield content
    elif content is not None:
        yield from (part["text"] for part in content if "text" in part)
