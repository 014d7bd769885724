"""Prompt tokens: whatever is added, wherever, is counted, and counted alike each time."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatconform.reference_server.model import ChatRequest, prompt_tokens

_HI = {"role": "user", "content": "Hi."}
_RESULT = {"role": "tool", "tool_call_id": "c1", "content": "ok"}


def _calling(arguments: str) -> dict[str, Any]:
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": arguments}}
    return {"role": "assistant", "content": None, "tool_calls": [call]}


def _function(**members: Any) -> dict[str, Any]:
    return {"messages": [_HI], "tools": [{"type": "function", "function": {"name": "f", **members}}]}


def _said(role: str) -> Callable[[str], dict[str, Any]]:
    return lambda text: {"messages": [{"role": role, "content": f"Note: {text}"}, _HI]}


PLACES: dict[str, Callable[[str], dict[str, Any]]] = {
    "system": _said("system"),
    "developer": _said("developer"),
    "earlier user": _said("user"),
    "assistant": _said("assistant"),
    "last user": lambda text: {"messages": [{"role": "user", "content": f"Note: {text}"}]},
    "tool result": lambda text: {"messages": [_HI, _calling("{}"), {**_RESULT, "content": f"R: {text}"}]},
    "arguments": lambda text: {"messages": [_HI, _calling(json.dumps({"a": f"A: {text}"})), _RESULT]},
    "broken arguments": lambda text: {"messages": [_HI, _calling(f'{{"a": "{text}'), _RESULT]},
    "tool description": lambda text: _function(description=f"D: {text}"),
    "parameter description": lambda text: _function(
        parameters={"type": "object", "properties": {"a": {"type": "string", "description": f"D: {text}"}}}
    ),
    "text part": lambda text: {
        "messages": [
            {
                "role": "user",
                "content": [{"type": "text", "text": f"P: {text}"}, {"type": "text", "text": "Hi."}],
            }
        ]
    },
    "format description": lambda text: {
        "messages": [_HI],
        "response_format": {"type": "json_schema", "json_schema": {"name": "x", "description": f"D: {text}"}},
    },
    "older function result": lambda text: {
        "messages": [_HI, {"role": "function", "name": "f", "content": f"R: {text}"}]
    },
}
TEXTS = [
    "the old harbour lay quiet under a pale sky while three small boats came home from the wide grey sea. ",
    ' Every morning 12 gulls (and 3 crows) cried: "wake up!", so the café of Zoë opened at 7:45 sharp, 日本.',
    "one line of words here\nand another line with a\ttab and so on until the count of twenty is full\n",
]


def _tokens(body: dict[str, Any]) -> int:
    return prompt_tokens(ChatRequest.from_body({"model": "m", **body}))


@pytest.mark.parametrize("text", TEXTS, ids=["words", "marks", "lines"])
@pytest.mark.parametrize("place", PLACES)
def test_a_text_costs_the_same_each_time_it_is_added(place: str, text: str) -> None:
    """The k-fold text costs k times as many tokens, at most two more or less for all its joints."""
    counts = {k: _tokens(PLACES[place](text * k)) for k in (0, 1, 2, 5, 20, 100)}
    once = round((counts[100] - counts[0]) / 100)
    assert once >= 20
    assert all(abs(count - counts[0] - k * once) <= 2 for k, count in counts.items())


@pytest.mark.parametrize("text", TEXTS, ids=["words", "marks", "lines"])
def test_every_place_counts_a_text_alike(text: str) -> None:
    """What a text costs does not depend on where it stands, but for what JSON adds to it."""
    costs = {place: _tokens(body(text * 10)) - _tokens(body("")) for place, body in PLACES.items()}
    plain = costs["system"]
    escaped = {"arguments", "tool description", "parameter description", "format description"}
    assert all(abs(cost - plain) <= 2 for place, cost in costs.items() if place not in escaped)
    assert all(plain - 2 <= costs[place] <= 2 * plain for place in escaped)


@given(st.integers(1, 30))
def test_each_message_costs_the_same(size: int) -> None:
    """As many more tokens come as messages are added, each with its frame."""
    one = _tokens({"messages": [_HI, _HI]}) - _tokens({"messages": [_HI]})
    assert _tokens({"messages": [_HI] * (size + 1)}) == _tokens({"messages": [_HI]}) + size * one
