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
    provoked,
)
from chatconform.suites.forms import request_body, sound_streams
from chatconform.suites.resp.scenarios import greeting, limited_greeting
from chatconform.suites.stream.scenarios import one_after_the_other, story
from chatconform.suites.usage.counting import COUNTS
from chatconform.suites.wire import as_object, chunks_of, is_integer, stream_of

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
    """The last chunk with a usage object is an extra one: its choices are empty, only [DONE] follows it."""
    provoked(chunks_of(exchange), "what came cannot be read as chunks", at=at_body(exchange))
    bearing = [event for event in chunks_of(exchange) if _usage(event)]
    expect(bearing, "a chunk with a usage object", came="none", at=at_body(exchange))
    # What the chunks before it bear is a rule of its own.
    bearer, at = bearing[-1], at_event(exchange, bearing[-1].index)
    chunk = bearer.chunk or {}
    extra = [event for event in bearing if (event.chunk or {}).get("choices") == []]
    told = tuple(at_event(exchange, event.index) for event in extra[:2])
    expect(len(extra) <= 1, "one extra chunk", came=f"{len(extra)} of them", at=told)
    expect(chunk.get("choices") == [], "choices as an empty array", came=chunk.get("choices", "none"), at=at)
    later = [event for event in chunks_of(exchange) if event.index > bearer.index]
    expect(not later, "nothing but [DONE] after it", came=later[0].data if later else "", at=at)
    before = stream_of(exchange).events[: bearer.index]
    expect(not any(event.is_done for event in before), "usage before [DONE]", came="[DONE] before it", at=at)


@invariant("CC-USAGE-005", streams_with_usage, provoked_by=(limited_greeting, story))
def test_other_chunks_carry_usage_null(exchange: Exchange) -> Observation:
    """Where usage was asked for, other chunks carry usage null or leave it out; counts on each are a camp."""
    # The last one that bears usage is the usage chunk, if in the wrong place: that is another rule.
    bearer = [event for event in chunks_of(exchange) if _usage(event)][-1:]
    with_choices = [event for event in chunks_of(exchange) if (event.chunk or {}).get("choices")]
    others = [event for event in with_choices if event not in bearer]
    if others and all(_counts(event) for event in others):
        return Observation(topic="usage-on-other-chunks", camp="counts-on-every-chunk")
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


def _counts(event: StreamEvent) -> bool:
    """Whether a chunk bears whole counts, as those do that count aloud."""
    usage = as_object((event.chunk or {}).get("usage"))
    return all(is_integer(usage.get(name)) for name in COUNTS)


def _usage(event: StreamEvent) -> bool:
    # An empty object bears nothing: where it stands on other chunks it is that rule's concern.
    return bool(as_object((event.chunk or {}).get("usage")))
