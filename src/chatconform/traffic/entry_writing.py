"""An exchange as an entry of a HAR that any tool can read."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

from chatconform.record.encode import JsonObject
from chatconform.traffic.entry import messages_of_entry
from chatconform.traffic.own import OWN, own_member
from chatconform.wire.encoding import UndecodableBody
from chatconform.wire.exchange import Exchange, Headers, Request, Response

_UNKNOWN = -1
_EARLIEST, _LATEST = 0.0, 253_402_300_799.0


def entry_of_exchange(exchange: Exchange) -> JsonObject:
    """The entry; `_chatconform` holds what the specification has no member for."""
    response, waited = exchange.response, exchange.response.headers_at if exchange.response else 0.0
    entry: JsonObject = {
        "startedDateTime": _moment(exchange.started),
        "time": exchange.elapsed * 1000,
        "request": _request(exchange.request),
        "response": _response(response) if response else _nothing(exchange),
        "cache": {},
        "timings": {
            "blocked": _UNKNOWN,
            "dns": _UNKNOWN,
            "connect": _UNKNOWN,
            "ssl": _UNKNOWN,
            "send": 0,
            "wait": waited * 1000,
            "receive": max(0.0, exchange.elapsed - waited) * 1000,
        },
    }
    entry[OWN] = own_member(exchange, *messages_of_entry(entry))
    return entry


def _moment(seconds: float) -> str:
    moment = datetime.fromtimestamp(min(max(seconds, _EARLIEST), _LATEST), UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _request(request: Request) -> JsonObject:
    return {
        "method": request.method,
        "url": request.url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _headers(request.headers),
        "queryString": _query(request.url),
        "headersSize": _UNKNOWN,
        "bodySize": len(request.body),
        **_post_data(request),
    }


def _query(url: str) -> list[JsonObject]:
    try:
        query = urlsplit(url).query
    except ValueError:  # a URL that no parser takes was sent all the same
        return []
    return [{"name": name, "value": value} for name, value in parse_qsl(query, keep_blank_values=True)]


def _post_data(request: Request) -> JsonObject:
    if not request.body:
        return {}
    return {"postData": {"mimeType": _value(request.headers, "content-type"), **_text(request.body)}}


def _response(response: Response) -> JsonObject:
    body = _decoded(response)
    return {
        "status": response.status,
        "statusText": response.reason,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _headers(response.headers),
        "content": {
            "size": len(body),
            "compression": len(body) - len(response.raw),
            "mimeType": _value(response.headers, "content-type") or "x-unknown",
            **_text(body),
        },
        "redirectURL": _value(response.headers, "location"),
        "headersSize": _UNKNOWN,
        "bodySize": len(response.raw),
    }


def _nothing(exchange: Exchange) -> JsonObject:
    """What stands for a response that never came."""
    failure = exchange.failure
    return {
        "status": 0,
        "statusText": "",
        "httpVersion": "",
        "cookies": [],
        "headers": [],
        "content": {"size": 0, "mimeType": "x-unknown"},
        "redirectURL": "",
        "headersSize": _UNKNOWN,
        "bodySize": _UNKNOWN,
        "_error": f"{failure.kind}: {failure.message}" if failure else "no response",
    }


def _decoded(response: Response) -> bytes:
    try:
        return response.raw if response.withheld else response.body
    except UndecodableBody:
        return response.raw


def _text(body: bytes) -> JsonObject:
    """Text where it is UTF-8; anything else in base64."""
    try:
        return {"text": body.decode("utf-8")}
    except UnicodeDecodeError:
        return {"text": base64.b64encode(body).decode("ascii"), "encoding": "base64"}


def _headers(headers: Headers) -> list[JsonObject]:
    return [{"name": name, "value": value} for name, value in headers]


def _value(headers: Headers, name: str) -> str:
    return next((value for key, value in headers if key.lower() == name), "")
