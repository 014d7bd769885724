"""Exchanges as a page carries them: bounded, in JSON, compressed, read by the page when somebody looks.

What a page cannot carry is said to be left out, with its size; the record has it.
"""

from __future__ import annotations

import base64
import gzip
from collections.abc import Iterable, Iterator
from typing import Any

import orjson
from markupsafe import Markup

from chatconform.printable import printable
from chatconform.wire.curl import curl_command
from chatconform.wire.encoding import UndecodableBody
from chatconform.wire.exchange import Exchange, Headers, Request, Response
from chatconform.wire.stream import StreamEvent

# Of one body, and of all exchanges of a page together (characters of JSON, which compress to about a tenth).
BODY = 40_000
TOTAL = 24_000_000
# The first and the last events of a stream tell how it began and ended.
HEAD, TAIL = 300, 100
_EVENT = 4_000
_FIELD = 2_000
_NAME = 200
_CURL = 20_000

JsonObject = dict[str, Any]


def embedded(exchanges: Iterable[Exchange], *, key_env: str, total: int = TOTAL) -> tuple[Markup, int]:
    """The exchanges in base64, those first that matter most, and how many found no room."""
    parts: list[bytes] = []
    size = left_out = 0
    for exchange in exchanges:
        part = orjson.dumps(to_page(exchange, key_env))
        if size + len(part) > total:
            left_out += 1
            continue
        size += len(part)
        parts.append(part)
    return _packed(parts), left_out


def packed(parts: Iterable[JsonObject]) -> Markup:
    """Exchanges as a page carries them, in base64."""
    return _packed(map(orjson.dumps, parts))


def _packed(parts: Iterable[bytes]) -> Markup:
    packed = gzip.compress(b"[" + b",".join(parts) + b"]", compresslevel=6, mtime=0)
    return Markup(base64.b64encode(packed).decode("ascii"))  # noqa: S704 - base64 holds no tag


def to_page(exchange: Exchange, key_env: str) -> JsonObject:
    """One exchange as the page's script reads it."""
    failure = exchange.failure
    return {
        "id": _cut(exchange.id, _NAME),
        "step": _cut(exchange.step, _NAME),
        "scenario": _cut(exchange.scenario, _NAME),
        "path": _cut(exchange.path, _NAME),
        "elapsed": round(exchange.elapsed, 4),
        "retryOf": _cut(exchange.retry_of or "", _NAME),
        "illness": _cut(exchange.illness, _FIELD),
        "failure": _cut(f"{failure.kind}: {failure.message}", _FIELD) if failure else "",
        "request": _request(exchange.request),
        "response": _response(exchange.response) if exchange.response else None,
        "curl": _curl(exchange.request, key_env),
    }


def _request(request: Request) -> JsonObject:
    return {
        "method": _cut(request.method, _FIELD),
        "url": _cut(request.url, _FIELD),
        "headers": list(_headers(request.headers)),
        "body": _text(request.body),
        "withheld": _cut(request.withheld or request.head_withheld, _FIELD),
    }


def _response(response: Response) -> JsonObject:
    told: JsonObject = {
        "status": response.status,
        "reason": _cut(response.reason, _FIELD),
        "headers": list(_headers(response.headers)),
        "headersAt": round(response.headers_at, 4),
        "complete": response.complete,
        "withheld": _cut(response.withheld or response.head_withheld, _FIELD),
    }
    if response.withheld:
        return told
    stream = response.stream if _is_stream(response) else None
    if stream is None:
        return {**told, "body": _body(response)}
    return {
        **told,
        "body": _body(response),
        "events": list(_events(stream.events)),
        "count": len(stream.events),
    }


def _is_stream(response: Response) -> bool:
    """Whether it reads as an event stream: what is mislabelled is looked at as what it is."""
    if response.head_withheld or response.media_type == "text/event-stream":
        return True
    return response.raw[:6] in (b"data: ", b"event:")


def _events(events: tuple[StreamEvent, ...]) -> Iterator[list[object]]:
    """Place, milliseconds or nothing, and data of each event; those in the middle of many are left out."""
    shown = events if len(events) <= HEAD + TAIL else (*events[:HEAD], *events[-TAIL:])
    for event in shown:
        at = None if event.arrived is None else round(1000 * event.arrived, 1)
        yield [event.index, at, _cut(event.data, _EVENT)]


def _body(response: Response) -> str:
    try:
        return _text(response.body)
    except UndecodableBody as error:
        return f"({error})\n{_text(response.raw)}"


def _headers(headers: Headers) -> Iterator[list[str]]:
    for name, value in headers:
        yield [_cut(name, _FIELD), _cut(value, _FIELD)]


def _text(data: bytes) -> str:
    more = len(data) - BODY
    text = data[:BODY].decode("utf-8", errors="replace")
    return f"{text}\n… and {more:,} bytes more" if more > 0 else text


def _cut(text: str, limit: int) -> str:
    whole = text.encode("utf-8", "replace").decode("utf-8")
    return whole if len(whole) <= limit else f"{whole[:limit]} … and {len(whole) - limit:,} characters more"


def _curl(request: Request, key_env: str) -> str:
    if len(request.body) > _CURL or request.withheld or request.head_withheld:
        return ""
    return printable(curl_command(request, key_env, ours=True))
