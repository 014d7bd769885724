"""What a stream says when generation fails or breaks off in its middle."""

from __future__ import annotations

from chatconform.suite import Play, at_event, check, expect
from chatconform.suites.stream.endings import (
    SUCCESSES,
    at_end,
    begun_stream,
    end_of,
    errors_in,
    expect_no_claim,
)
from chatconform.suites.stream.failures import cut_off, failing
from chatconform.suites.wire import as_object, choices_of


@check("CC-STREAM-014", failing)
def test_a_failure_in_mid_stream_is_an_error_event(play: Play) -> None:
    """A generation that fails after the 200 ends in an error event with a message, and nothing follows it."""
    exchange = begun_stream(play)
    failures = errors_in(exchange)
    expect(failures, "an event with an error", came=end_of(exchange), at=at_end(exchange))
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
    expect_no_claim(begun_stream(play), "stop")
