"""What a request asks for, as conditions under which a fault acts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from chatconform.reference_server.faults.alterations.paths import is_plain, is_streamed
from chatconform.reference_server.seams import Asked

When = Callable[[Asked], bool]

# The two forms of an answer, in one of which alone a fault may act.
FORMS: Mapping[str, When] = {"plain": is_plain, "streamed": is_streamed}


def both(*conditions: When) -> When:
    """Every one of the conditions holds."""
    return lambda asked: all(condition(asked) for condition in conditions)


def chooses(word: str) -> When:
    """The tool choice is this word."""
    return lambda asked: asked.is_chat and asked.body.get("tool_choice") == word


def chooses_by(kind: str) -> When:
    """The tool choice is an object of this type."""
    return lambda asked: asked.is_chat and _object(asked.body.get("tool_choice")).get("type") == kind


def wants(kind: str) -> When:
    """The response format has this type."""
    return lambda asked: asked.is_chat and response_format(asked).get("type") == kind


def one_call_at_most(asked: Asked) -> bool:
    """Parallel calls are forbidden."""
    return asked.is_chat and asked.body.get("parallel_tool_calls") is False


def offers_tools(asked: Asked) -> bool:
    """Some tools are defined."""
    return asked.is_chat and bool(asked.body.get("tools"))


def offers_no_tools(asked: Asked) -> bool:
    """No tool is defined, and no deprecated function."""
    return asked.is_chat and not asked.body.get("tools") and not asked.body.get("functions")


def offers_functions(asked: Asked) -> bool:
    """Deprecated functions are defined."""
    return asked.is_chat and bool(asked.body.get("functions"))


def offers_function(test: Callable[[Mapping[str, Any]], bool]) -> When:
    """The definition of some function tool passes a test."""
    return lambda asked: any(test(each) for each in _functions(asked))


def offers_custom_tools(asked: Asked) -> bool:
    """A custom tool is defined."""
    return any(tool.get("type") == "custom" for tool in _tools(asked))


def response_format(asked: Asked) -> Mapping[str, Any]:
    """The response format; empty where there is none, or where it is no object."""
    return _object(asked.body.get("response_format"))


def _tools(asked: Asked) -> Iterator[Mapping[str, Any]]:
    tools = asked.body.get("tools") if asked.is_chat else None
    return map(_object, tools if isinstance(tools, list) else [])


def _functions(asked: Asked) -> Iterator[Mapping[str, Any]]:
    return (_object(tool["function"]) for tool in _tools(asked) if "function" in tool)


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
