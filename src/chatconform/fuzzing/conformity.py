"""What Schemathesis' own checks say of an answer: a second opinion beside ours, from the same contract."""

from __future__ import annotations

import datetime as dt
import threading
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from chatconform.errors import TargetError
from chatconform.fuzzing.generation import METHOD, chat_operation
from chatconform.wire.exchange import Exchange, Response

# What Schemathesis knows nothing of: that a body is coded, and how it was cut into chunks.
_OF_THE_TRANSFER = frozenset({"content-encoding", "content-length", "transfer-encoding"})
# A scenario asks while its target answers, and a check of another one may judge meanwhile.
_ONE_AT_A_TIME = threading.Lock()


class Aspect(StrEnum):
    """What of an answer is compared with the contract."""

    STATUS = "status_code_conformance"
    MEDIA_TYPE = "content_type_conformance"
    HEADERS = "response_headers_conformance"
    BODY = "response_schema_conformance"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """One thing in an answer that the contract does not provide for."""

    title: str
    told: str


def prepare() -> None:
    """Import and build what is needed to compare, in the thread that calls."""
    chat_operation()
    _known_checks()


def deviations(exchange: Exchange, *aspects: Aspect) -> tuple[Deviation, ...]:
    """What an answer of the chat endpoint has that the contract does not provide for."""
    response = exchange.response
    if response is None or not response.complete:
        return ()
    with _ONE_AT_A_TIME:
        return _deviations(exchange, response, aspects)


def _deviations(exchange: Exchange, response: Response, aspects: tuple[Aspect, ...]) -> tuple[Deviation, ...]:
    from schemathesis.core.failures import FailureGroup

    case = chat_operation().Case(body={}, media_type="application/json")
    try:
        case.validate_response(_as_httpx(exchange, response), checks=_checks(aspects))
    except FailureGroup as group:
        return tuple(
            Deviation(title=each.title, told=str(getattr(each, "message", each)).partition("\n\n")[0])
            for each in group.exceptions
        )
    except (TargetError, RecursionError, UnicodeError) as unreadable:
        return (Deviation(title="Unreadable", told=str(unreadable)),)
    return ()


def _as_httpx(exchange: Exchange, response: Response) -> Any:
    import httpx2

    headers = [(name, value) for name, value in response.headers if name.lower() not in _OF_THE_TRANSFER]
    made = httpx2.Response(
        response.status,
        headers=[
            (name.encode("latin-1", "replace"), value.encode("latin-1", "replace")) for name, value in headers
        ],
        content=response.body,
        request=httpx2.Request(METHOD, exchange.request.url),
    )
    made.elapsed = dt.timedelta(seconds=exchange.elapsed)
    return made


def _checks(aspects: tuple[Aspect, ...]) -> list[Any]:
    known = _known_checks()
    return [known[aspect] for aspect in aspects]


@cache
def _known_checks() -> dict[Aspect, Any]:
    from schemathesis.specs.openapi import checks

    return {aspect: getattr(checks, aspect.value) for aspect in Aspect}
