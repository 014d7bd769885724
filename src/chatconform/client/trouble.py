"""Reading what became of a request: whether it came to nothing, or was refused for the time being."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from chatconform.client.transfer import Sent
from chatconform.wire.exchange import Exchange, FailureKind, Response

# How an exchange ends by our own doing, which says nothing of the target's health.
_OURS = frozenset({FailureKind.ABORTED, FailureKind.TOO_LARGE, FailureKind.NOT_SENT})
_WORDS_LIMIT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """How a request came to nothing, in words.

    `is_refusal` says that the target asked for time, `asked_pause` for how many seconds (nothing where it did
    not say); `is_late` that the exchange did not end in time.
    """

    words: str
    is_refusal: bool = False
    asked_pause: float | None = None
    is_late: bool = False


def trouble_in(sent: Sent) -> Trouble | None:
    """How a request came to nothing; nothing where it was answered, whatever the answer says."""
    failure, response = sent.failure, sent.response
    if failure is not None:
        if failure.kind in _OURS or has_said_all(sent):
            return None
        return Trouble(words=failure.message[:_WORDS_LIMIT], is_late=failure.kind is FailureKind.TIMEOUT)
    if response is None or not (is_refusal(response) or _is_failure(response)):
        return None
    words = f"{response.status} {response.reason}".strip()
    asked = response.header("Retry-After")
    return Trouble(
        words=f"{words}, Retry-After: {asked}"[:_WORDS_LIMIT] if asked else words[:_WORDS_LIMIT],
        is_refusal=is_refusal(response),
        asked_pause=retry_after(response),
    )


def has_said_all(sent: Sent | Exchange) -> bool:
    """Whether only the end of the body was missing when the time was over: a stream had its terminator."""
    late = sent.failure is not None and sent.failure.kind is FailureKind.TIMEOUT
    response = sent.response
    return (
        late
        and response is not None
        and response.media_type == "text/event-stream"
        and response.stream.is_terminated
    )


def _is_failure(response: Response) -> bool:
    # RFC 9110 15.6.2: 501 is for what "the server does not support", and so about the request.
    return response.status >= 500 and response.status != 501


def is_refusal(response: Response | None) -> bool:
    """Whether a target asks for time, so that the same request is worth sending again."""
    if response is None:
        return False
    # RFC 9110 15.6.4: an overloaded server "MAY send a Retry-After header field" with its 503.
    return response.status == 429 or (response.status == 503 and response.header("Retry-After") is not None)


def retry_after(response: Response | None) -> float | None:
    """The seconds to wait, or nothing where the target does not say or nobody can read it."""
    value = ((response.header("Retry-After") if response else None) or "").strip()
    # RFC 9110 10.2.3: "Retry-After = HTTP-date / delay-seconds".
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
