"""What a gateway tells its client when its upstream fails: never that all is well."""

from __future__ import annotations

from chatconform.suite import (
    Exchange,
    Observation,
    Play,
    Response,
    Unreadable,
    at_body,
    at_header,
    at_status,
    check,
    expect,
    provoked,
    read_answer,
)
from chatconform.suites.gate.failures import MIDWAY, down, failing_midway, overloaded, stalling
from chatconform.suites.gate.forwarded import require_trigger
from chatconform.suites.stream.endings import (
    SUCCESSES,
    begun_stream,
    end_of,
    errors_in,
    expect_no_claim,
)
from chatconform.suites.wire import choices_of, error_in
from chatconform.wire.received import RETRY_AFTER_SECONDS


@check("CC-GATE-006", down)
def test_an_upstream_that_is_down_is_an_error(play: Play) -> Observation:
    """An upstream that cannot be reached is answered with a 5xx, or with a stream that has only an error."""
    response, exchange = _reached(play, "down"), play["down"]
    if response.status == 200 and exchange.is_stream:
        _expect_error_alone(exchange)
        return Observation(topic="upstream-down", camp="error-event")
    status = response.status
    expect(500 <= status < 600, "a status of 500 or above", came=status, at=at_status(exchange))
    error = error_in(exchange)
    expect(error, "an error object", came=response.text[:200], at=at_body(exchange))
    return Observation(topic="upstream-down", camp=str(status))


@check("CC-GATE-007", overloaded)
def test_an_overloaded_upstream_is_429(play: Play) -> None:
    """A 429 of the upstream is a 429 for the client, plain and streamed."""
    status = _reached(play, "overloaded").status
    expect(status == 429, "status 429", came=status, at=at_status(play["overloaded"]))


@check("CC-GATE-008", overloaded)
def test_the_wait_of_an_overloaded_upstream_is_told(play: Play) -> None:
    """The seconds of the upstream's Retry-After, or more, are told to the client."""
    response, exchange = _reached(play, "overloaded"), play["overloaded"]
    provoked(response.status == 429, f"it was answered {response.status}", at=at_status(exchange))
    value = response.header("retry-after") or ""
    seconds = int(value) if value.isascii() and value.isdigit() and len(value) < 10 else 0
    told = f"Retry-After: {RETRY_AFTER_SECONDS} or more"
    at = at_header(exchange, "retry-after")
    expect(seconds >= RETRY_AFTER_SECONDS, told, came=value or "no such header", at=at)


@check("CC-GATE-009", failing_midway)
def test_half_an_answer_is_no_answer(play: Play) -> None:
    """A plain answer whose upstream failed, broke off or fell silent is a 5xx, or breaks off as well."""
    steps = [step for step in MIDWAY if play.has(step)]
    provoked(steps, "the record of the upstream names no text for it")
    for step in steps:
        require_trigger(play, step)
        exchange = play[step]
        if _breaks_off(exchange):
            continue
        response = play.response(step)
        status = response.status
        came = f"{status}{_ending(exchange)}"
        expect(status >= 500, "a status of 500 or above", came=came, at=at_status(exchange))
        expect(error_in(exchange), "an error object", came=response.text[:200], at=at_body(exchange))


@check("CC-GATE-010", stalling)
def test_a_stream_that_falls_silent_is_not_finished(play: Play) -> None:
    """A stream whose upstream fell silent has no success as its end, and an error event or no [DONE]."""
    status = _reached(play, "answer").status
    if status != 200:
        expect(status >= 500, "a 5xx, or a stream", came=status, at=at_status(play["answer"]))
        return
    expect_no_claim(begun_stream(play), *SUCCESSES)


def _reached(play: Play, step: str) -> Response:
    require_trigger(play, step)
    return play.response(step)


def _breaks_off(exchange: Exchange) -> bool:
    return exchange.response is not None and not exchange.response.complete


def _ending(exchange: Exchange) -> str:
    """What a 200 claims, in words."""
    try:
        reason = read_answer(exchange).finish_reason
    except Unreadable as unreadable:
        return f", and {unreadable}"
    return f" with finish_reason {reason}"


def _expect_error_alone(exchange: Exchange) -> None:
    expect(errors_in(exchange), "an error event", came=end_of(exchange), at=at_body(exchange))
    claims = [
        part
        for part in choices_of(exchange)
        if part.inner.get("content") or part.value.get("finish_reason") in SUCCESSES
    ]
    told = "no text and no finish reason beside the error"
    expect(not claims, told, came=end_of(exchange), at=tuple(part.at for part in claims[:1]))
