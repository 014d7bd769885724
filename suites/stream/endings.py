"""How a stream came to its end, where it was to fail or to break off before."""

from __future__ import annotations

from chatconform.suite import Evidence, Exchange, Json, Play, at_body, at_event, at_failure, expect, provoked
from chatconform.suites.forms import error_of
from chatconform.suites.stream.failures import LAST_WORDS
from chatconform.suites.wire import Part, choices_of, measured

SUCCESSES = ("stop", "length", "tool_calls")


def begun_stream(play: Play) -> Exchange:
    """The stream of the step `answer`, if it began and did not go on to the end of what was asked for."""
    response, exchange = measured(play, "answer"), play["answer"]
    begun = response.status == 200 and exchange.is_stream
    provoked(begun, f"it was answered {response.status}, not with a stream", at=at_body(exchange))
    provoked(response.stream.chunks, "what came cannot be read as chunks", at=at_body(exchange))
    text = "".join(_content(part) for part in choices_of(exchange))
    provoked(LAST_WORDS not in text, "the answer went on to its end", at=at_body(exchange))
    return exchange


def expect_no_claim(exchange: Exchange, *reasons: str) -> None:
    """A stream that breaks off has none of these finish reasons, and an error event or no [DONE]."""
    claims = [part for part in choices_of(exchange) if part.value.get("finish_reason") in reasons]
    came = end_of(exchange)
    told = f"no finish_reason {' or '.join(reasons)}"
    expect(not claims, told, came=came, at=tuple(part.at for part in claims[:1]))
    events = exchange.response.stream.events if exchange.response else ()
    is_told = bool(errors_in(exchange)) or not any(event.is_done for event in events)
    expect(is_told, "an error event, or no [DONE]", came=came, at=at_end(exchange))


def errors_in(exchange: Exchange) -> list[tuple[int, Json]]:
    """The errors that a stream carries, each with the place of its event."""
    events = exchange.response.stream.events if exchange.response else ()
    return [(event.index, error_of(event.chunk)) for event in events if error_of(event.chunk)]


def end_of(exchange: Exchange) -> str:
    """How the stream ended, in words."""
    reasons = [str(p.value["finish_reason"]) for p in choices_of(exchange) if p.value.get("finish_reason")]
    events = exchange.response.stream.events if exchange.response else ()
    done = ["[DONE]"] if any(event.is_done for event in events) else []
    closed = [str(exchange.failure.kind)] if exchange.failure else []
    return (
        ", ".join([*(f"finish_reason {reason}" for reason in reasons), *done, *closed]) or "the stream ended"
    )


def at_end(exchange: Exchange) -> Evidence:
    """The last event, or how the connection failed."""
    events = exchange.response.stream.events if exchange.response else ()
    return at_failure(exchange) if exchange.failure or not events else at_event(exchange, events[-1].index)


def _content(part: Part) -> str:
    content = part.inner.get("content")
    return content if isinstance(content, str) else ""
