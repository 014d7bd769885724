"""Faults in rate limits: what comes over the limit, when to come again, and what is said to be left."""

from __future__ import annotations

import time
from asyncio import sleep
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from chatconform.reference_server.faults.alterations.making import When, chats, head
from chatconform.reference_server.faults.alterations.paths import is_streamed
from chatconform.reference_server.faults.alterations.responses import (
    INVENTED_COUNTS,
    PAGE,
    Redo,
    answers,
    completion,
    status,
    text,
    typed,
    with_status,
)
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.refusal import error_document
from chatconform.reference_server.seams import Alteration, Asked, Bytes, Document, Head, Response

fault = family(Aspect.REFUSALS, Aspect.ERRORS)
# Longer than anybody waits in a proof.
_NEVER_SECONDS = 4.8
_LOCKED_SECONDS = 30.0


def _over(change: Redo, when: When = chats) -> Alteration:
    return answers(change, when, with_status(429))


def _waiting(value: Callable[[], str | None], when: When = chats) -> Alteration:
    """Refusals over the limit have this Retry-After."""

    def change(came: int, headers: Head, _: Document) -> tuple[int, Head]:
        told = value() if came == 429 else None
        kept = tuple(pair for pair in headers if came != 429 or pair[0] != "retry-after")
        return came, kept if told is None else (*kept, ("retry-after", told))

    return head(change, when)


class _Silence(Alteration):
    """Over the limit nothing is answered while anybody waits for it."""

    def __init__(self) -> None:
        self._is_over = False

    def reply(self, response: Response, asked: Asked) -> Response:
        self._is_over = response.status == 429
        return response

    def packets(self, packets: Bytes, asked: Asked) -> Bytes:
        return self._late(packets) if self._is_over else packets

    async def _late(self, packets: Bytes) -> Bytes:
        await sleep(_NEVER_SECONDS)
        async for packet in packets:
            yield packet


class _Lock(Alteration):
    """Whoever was once over the limit is locked out for longer than was told."""

    def __init__(self) -> None:
        self._until = 0.0

    def applies(self, asked: Asked) -> bool:
        return asked.is_chat

    def reply(self, response: Response, asked: Asked) -> Response:
        now = time.monotonic()
        if response.status == 429:
            self._until = now + _LOCKED_SECONDS
        elif now < self._until:
            document = error_document(
                "The rate limit is reached.", kind="requests", code="rate_limit_exceeded"
            )
            refused = typed("application/json")(replace(response, status=429, document=document, chunks=None))
            return replace(refused, headers=(*refused.headers, ("retry-after", "1")))
        return response


def _ago(seconds: float) -> str:
    return format_datetime(datetime.now(UTC) - timedelta(seconds=seconds), usegmt=True)


def _constant(value: str | None) -> Callable[[], str | None]:
    return lambda: value


_OVER: Mapping[str, tuple[str, Alteration]] = {
    **{
        f"limit-answers-{code}": (f"Requests over the limit answer {code}.", _over(status(code)))
        for code in (400, 403, 500, 503)
    },
    "limit-answers-503-to-streams": (
        "Requests for streams over the limit answer 503.",
        _over(status(503), is_streamed),
    ),
    "limit-told-as-answer": (
        "Requests over the limit are told so by the assistant.",
        _over(completion("Please try again later.")),
    ),
    "limit-with-200": ("Requests over the limit answer 200 with an error object.", _over(status(200))),
    "limit-as-page": ("The 429 is a page.", _over(text(PAGE, "text/html"))),
    "limit-as-text": ("The JSON of a 429 is declared as text/plain.", _over(typed("text/plain"))),
    "limit-as-event": (
        "The 429 to a request for a stream is an event stream.",
        _over(
            text('data: {"error": {"message": "Too many requests"}}\n\n', "text/event-stream"), is_streamed
        ),
    ),
}
# What a client of a gateway can still tell from an upstream that is overloaded.
_STILL_429 = frozenset({"limit-as-page", "limit-as-text", "limit-as-event"})
_PARITY = {"CC-STREAM-013": "the same request as a stream is served once the limit is over"}
_NO_ANSWER = {"CC-HTTP-002": "the body is no completion", "CC-STREAM-001": "the body is no stream"}
_SEEN_TOO: Mapping[str, Mapping[str, str]] = {
    "limit-answers-400": _PARITY,
    "limit-answers-403": _PARITY,
    "limit-told-as-answer": {
        "CC-STREAM-001": "the body is no stream",
        **INVENTED_COUNTS,
    },
    "limit-with-200": {"CC-ERR-002": "the status is no error's", **_NO_ANSWER},
}
_WAITS: Mapping[str, str] = {
    "fraction": "1.5",
    "with-unit": "1.5s",
    "negative": "-2",
    "zero": "0",
    "word": "soon",
    "iso-date": "2026-11-26T03:37:43Z",
}
_LIES: Mapping[str, tuple[str, Alteration]] = {
    "retry-after-missing": ("429 comes without Retry-After.", _waiting(_constant(None))),
    "retry-after-missing-on-streams": (
        "The 429 to a request for a stream has no Retry-After.",
        _waiting(_constant(None), is_streamed),
    ),
    "retry-after-too-short": (
        "Retry-After is one second, whenever the limit ends.",
        _waiting(_constant("1")),
    ),
    "retry-after-in-past": ("Retry-After is a date in the past.", _waiting(lambda: _ago(60))),
    "limit-outlasts-retry-after": ("Who was over the limit is locked out for longer than told.", _Lock()),
}
# The header itself is right.
_TOLD = frozenset({"limit-outlasts-retry-after"})
ALL: tuple[Fault, ...] = (
    *(
        fault(
            name,
            defect,
            change,
            kills="CC-RATE-001" if name in _STILL_429 else "CC-RATE-001 CC-GATE-007",
            collateral=_SEEN_TOO.get(name),
            seen_in="BerriAI/litellm#4695" if name == "limit-answers-500" else (),
        )
        for name, (defect, change) in _OVER.items()
    ),
    fault(
        "limit-never-answers",
        "Requests over the limit are not answered.",
        _Silence(),
        kills="CC-RATE-001",
        also=(Aspect.TIME,),
    ),
    *(
        fault(
            f"retry-after-{what}",
            f"Retry-After is {value!r}.",
            _waiting(_constant(value)),
            kills="CC-RATE-002 CC-GATE-008",
            also=(Aspect.HEADERS,),
        )
        for what, value in _WAITS.items()
    ),
    *(
        fault(
            name,
            defect,
            change,
            kills="CC-RATE-003" if name in _TOLD else "CC-RATE-003 CC-GATE-008",
            also=(Aspect.HEADERS,),
        )
        for name, (defect, change) in _LIES.items()
    ),
)
