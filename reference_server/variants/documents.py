"""Finding things in the documents that a server answers with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chatconform.wire.exchange import Exchange
from chatconform.wire.jsontext import NotJson


def objects_in(value: Any) -> Iterator[dict[str, Any]]:
    """Every object of a document, at any depth."""
    if isinstance(value, dict):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from objects_in(each)


def completion_in(exchange: Exchange) -> dict[str, Any]:
    """The completion that an exchange brought; empty where it brought none."""
    found = document_in(exchange)
    return found if is_completion(found) else {}


def error_in(exchange: Exchange) -> dict[str, Any]:
    """The error object that an exchange brought; empty where it brought none."""
    return error_of(document_in(exchange))


def error_of(document: Any) -> dict[str, Any]:
    """The error object of a document; empty where it has none."""
    found = document.get("error") if isinstance(document, dict) else None
    return found if isinstance(found, dict) else {}


def document_in(exchange: Exchange) -> dict[str, Any]:
    """The JSON object that is the body of an answer; empty where it is none."""
    found = json_in(exchange)
    return found if isinstance(found, dict) else {}


def json_in(exchange: Exchange) -> Any:
    """The JSON that is the body of an answer; nothing where it is none."""
    try:
        return exchange.response.json if exchange.response is not None else None
    except NotJson:
        return None


def chunks_in(exchange: Exchange) -> list[dict[str, Any]]:
    """The chunks of an answer that is a stream."""
    if exchange.response is None or not exchange.is_stream:
        return []
    return [event.chunk or {} for event in exchange.response.stream.chunks]


def deltas_in(exchange: Exchange) -> list[dict[str, Any]]:
    """The deltas of an answer that is a stream, over all its choices."""
    return [choice["delta"] for chunk in chunks_in(exchange) for choice in chunk.get("choices", ())]


def asks_usage(body: Any) -> bool:
    """Whether a request asks for usage on its stream."""
    return (body.get("stream_options") or {}).get("include_usage") is True


def is_completion(document: Any) -> bool:
    """Whether a document is a completion."""
    return isinstance(document, dict) and document.get("object") == "chat.completion"


def is_model_list(document: Any) -> bool:
    """Whether a document is the list of models."""
    return isinstance(document, dict) and document.get("object") == "list"
