"""Usage on streams: one chunk where it was asked for, nothing where it was not."""

from __future__ import annotations

from chatconform.suite import (
    STREAMED,
    Exchange,
    Observation,
    Play,
    StreamEvent,
    at_body,
    at_event,
    check,
    expect,
    invariant,
)
from chatconform.suites.forms import request_body, sound_streams
from chatconform.suites.resp.scenarios import greeting, limited_greeting
from chatconform.suites.stream.scenarios import one_after_the_other, story
from chatconform.suites.wire import as_object, chunks_of, stream_of

# Chunks of a filter's annotations have no choices either, and are no usage chunks.
FILTERS = ("prompt_filter_results", "prompt_annotations")


def _asks(exchange: Exchange) -> bool:
    return as_object(request_body(exchange).get("stream_options")).get("include_usage") is True


def streams_with_usage(exchange: Exchange) -> bool:
    """Every sound stream whose request asks for usage."""
    return sound_streams(exchange) and _asks(exchange)


def streams_without_usage(exchange: Exchange) -> bool:
    """Every sound stream whose request does not ask for usage."""
    return sound_streams(exchange) and not _asks(exchange)


@check("CC-USAGE-004", limited_greeting, paths=(STREAMED,), feature=("stream_options", "include_usage"))
def test_a_request_for_usage_is_answered(play: Play) -> None:
    """A stream that is asked for usage has it."""
    answer = play.answer("answer")
    expect(answer.usage, "a chunk with usage", came="none", at=answer.first.at_finish)


@invariant("CC-USAGE-004", streams_with_usage, provoked_by=(limited_greeting, story))
def test_usage_comes_on_one_chunk_of_its_own(exchange: Exchange) -> None:
    """Exactly one chunk has a usage object; its choices are empty, and only [DONE] follows it."""
    bearing = [event for event in chunks_of(exchange) if _usage(event)]
    expect(
        len(bearing) == 1,
        "one chunk with a usage object",
        came=f"{len(bearing)} of them",
        at=tuple(at_event(exchange, event.index) for event in bearing[:2]) or at_body(exchange),
    )
    bearer, at = bearing[0], at_event(exchange, bearing[0].index)
    chunk = bearer.chunk or {}
    expect(chunk.get("choices") == [], "choices as an empty array", came=chunk.get("choices", "none"), at=at)
    later = [event for event in chunks_of(exchange) if event.index > bearer.index]
    expect(not later, "nothing but [DONE] after it", came=later[0].data if later else "", at=at)
    before = stream_of(exchange).events[: bearer.index]
    expect(not any(event.is_done for event in before), "usage before [DONE]", came="[DONE] before it", at=at)


@invariant("CC-USAGE-005", streams_with_usage, provoked_by=(limited_greeting, story))
def test_other_chunks_carry_usage_null(exchange: Exchange) -> Observation:
    """Where usage was asked for, the other chunks carry usage null or leave it out, never an object."""
    # The last one that bears usage is the usage chunk, if in the wrong place: that is another rule.
    bearer = [event for event in chunks_of(exchange) if _usage(event)][-1:]
    with_choices = [event for event in chunks_of(exchange) if (event.chunk or {}).get("choices")]
    others = [event for event in with_choices if event not in bearer]
    for event in others:
        usage = (event.chunk or {}).get("usage")
        expect(usage is None, "usage null", came=usage, at=at_event(exchange, event.index))
    sent = all("usage" in (event.chunk or {}) for event in others)
    return Observation(topic="usage-on-other-chunks", camp="null-sent" if sent else "key-omitted")


@invariant("CC-USAGE-006", streams_without_usage, provoked_by=(greeting, one_after_the_other))
def test_usage_that_nobody_asked_for_is_not_sent(exchange: Exchange) -> Observation | None:
    """Without include_usage no chunk carries usage, and none has empty choices."""
    filtered = False
    for event in chunks_of(exchange):
        chunk, at = event.chunk or {}, at_event(exchange, event.index)
        expect(chunk.get("usage") is None, "no usage", came=chunk.get("usage"), at=at)
        annotated = any(name in chunk for name in FILTERS)
        expect(chunk.get("choices") != [] or annotated, "a chunk with a choice", came=event.data, at=at)
        filtered = filtered or annotated
    return Observation(topic="filter-chunk", camp="sent") if filtered else None


def _usage(event: StreamEvent) -> bool:
    # An empty object bears nothing: where it stands on other chunks it is that rule's concern.
    return bool(as_object((event.chunk or {}).get("usage")))
