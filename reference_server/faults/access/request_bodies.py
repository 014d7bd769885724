"""Faults in how requests are read: media types, character sets, sizes, and headers that nobody knows."""

from __future__ import annotations

from chatconform.reference_server.faults.alterations.making import (
    When,
    refusal,
    request,
    waiting,
)
from chatconform.reference_server.faults.alterations.responses import (
    PAGE,
    answers,
    both,
    status,
    text,
    with_status,
)
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.refusal import Refusal
from chatconform.reference_server.seams import Alteration, Asked

fault = family(Aspect.REFUSALS)
_LIMIT = 64 * 1024
# Longer than any client of a proof waits.
_NEVER_SECONDS = 4.8


def _refused(code: int, when: When) -> Alteration:
    kind = "server_error" if code >= 500 else "invalid_request_error"
    return refusal(lambda _: Refusal(code, "The request was not understood.", kind=kind), when)


def _has_header(name: str) -> When:
    return lambda asked: name in asked.headers


def _declared(part: str) -> When:
    return lambda asked: asked.is_chat and part in asked.headers.get("content-type", "")


def _is_large(asked: Asked) -> bool:
    return asked.is_chat and len(asked.content) > _LIMIT


def _cut(asked: Asked) -> Asked:
    messages = asked.body.get("messages")
    if not isinstance(messages, list) or not messages:
        return asked
    last = {**messages[-1], "content": str(messages[-1].get("content"))[:200]}
    return asked.with_body({**asked.body, "messages": [*messages[:-1], last]})


_EXTRA = {
    "openai-organization": 401,
    "openai-project": 404,
    "x-stainless-lang": 400,
    "x-stainless-retry-count": 400,
    "idempotency-key": 409,
    "x-forwarded-for": 403,
    "traceparent": 500,
}

ALL: tuple[Fault, ...] = (
    *(
        fault(
            f"{name}-refused",
            f"A request with a header {name} answers {code}.",
            _refused(code, _has_header(name)),
            kills="CC-HTTP-011",
        )
        for name, code in _EXTRA.items()
    ),
    fault(
        "charset-refused",
        "`application/json; charset=utf-8` is refused with 415: the header is compared as a whole.",
        _refused(415, _declared("charset")),
        kills="CC-HTTP-006",
    ),
    fault(
        "charset-crashes",
        "`application/json; charset=utf-8` answers 500.",
        _refused(500, _declared("charset")),
        kills="CC-HTTP-006",
    ),
    fault(
        "text-body-crashes",
        "A body declared as text/plain answers 500.",
        _refused(500, _declared("text/plain")),
        kills="CC-HTTP-006",
    ),
    fault(
        "text-body-redirected",
        "A body declared as text/plain is redirected.",
        answers(status(302), _declared("text/plain")),
        kills="CC-HTTP-006",
    ),
    fault(
        "body-over-limit-500",
        "A body over the limit answers 500.",
        answers(status(500), of=with_status(413)),
        kills="CC-HTTP-009",
    ),
    fault(
        "body-over-limit-502",
        "A body over the limit answers 502, as a proxy does whose upstream hung up.",
        answers(both(status(502), text(PAGE, "text/html")), of=with_status(413)),
        kills="CC-HTTP-009",
    ),
    fault(
        "body-over-limit-cut",
        "The messages of a body over the limit are cut to fit, and nobody is told.",
        request(_cut, _is_large),
        kills="CC-HTTP-009",
    ),
    fault(
        "body-over-limit-never-answered",
        "A body over the limit is never answered.",
        waiting(_NEVER_SECONDS, _is_large),
        kills="CC-HTTP-009",
        also=(Aspect.TIME,),
    ),
)
