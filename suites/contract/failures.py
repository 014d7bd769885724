"""What a generated request may bring to light, as words: pure functions of one exchange."""

from __future__ import annotations

from chatconform.fuzzing.conformity import Aspect, Deviation, deviations
from chatconform.judging.outcome import names_any
from chatconform.suite import Exchange, FailureKind, Json, NotJson, parse
from chatconform.suites.contract.leniency import has_to_be_refused
from chatconform.suites.forms import OURS, request_body, status

# What says nothing of a request: no key, no money, too slow, too many, and a server that is busy.
OF_THE_MOMENT = frozenset({401, 402, 403, 408, 409, 425, 429, 503, 504})
# No document says which status a bad request is answered with; many frameworks send this one.
UNPROCESSABLE = 422


def failure_of(exchange: Exchange) -> str:
    """A word for what is wrong with the answer to a generated request; nothing where it is in order."""
    if is_unanswered(exchange):
        return "unanswered"
    if status(exchange) in OF_THE_MOMENT:
        return ""
    if status(exchange) >= 500:
        return "server failure"
    if is_wrongly_served(exchange):
        return "served"
    if shape := wrong_shape(exchange):
        return shape[0].title
    return ""


def is_unanswered(exchange: Exchange) -> bool:
    """Whether the target is to blame that there is no whole answer."""
    failure = exchange.failure
    return failure is not None and failure.kind not in {*OURS, FailureKind.TOO_LARGE}


def is_wrongly_served(exchange: Exchange) -> bool:
    """Whether a request that every server has to refuse was answered all the same."""
    return status(exchange) == 200 and has_to_be_refused(body_sent(exchange))


def is_clean_refusal(exchange: Exchange) -> bool:
    """Whether a refusal of a legal request names one of its members, and so is about a feature."""
    members = request_body(exchange).keys() - {"model", "messages"}
    return names_any(exchange.response, sorted(members))


def wrong_shape(exchange: Exchange) -> tuple[Deviation, ...]:
    """What the body of an answer has that the contract forbids, by Schemathesis."""
    return deviations(exchange, Aspect.BODY) if _is_documented(exchange) else ()


def undocumented(exchange: Exchange) -> tuple[Deviation, ...]:
    """What status, media type and headers of an answer have that the contract does not know."""
    if status(exchange) in OF_THE_MOMENT:
        return ()
    known = (Aspect.MEDIA_TYPE, Aspect.HEADERS)
    aspects = known if status(exchange) == UNPROCESSABLE else (Aspect.STATUS, *known)
    return deviations(exchange, *aspects)


def body_sent(exchange: Exchange) -> Json:
    """The body that was sent, as a JSON value; null where it was none."""
    try:
        return parse(exchange.request.content)
    except NotJson:
        return None


def _is_documented(exchange: Exchange) -> bool:
    return status(exchange) < 500 and status(exchange) not in OF_THE_MOMENT
