"""What a stream says when generation fails or breaks off in its middle."""

from __future__ import annotations

from chatconform.suite import (
    Evidence,
    Exchange,
    Json,
    Play,
    at_body,
    at_event,
    at_failure,
    check,
    expect,
    provoked,
)
from chatconform.suites.forms import error_of
from chatconform.suites.stream.failures import LAST_WORDS, cut_off, failing
from chatconform.suites.wire import Part, as_object, choices_of, measured

SUCCESSES = ("stop", "length", "tool_calls")


@check("CC-STREAM-014", failing)
def test_a_failure_in_mid_stream_is_an_error_event(play: Play) -> None:
    """A generation that fails after the 200 ends in an error event with a message, and nothing follows it."""
    exchange = _begun(play)
    failures = _errors(exchange)
    expect(failures, "an event with an error", came=_end(exchange), at=_at_end(exchange))
    index, error = failures[0]
    at = at_event(exchange, index)
    message = as_object(error).get("message")
    expect(isinstance(message, str) and message, "an error object with a message", came=error, at=at)
    for part in choices_of(exchange):
        if part.event > index:
            claims = part.value.get("finish_reason") in SUCCESSES or part.inner.get("content")
            expect(not claims, "nothing after the error", came=part.value, at=(part.at, at))


@check("CC-STREAM-015", cut_off)
def test_a_stream_that_breaks_off_claims_no_stop(play: Play) -> None:
    """A generation that breaks off does not end with stop, but in an error event or without [DONE]."""
    exchange = _begun(play)
    stops = [part for part in choices_of(exchange) if part.value.get("finish_reason") == "stop"]
    expect(not stops, "no finish_reason stop", came=_end(exchange), at=tuple(part.at for part in stops[:1]))
    response = play.response("answer")
    done = [event.index for event in response.stream.events if event.is_done]
    told = bool(_errors(exchange)) or not done
    expect(told, "an error event, or no [DONE]", came=_end(exchange), at=_at_end(exchange))


def _begun(play: Play) -> Exchange:
    """The stream, if it began and did not go on to the end of what was asked for."""
    response, exchange = measured(play, "answer"), play["answer"]
    begun = response.status == 200 and exchange.is_stream
    provoked(begun, f"it was answered {response.status}, not with a stream", at=at_body(exchange))
    provoked(response.stream.chunks, "what came cannot be read as chunks", at=at_body(exchange))
    text = "".join(_content(part) for part in choices_of(exchange))
    provoked(LAST_WORDS not in text, "the answer went on to its end", at=at_body(exchange))
    return exchange


def _content(part: Part) -> str:
    content = part.inner.get("content")
    return content if isinstance(content, str) else ""


def _errors(exchange: Exchange) -> list[tuple[int, Json]]:
    events = exchange.response.stream.events if exchange.response else ()
    return [(event.index, error_of(event.chunk)) for event in events if error_of(event.chunk)]


def _end(exchange: Exchange) -> str:
    """How the stream ended, in words."""
    reasons = [str(p.value["finish_reason"]) for p in choices_of(exchange) if p.value.get("finish_reason")]
    events = exchange.response.stream.events if exchange.response else ()
    done = ["[DONE]"] if any(event.is_done for event in events) else []
    closed = [str(exchange.failure.kind)] if exchange.failure else []
    return (
        ", ".join([*(f"finish_reason {reason}" for reason in reasons), *done, *closed]) or "the stream ended"
    )


def _at_end(exchange: Exchange) -> Evidence:
    events = exchange.response.stream.events if exchange.response else ()
    return at_failure(exchange) if exchange.failure or not events else at_event(exchange, events[-1].index)
