"""What the wire said: the truth by which clients are compared.

Read with tolerance, from the raw bytes: a defect of the server is for the requirements to judge. Here only
matters what was said, and whether a client hands it over.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from chatconform.errors import TargetError
from chatconform.oracles.assembly import Assembly, Delta, Fragment
from chatconform.oracles.reading import Said, Tokens, ToldError
from chatconform.wire.exchange import Exchange, Response

# Any JSON, right or wrong.
Document = Any


def said(exchange: Exchange) -> Said:
    """What an exchange's response says; it has to have one."""
    response = exchange.response
    assert response is not None
    told = ToldError(status=response.status)
    if told.by_status:
        return told
    body = _completion(response)
    documents = list(_events(response)) if body is None else [body]
    if any(_is_error(document) for document in documents):
        return told
    assembly = Assembly()
    for document in documents:
        _take(document, assembly, whole=body is not None)
    return assembly.reading(cut=_cut(exchange, response))


def _cut(exchange: Exchange, response: Response) -> str:
    """Why the transfer broke off; an event stream that merely ends, ends."""
    if not response.complete:
        return exchange.failure.message if exchange.failure else "the connection broke"
    return response.stream.undecodable


def _completion(response: Response) -> Document | None:
    """The body as one JSON document, whatever its media type says; nothing where it is none."""
    try:
        return lenient(response.body)
    except TargetError:
        return None


def _events(response: Response) -> Iterator[Document]:
    """What the events say, also those after the terminator."""
    for event in response.stream.events:
        document = lenient(event.data)
        named = event.event.type == "error"
        if named and not _is_error(document):
            yield {"error": document or event.data or "error"}
        elif document is not None:
            yield document


def lenient(text: str | bytes) -> Document | None:
    """JSON as most parsers take it, with NaN and with keys that come twice; nothing where it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _is_error(document: Document) -> bool:
    return isinstance(document, dict) and bool(document.get("error"))


def _take(document: Document, assembly: Assembly, *, whole: bool) -> None:
    if not isinstance(document, dict):
        return
    for position, item in enumerate(_list(document.get("choices"))):
        choice = _object(item)
        message = choice.get("message") if whole else choice.get("delta")
        index = position if whole else number(choice.get("index")) or 0
        assembly.add(_delta(index, choice, _object(message), whole=whole))
    usage = _object(document.get("usage"))
    assembly.count(
        Tokens(
            prompt=number(usage.get("prompt_tokens")),
            completion=number(usage.get("completion_tokens")),
            total=number(usage.get("total_tokens")),
        )
    )


def _delta(index: int, choice: dict[str, Document], piece: dict[str, Document], *, whole: bool) -> Delta:
    function = piece.get("function_call")
    return Delta(
        index=index,
        role=_text(piece.get("role")),
        text=_text(piece.get("content")),
        refusal=_text(piece.get("refusal")),
        calls=tuple(
            _fragment(_object(call), position if whole else number(_object(call).get("index")))
            for position, call in enumerate(_list(piece.get("tool_calls")))
        ),
        function=_named(_object(function)) if function else None,
        finish_reason=_text(choice.get("finish_reason")),
    )


def _fragment(call: dict[str, Document], index: int | None) -> Fragment:
    named = _named(_object(call.get("function")) or _object(call.get("custom")))
    return Fragment(index=index, id=_text(call.get("id")), name=named.name, arguments=named.arguments)


def _named(function: dict[str, Document]) -> Fragment:
    arguments = function.get("arguments", function.get("input"))
    if isinstance(arguments, dict):
        return Fragment(name=_text(function.get("name")), arguments=json.dumps(arguments))
    return Fragment(name=_text(function.get("name")), arguments=_text(arguments))


def number(value: Document) -> int | None:
    """The value as a count or an index, also where it came in quotes."""
    if isinstance(value, str) and value.isdecimal() and len(value) < 10:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _text(value: Document) -> str:
    """The value as a text, also where it came in parts."""
    if isinstance(value, list):
        return "".join(_text(_object(part).get("text")) for part in value)
    return value if isinstance(value, str) else ""


def _object(value: Document) -> dict[str, Document]:
    return value if isinstance(value, dict) else {}


def _list(value: Document) -> list[Document]:
    return value if isinstance(value, list) else []
