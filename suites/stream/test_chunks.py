"""The chunks of a stream: what each of them has, and what all of them share."""

from __future__ import annotations

from chatconform.contract import load_contract
from chatconform.suite import (
    Exchange,
    Json,
    Play,
    StreamEvent,
    at_body,
    at_event,
    check,
    expect,
    invariant,
    provoked,
)
from chatconform.suites.forms import request_body, streams
from chatconform.suites.resp.scenarios import greeting
from chatconform.suites.stream.scenarios import count, without_obfuscation
from chatconform.suites.wire import as_list, as_object, chunks_of, is_integer

FINISH_REASONS = frozenset({"stop", "length", "tool_calls", "content_filter", "function_call"})


def streams_without_padding(exchange: Exchange) -> bool:
    """Every stream whose request declines obfuscation."""
    options = as_object(request_body(exchange).get("stream_options"))
    return streams(exchange) and options.get("include_obfuscation") is False


@invariant("CC-STREAM-004", streams, provoked_by=greeting)
def test_every_chunk_has_its_five_members(exchange: Exchange) -> None:
    """Every chunk has id, object 'chat.completion.chunk', created, model and choices, each of its type."""
    for event, chunk in _chunks(exchange):
        at = at_event(exchange, event.index)
        expect(isinstance(chunk.get("id"), str), "a string id", came=chunk.get("id"), at=at)
        expect(
            chunk.get("object") == "chat.completion.chunk",
            "object 'chat.completion.chunk'",
            came=chunk.get("object"),
            at=at,
        )
        expect(is_integer(chunk.get("created")), "an integer created", came=chunk.get("created"), at=at)
        expect(isinstance(chunk.get("model"), str), "a string model", came=chunk.get("model"), at=at)
        expect(isinstance(chunk.get("choices"), list), "an array choices", came=chunk.get("choices"), at=at)


@invariant("CC-STREAM-005", streams, provoked_by=greeting)
def test_all_chunks_share_one_id(exchange: Exchange) -> None:
    """All chunks of a stream have the same id."""
    _expect_same(exchange, "id", str)


@invariant("CC-STREAM-006", streams, provoked_by=(greeting, count))
def test_all_chunks_share_one_date(exchange: Exchange) -> None:
    """All chunks of a stream have the same created."""
    _expect_same(exchange, "created", int)


@invariant("CC-STREAM-025", streams, provoked_by=(greeting, count))
def test_all_chunks_name_one_model(exchange: Exchange) -> None:
    """All chunks of a stream name the same model."""
    _expect_same(exchange, "model", str)


def _expect_same(exchange: Exchange, name: str, kind: type) -> None:
    # A chunk without the member, or with one of another type, breaks CC-STREAM-004 and not this rule.
    found = [(event, chunk[name]) for event, chunk in _chunks(exchange) if isinstance(chunk.get(name), kind)]
    provoked(found, f"no chunk has a readable {name}")
    first = found[0][1]
    for event, value in found:
        expect(
            value == first,
            f"{name} {first!r} as in the first chunk",
            came=value,
            at=at_event(exchange, event.index),
        )


@invariant("CC-STREAM-010", streams, provoked_by=greeting)
def test_every_choice_of_a_chunk_has_its_three_members(exchange: Exchange) -> None:
    """Every choice of a chunk has an integer index, an object delta, and finish_reason: null or a word."""
    for event, chunk in _chunks(exchange):
        for item in as_list(chunk.get("choices")):
            _expect_choice(item, exchange, event)


def _expect_choice(item: Json, exchange: Exchange, event: StreamEvent) -> None:
    at = at_event(exchange, event.index)
    choice = item if isinstance(item, dict) else {}
    expect(is_integer(choice.get("index")), "an integer index", came=item, at=at)
    delta = choice.get("delta")
    expect(isinstance(delta, dict), "an object delta", came=item, at=at)
    # Chunks of sound go without; the official document's own examples do.
    if isinstance(delta, dict) and delta.get("audio") and "finish_reason" not in choice:
        return
    expect("finish_reason" in choice, "the member finish_reason", came=item, at=at)
    reason = choice["finish_reason"]
    expect(
        reason is None or (isinstance(reason, str) and reason in FINISH_REASONS),
        f"null or one of {', '.join(sorted(FINISH_REASONS))}",
        came=reason,
        at=at,
    )


@check("CC-STREAM-023", without_obfuscation, feature=("include_obfuscation", "stream_options"))
def test_obfuscation_can_be_switched_off(play: Play) -> None:
    """With include_obfuscation false no chunk has the member obfuscation."""
    play.answer("answer")
    provoked(play["answer"].is_stream, "the answer is no stream", at=at_body(play["answer"]))
    _expect_no_padding(play["answer"])


@invariant("CC-STREAM-023", streams_without_padding, provoked_by=without_obfuscation)
def test_no_padding_comes_that_was_declined(exchange: Exchange) -> None:
    """Wherever include_obfuscation is false, no chunk has the member obfuscation."""
    _expect_no_padding(exchange)


def _expect_no_padding(exchange: Exchange) -> None:
    for event, chunk in _chunks(exchange):
        expect(
            "obfuscation" not in chunk,
            "no member obfuscation",
            came=chunk.get("obfuscation"),
            at=at_event(exchange, event.index),
        )


@invariant("CC-STREAM-024", streams, provoked_by=greeting)
def test_every_chunk_validates_against_the_contract(exchange: Exchange) -> None:
    """Every member of a chunk that the contract describes has the described type, at every depth."""
    schema = load_contract().validator("Chunk")
    for event, chunk in _chunks(exchange):
        violations = schema.violations(chunk)
        if violations:
            first = violations[0]
            expect(
                False,
                f"a chunk that fits the contract at {first.param or 'its top'}",
                came="; ".join(f"{each.param}: {each.message}" for each in violations[:3]),
                at=at_event(exchange, event.index, first.pointer),
            )


def _chunks(exchange: Exchange) -> list[tuple[StreamEvent, dict[str, Json]]]:
    return [(event, event.chunk or {}) for event in chunks_of(exchange)]
