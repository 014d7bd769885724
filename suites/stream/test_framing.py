"""The framing of a stream: its media type, its events, its terminator, its end."""

from __future__ import annotations

import re

from chatconform.suite import (
    DONE,
    STREAMED,
    Exchange,
    NotJson,
    Observation,
    Play,
    StreamEvent,
    at_body,
    at_event,
    at_header,
    at_status,
    check,
    expect,
    invariant,
    provoked,
)
from chatconform.suites.forms import OURS, asked_chat, sound_streams, status, streamed_successes, streams
from chatconform.suites.resp.scenarios import greeting
from chatconform.suites.stream.scenarios import one_after_the_other, wide_step
from chatconform.suites.wire import measured, response_of, stream_of
from chatconform.wire.sse import Kind

# Generous for one last read over any network.
END_SECONDS = 2.0
# Nothing, a comment, or a short remark on being alive; what else is no JSON, or a rest of it, is a broken
# chunk.
KEEP_ALIVE = re.compile(
    r"|:(?!\s*[\[{\"\d]).*|(?!.*(error|fail))[^\[{\"]{0,20}"
    r"\b(ping|pong|keep[-_ ]?alive|heart[-_ ]?beat|processing|waiting|no-?op)\b[^\[{\"]{0,20}",
    re.IGNORECASE | re.DOTALL,
)


@check("CC-STREAM-001", greeting, paths=(STREAMED,), feature="stream")
def test_a_request_for_a_stream_is_answered(play: Play) -> None:
    """`stream: true` is answered with 200, and not refused."""
    play.answer("answer")


@invariant("CC-STREAM-001", streamed_successes, provoked_by=greeting)
def test_a_stream_is_labelled_as_an_event_stream(exchange: Exchange) -> None:
    """The answer to `stream: true` is a 200 of type text/event-stream; a charset, if any, is utf-8."""
    came = str(status(exchange))
    expect(status(exchange) == 200, "status 200", came=came, at=at_status(exchange))
    content_type = response_of(exchange).header("content-type") or ""
    at = at_header(exchange, "content-type")
    expect(exchange.is_stream, "media type text/event-stream", came=content_type, at=at)
    charset = _charset(content_type)
    expect(charset in {"", "utf-8", "utf8"}, "charset utf-8, or none", came=content_type, at=at)


def _charset(content_type: str) -> str:
    for parameter in content_type.lower().split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip() == "charset":
            return value.strip().strip('"')
    return ""


@invariant("CC-STREAM-002", streams, provoked_by=greeting)
def test_every_event_is_one_json_object(exchange: Exchange) -> None:
    """Every event but the terminator holds one JSON object, and no bytes are left undispatched."""
    stream = stream_of(exchange)
    # Lines without `data:` are no events: a body that has nothing else says nothing, and JSON there is lost.
    unknown = stream.ending.of(Kind.UNKNOWN_FIELD)
    stray = [line for line in unknown if not stream.events or line.text.startswith("{")]
    expect(not stray, "lines of data", came=stray[0].text if stray else "", at=at_body(exchange))
    for event in stream.events:
        expect(
            event.is_done or event.chunk is not None,
            "one JSON object, or [DONE]",
            came=_misread(event),
            at=at_event(exchange, event.index),
        )
    cut = stream.ending.unterminated
    expect(
        cut is None,
        "a blank line after the last event",
        came=f"{cut.data if cut else ''!r} at the end of the body",
        at=at_event(exchange, stream.events[-1].index) if stream.events else at_body(exchange),
    )
    provoked(stream.events, "the body has no event", at=at_body(exchange))


def _misread(event: StreamEvent) -> str:
    try:
        return f"JSON that is no object: {event.json!r}"
    except NotJson as error:
        return str(error)


@invariant("CC-STREAM-003", sound_streams, provoked_by=greeting)
def test_a_stream_ends_with_exactly_one_terminator(exchange: Exchange) -> Observation | None:
    """`data: [DONE]` comes once, as the last event, and a blank line closes it."""
    stream = stream_of(exchange)
    done = [event for event in stream.events if event.is_done]
    cut = stream.ending.unterminated
    last = at_event(exchange, stream.events[-1].index) if stream.events else at_body(exchange)
    unclosed = ", and one that no blank line closes" if cut and cut.data == DONE else ""
    expect(len(done) == 1, "one event data: [DONE]", came=f"{len(done)} of them{unclosed}", at=last)
    expect(
        stream.events[-1].is_done and cut is None,
        "data: [DONE] as the last event",
        came=cut.data if cut else stream.events[-1].data,
        at=last,
    )
    later = [note for note in stream.ending.of(Kind.COMMENT) if note.offset >= done[0].event.end]
    return Observation(topic="after-done", camp="comments") if later else None


@invariant("CC-STREAM-016", streams, provoked_by=greeting)
def test_keep_alives_are_no_events(exchange: Exchange) -> Observation:
    """A keep-alive is a comment or a blank line, never text that is wrapped in data."""
    stream = stream_of(exchange)
    for event in stream.events:
        expect(
            not KEEP_ALIVE.fullmatch(event.data.strip()),
            "keep-alives as comments",
            came=event.data,
            at=at_event(exchange, event.index),
        )
    seen = stream.ending.count(Kind.COMMENT) + stream.ending.idle_blank_lines
    provoked(seen, "the stream was never silent long enough for a keep-alive")
    return Observation(topic="keep-alive", camp="comment" if stream.ending.comments else "blank-line")


@invariant("CC-STREAM-017", streams, provoked_by=greeting)
def test_events_have_no_names(exchange: Exchange) -> Observation | None:
    """No event has another type than the default; a last event of type `error` is only recorded."""
    events = stream_of(exchange).events
    for event in events:
        if event.event.type == "error" and event is events[-1]:
            return Observation(topic="last-event-type", camp="error")
        expect(
            event.event.type == "message",
            "no line event:",
            came=event.event.type,
            at=at_event(exchange, event.index),
        )
    return None


def streams_even_if_unended(exchange: Exchange) -> bool:
    """Every event stream that had its terminator, also where its end never came."""
    ours = exchange.failure is not None and exchange.failure.kind in OURS
    return (
        asked_chat(exchange)
        and not ours
        and status(exchange) == 200
        and exchange.is_stream
        and response_of(exchange).stream.is_terminated
    )


@invariant("CC-STREAM-020", streams_even_if_unended, provoked_by=one_after_the_other)
def test_the_body_ends_soon_after_the_terminator(exchange: Exchange) -> None:
    """The response's body ends within two seconds of [DONE]."""
    done = next(event for event in stream_of(exchange).events if event.is_done)
    late = exchange.elapsed - done.at
    ending = exchange.failure.kind if exchange.failure else "its end"
    expect(
        exchange.failure is None and late <= END_SECONDS,
        f"the end of the body within {END_SECONDS:.0f} s of [DONE]",
        came=f"{ending} after {late:.1f} s",
        at=at_event(exchange, done.index),
    )


@check("CC-STREAM-020", one_after_the_other)
def test_a_request_after_a_stream_is_answered(play: Play) -> None:
    """After a stream has ended, the next request is answered, on the same connection or on a new one."""
    provoked(streams(play[wide_step(play)]), "the first request was not answered with a stream")
    response = measured(play, "next")
    # Whether two choices are served is a rule of its own.
    expect(response.status < 500, "an answer", came=str(response.status), at=at_status(play["next"]))
