"""Tool calls on the wire: whole in a completion, in fragments in a stream.

There are three kinds: calls of functions, calls of custom tools whose input is free text, and the deprecated
single `function_call`.
"""

from __future__ import annotations

from typing import Any

from chatconform.reference_server.model import CallKind, ToolCallArguments, ToolCallStart

Document = dict[str, Any]


def call_document(start: ToolCallStart, arguments: str) -> Document:
    """Return the finished call of a completion's message."""
    if start.kind is CallKind.LEGACY:
        return _body(start, arguments)
    return {"id": start.id, "type": start.kind.value, start.kind.value: _body(start, arguments)}


def start_delta(start: ToolCallStart) -> Document:
    """Return the delta that announces a call: id, type and name come once, here."""
    if start.kind is CallKind.LEGACY:
        return {start.kind.value: _body(start, "")}
    return {"tool_calls": [{"index": start.index, **call_document(start, "")}]}


def fragment_delta(kind: CallKind, arguments: ToolCallArguments) -> Document:
    """Return the delta that carries one fragment of a call's arguments, and nothing else of it."""
    fragment = {_text_member(kind): arguments.fragment}
    if kind is CallKind.LEGACY:
        return {kind.value: fragment}
    return {"tool_calls": [{"index": arguments.index, kind.value: fragment}]}


def _body(start: ToolCallStart, text: str) -> Document:
    return {"name": start.name, _text_member(start.kind): text}


def _text_member(kind: CallKind) -> str:
    return "input" if kind is CallKind.CUSTOM else "arguments"
