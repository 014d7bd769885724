"""When two requests, and when two answers, are alike: what differs in every run by its nature is left out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace

from chatconform.errors import TargetError
from chatconform.oracles.reading import Choice, Said, ToldError
from chatconform.oracles.wire import lenient
from chatconform.wire.exchange import Request, Response
from chatconform.wire.jsontext import Json

_DEEPEST = 40


def request_key(request: Request) -> str:
    """The same for requests that ask the same; ids that an earlier answer gave to calls do not count."""
    path = request.url.partition("://")[2].partition("/")[2]
    body = lenient(request.body) if request.body else None
    if not isinstance(body, dict):
        return _digest(request.method, path, request.body)
    return _digest(request.method, path, repr(_named_alike(body, {})))


def said_key(told: Said) -> str:
    """The same for answers that say the same: words, calls, finish reasons and token counts."""
    if isinstance(told, ToldError):
        return _digest("error", told.status)
    return _digest(repr(replace(told, choices=tuple(map(_without_ids, told.choices)))))


def form_key(response: Response) -> str:
    """The same for answers of the same form: status, media type, names and types, and how a stream ends."""
    return _digest(response.status, response.media_type, response.complete, *_forms(response))


def _forms(response: Response) -> Iterator[str]:
    try:
        body = lenient(response.body)
    except TargetError as error:
        yield str(type(error))
        return
    if body is not None:
        yield _form(body)
        return
    stream = response.stream
    yield repr(sorted({_form(lenient(event.data)) for event in stream.events}))
    yield str(stream.is_terminated)


def _form(value: Json, depth: int = 0) -> str:
    """Names and types of a value, without the values; of a list, what kinds of members it has."""
    if depth > _DEEPEST:
        return "…"
    if isinstance(value, dict):
        return "{" + ",".join(f"{key!r}:{_form(value[key], depth + 1)}" for key in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(sorted({_form(each, depth + 1) for each in value})) + "]"
    return "number" if isinstance(value, float) else type(value).__name__


def _named_alike(value: Json, names: dict[str, str], depth: int = 0) -> Json:
    """The value with each id of a call replaced by its place among them."""
    if depth > _DEEPEST:
        return value
    if isinstance(value, list):
        return [_named_alike(each, names, depth + 1) for each in value]
    if not isinstance(value, dict):
        return value
    is_call = "function" in value and "id" in value
    return {
        key: names.setdefault(each, f"call {len(names)}")
        if isinstance(each, str) and (key == "tool_call_id" or (key == "id" and is_call))
        else _named_alike(each, names, depth + 1)
        for key, each in sorted(value.items())
    }


def _without_ids(choice: Choice) -> Choice:
    return replace(choice, calls=tuple(replace(call, id="") for call in choice.calls))


def _digest(*parts: object) -> str:
    made = hashlib.sha256()
    for part in parts:
        made.update(part if isinstance(part, bytes) else str(part).encode("utf-8", "surrogatepass"))
        made.update(b"\0")
    return made.hexdigest()
