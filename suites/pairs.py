"""Requests of a run that are equal but for some members: what was sent anyway is each other's control."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import TypeVar

from chatconform.errors import TargetError
from chatconform.suite import Exchange
from chatconform.suites.forms import request_body

# This alone of a request's headers tells nothing but how long its body is.
LENGTH = "content-length"
# `stream_options` is legal on streams only, so it belongs to the form.
FORM = ("stream", "stream_options")

Read = TypeVar("Read")


def alike(exchanges: Iterable[Exchange], *apart: str) -> tuple[tuple[Exchange, ...], ...]:
    """Groups of exchanges whose requests are equal, these members of the body left aside.

    An exchange with no like stands alone; requests whose body is no JSON object stand in no group.
    """
    groups: dict[str, list[Exchange]] = {}
    for exchange in exchanges:
        if request_body(exchange):
            groups.setdefault(_likeness(exchange, apart), []).append(exchange)
    return tuple(tuple(group) for group in groups.values())


def is_streamed(exchange: Exchange) -> bool:
    """Whether the request asked for a stream."""
    return request_body(exchange).get("stream") is True


def is_plain(exchange: Exchange) -> bool:
    """Whether the request asked for a plain answer, with no word of streams in it that may be refused."""
    body = request_body(exchange)
    # Null and 0 may be refused for what they are.
    return body.get("stream", False) is False and "stream_options" not in body


def if_readable(read: Callable[[Exchange], Read], exchange: Exchange) -> Read | None:
    """What is read from an exchange, or nothing where its shape is broken, which other rules say.

    One answer that nobody can read must not keep a survey from the others.
    """
    try:
        return read(exchange)
    except TargetError:
        return None


def _likeness(exchange: Exchange, apart: tuple[str, ...]) -> str:
    body = {name: value for name, value in request_body(exchange).items() if name not in apart}
    headers = sorted((name.lower(), value) for name, value in exchange.request.fields)
    headers = [pair for pair in headers if pair[0] != LENGTH]
    return json.dumps([exchange.request.address, headers, body], sort_keys=True)
