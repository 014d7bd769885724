"""Pointing at the place in an exchange where something was seen, and quoting what stands there."""

from __future__ import annotations

import json

from chatconform.findings.verdict import Evidence
from chatconform.wire.exchange import Exchange, Response
from chatconform.wire.jsontext import Json, NotJson, at_pointer, parse

QUOTE_LIMIT = 600
# Of an answer that ought to have been a refusal the beginning is enough; of an error every word may matter.
ANSWER_LIMIT = 240


def quote(value: object, limit: int = QUOTE_LIMIT) -> str:
    """A value as one bounded line: JSON where it is JSON, text in quotes otherwise."""
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):
        text = repr(value)
    return text if len(text) <= limit else f"{text[: limit - 20]} … ({len(text)} characters)"


def at_status(exchange: Exchange) -> Evidence:
    """The status line, or what came instead of one."""
    if exchange.response is None:
        return at_failure(exchange)
    response = exchange.response
    line = f"{response.status} {response.reason}".strip()
    limit = QUOTE_LIMIT if response.status >= 400 else ANSWER_LIMIT
    told = _bounded(" ".join(_text(response).split("\n")), limit)
    return Evidence(exchange=exchange.id, where="status", quoted=f"{line}: {told}")


def at_failure(exchange: Exchange) -> Evidence:
    """How the connection failed."""
    failure = exchange.failure
    told = f"{failure.kind}: {failure.message} after {failure.at:.2f} s" if failure else "nothing failed"
    return Evidence(exchange=exchange.id, where="connection", quoted=told)


def at_header(exchange: Exchange, name: str) -> Evidence:
    """A header of the response, or its absence."""
    value = exchange.response.header(name) if exchange.response else None
    quoted = f"{name}: {value}" if value is not None else f"no {name} header"
    return Evidence(exchange=exchange.id, where=f"header {name}", quoted=quoted)


def at_body(exchange: Exchange) -> Evidence:
    """The beginning of the response's body."""
    return Evidence(exchange=exchange.id, where="body", quoted=_excerpt(exchange))


def at_json(exchange: Exchange, pointer: str) -> Evidence:
    """A place in the JSON body, by JSON pointer; the nearest place above it where it is missing."""
    value = exchange.response.json if exchange.response else None
    return Evidence(exchange=exchange.id, where=pointer or "/", quoted=_quoted_at(value, pointer))


def at_event(exchange: Exchange, index: int, pointer: str = "") -> Evidence:
    """An event of the stream, or a place in its JSON."""
    event = exchange.response.stream.events[index] if exchange.response else None
    if event is None:
        return at_failure(exchange)
    where = f"event {index}" + (f" {pointer}" if pointer else "")
    try:
        quoted = _quoted_at(event.json, pointer) if pointer else _bounded(event.data)
    except NotJson:
        quoted = _bounded(event.data)
    return Evidence(exchange=exchange.id, where=where, quoted=quoted)


def at_request(exchange: Exchange, pointer: str = "") -> Evidence:
    """What was sent: the whole body, or a place in its JSON."""
    body = exchange.request.content.decode("utf-8", errors="replace")
    where = f"request {pointer}" if pointer else "request"
    try:
        quoted = _quoted_at(parse(body), pointer) if pointer else _bounded(body)
    except NotJson:
        quoted = _bounded(body)
    return Evidence(exchange=exchange.id, where=where, quoted=quoted)


def at_received(exchange: Exchange, body: Json, pointer: str = "") -> Evidence:
    """What the upstream of a gateway received on account of an exchange: the whole body, or a place in it."""
    where = f"received by the upstream {pointer}".strip()
    return Evidence(exchange=exchange.id, where=where, quoted=_quoted_at(body, pointer))


def _quoted_at(value: object, pointer: str) -> str:
    try:
        return quote(at_pointer(value, pointer))  # type: ignore[arg-type]  # it came out of a JSON parser
    except KeyError:
        parent, _, name = pointer.rpartition("/")
        return f"no {name!r} in {_quoted_at(value, parent)}"


def _excerpt(exchange: Exchange) -> str:
    return _bounded(_text(exchange.response)) if exchange.response else ""


def _text(response: Response) -> str:
    # What was found elsewhere in the response stands without its body.
    return f"({response.withheld})" if response.withheld else response.text


def _bounded(text: str, limit: int = QUOTE_LIMIT) -> str:
    return text if len(text) <= limit else f"{text[: limit - 20]} … ({len(text)} characters)"
