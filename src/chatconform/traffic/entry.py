"""An entry of a HAR as an exchange.

A HAR tells less than the wire. Content codings are undone in it (`content.text` is what the page saw), so the
response is marked as decoded, and its headers are left as they were. When the pieces of a body arrived is not
told, nor is which connection a request went over. Bodies may be missing although there were some: Chromium
lets go of those that a page has streamed, and proxies of large ones.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeGuard

from chatconform.errors import UnreadableTraffic
from chatconform.traffic.failures import failure_of
from chatconform.traffic.own import OWN, BadMember, exchange_of_own
from chatconform.wire.exchange import Exchange, Headers, Request, Response
from chatconform.wire.jsontext import Json

API = ("/chat/completions", "/models")
UNPOOLED = "a HAR does not tell which connections were kept and used again"
# Texts lose a byte order mark on their way into a HAR.
_MARK = 3
_NO_CONTENT = frozenset({204, 205, 304})
# Ten years, in milliseconds.
_LONGEST = 3.2e11

_Object = dict[str, Json]


class BadEntry(UnreadableTraffic):
    """An entry is not what the HAR specification says; says where it is not."""


@dataclass(frozen=True, slots=True)
class _Body:
    """A body, or why there is none."""

    content: bytes
    withheld: str = ""


def exchange_of_entry(value: Json, *, name: str) -> Exchange | None:
    """The exchange of an entry, or nothing where it is not one with the API; raises `BadEntry`."""
    entry = _object(value, "the entry")
    own = entry.get(OWN)
    if own is None and not _is_of_api(entry):
        return None
    request, response = messages_of_entry(entry)
    if own is not None:
        try:
            return exchange_of_own(own, request, response)
        except BadMember as error:
            raise BadEntry(str(error)) from None
    started, elapsed, undated = _when(entry)
    failure = failure_of(_object(entry.get("response"), "response"), at=elapsed)
    return Exchange(
        id=name,
        scenario="",
        path="",
        attempt=1,
        step="",
        request=request,
        response=response,
        failure=failure,
        started=started,
        elapsed=elapsed,
        undated=undated,
        unpooled=UNPOOLED,
    )


def messages_of_entry(value: Json) -> tuple[Request, Response | None]:
    """The request and the response of an entry, as far as the specification's own members tell of them."""
    entry = _object(value, "the entry")
    return _request(entry), _response(entry)


def _is_of_api(entry: _Object) -> bool:
    if "_webSocketMessages" in entry or entry.get("_fromCache"):
        return False
    url = _text(_object(entry.get("request"), "request"), "url", "request")
    return url.partition("?")[0].partition("#")[0].endswith(API)


def _request(entry: _Object) -> Request:
    request = _object(entry.get("request"), "request")
    body = _request_body(request)
    return Request(
        method=_text(request, "method", "request"),
        url=_text(request, "url", "request"),
        headers=_headers(request, "request"),
        body=body.content,
        withheld=body.withheld,
    )


def _request_body(request: _Object) -> _Body:
    data = request.get("postData")
    if data is None:
        nothing = request.get("bodySize") == 0 or request.get("method") in {"GET", "HEAD", "OPTIONS"}
        return _Body(b"", "" if nothing else "the body of the request was not recorded")
    data = _object(data, "request.postData")
    if not isinstance(data.get("text"), str):
        return _Body(b"", "the body of the request was not recorded, but for the fields of a form")
    return _encoded(data, "request")


def _response(entry: _Object) -> Response | None:
    response = _object(entry.get("response"), "response")
    status = response.get("status")
    if not isinstance(status, int) or isinstance(status, bool) or not 0 <= status <= 999:
        raise BadEntry("response.status is no status")
    if status == 0:
        return None
    body = _response_body(entry, response, status)
    reason = response.get("statusText")
    return Response(
        status=status,
        reason=reason if isinstance(reason, str) else "",
        headers=_headers(response, "response"),
        raw=body.content,
        arrivals=(),
        headers_at=0.0,
        complete=failure_of(response, at=0.0) is None,
        decoded=True,
        withheld=body.withheld,
    )


def _response_body(entry: _Object, response: _Object, status: int) -> _Body:
    content = _object(response.get("content", {}), "response.content")
    size, method = content.get("size"), _object(entry["request"], "request").get("method")
    size = size if _is_above(size, 0) else 0
    if not isinstance(content.get("text"), str):
        none_came = not size and response.get("bodySize") == 0
        none_possible = status in _NO_CONTENT or method in {"HEAD", "OPTIONS"}
        return _Body(b"", "" if none_came or none_possible else "the body of the response was not recorded")
    body = _encoded(content, "response")
    if not content["text"] and _is_above(response.get("bodySize"), 0):
        return _Body(b"", "the body of the response was not recorded")
    if content.get("encoding") in (None, "") and len(body.content) < size - _MARK and not body.withheld:
        return _Body(b"", "only the beginning of the body of the response was recorded")
    return body


def _is_above(value: Json, least: int) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value > least


def _encoded(holder: _Object, whose: str) -> _Body:
    text, encoding = str(holder["text"]), holder.get("encoding")
    if encoding not in (None, "", "base64"):
        return _Body(b"", f"the body of the {whose} was recorded in an unknown encoding")
    try:
        return _Body(base64.b64decode(text, validate=True) if encoding else text.encode("utf-8"))
    except UnicodeEncodeError:
        return _Body(b"", f"the body of the {whose} was recorded with half of a surrogate pair")
    except (binascii.Error, ValueError):
        return _Body(b"", f"the body of the {whose} was recorded in base64 that is none")


def _headers(message: _Object, whose: str) -> Headers:
    listed = message.get("headers")
    if not isinstance(listed, list):
        raise BadEntry(f"{whose}.headers is no array")
    found: list[tuple[str, str]] = []
    for item in listed:
        name, value = (_object(item, f"a header of the {whose}").get(each) for each in ("name", "value"))
        if not isinstance(name, str) or not isinstance(value, str):
            raise BadEntry(f"a header of the {whose} has no name or no value that is text")
        # HTTP/2 writes its first line as headers whose names begin with a colon.
        if not name.startswith(":"):
            # Chromium joins what came several times with line ends.
            found += [(name, each) for each in value.split("\n")]
    return tuple(found)


def _when(entry: _Object) -> tuple[float, float, str]:
    """When it was begun, how many seconds it took, and why that is not known if so."""
    began, took = entry.get("startedDateTime"), entry.get("time")
    try:
        moment = datetime.fromisoformat(began) if isinstance(began, str) else None
        started = (moment if moment is None or moment.tzinfo else moment.replace(tzinfo=UTC)) or None
        seconds = started.timestamp() if started else 0.0
    except (ValueError, OverflowError):
        return 0.0, 0.0, "when the request was begun cannot be read"
    if started is None:
        return 0.0, 0.0, "when the request was begun was not recorded"
    elapsed = _milliseconds(took)
    if elapsed is None:
        return 0.0, 0.0, "how long the exchange took was not recorded"
    return seconds, elapsed / 1000, ""


def _milliseconds(value: Json) -> float | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    # A number of any length is JSON; minus one stands for: not known.
    return float(value) if 0 <= value < _LONGEST else None


def _object(value: Json, what: str) -> _Object:
    if not isinstance(value, dict):
        raise BadEntry(f"{what} is no object")
    return value


def _text(holder: _Object, name: str, whose: str) -> str:
    value = holder.get(name)
    if not isinstance(value, str):
        raise BadEntry(f"{whose}.{name} is no text")
    return value
