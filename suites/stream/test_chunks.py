"""The chunks of a stream: what each of them has, and what all of them share."""

from __future__ import annotations

from chatconform.contract import load_contract
from chatconform.suite import (
    STREAMED,
    Exchange,
    Json,
    Observation,
    Play,
    StreamEvent,
    at_body,
    at_event,
    check,
    expect,
    invariant,
    provoked,
    repeated_keys,
)
from chatconform.suites.forms import request_body, streams
from chatconform.suites.resp.contract import CHUNK, without_own_rule
from chatconform.suites.resp.scenarios import greeting, limited_greeting
from chatconform.suites.resp.test_completion import DAY
from chatconform.suites.stream.scenarios import one_after_the_other, story
from chatconform.suites.wire import as_list, as_object, choices_of, chunks_of, is_integer

FINISH_REASONS = frozenset({"stop", "length", "tool_calls", "content_filter", "function_call"})


def streams_without_padding(exchange: Exchange) -> bool:
    """Every stream whose request declines obfuscation."""
    options = as_object(request_body(exchange).get("stream_options"))
    return streams(exchange) and options.get("include_obfuscation") is False


@invariant("CC-STREAM-004", streams, provoked_by=(greeting, limited_greeting))
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


@invariant("CC-STREAM-006", streams, provoked_by=(greeting, story))
def test_all_chunks_share_one_date(exchange: Exchange) -> None:
    """All chunks of a stream have the same created."""
    _expect_same(exchange, "created", int)


@invariant("CC-STREAM-026", streams, provoked_by=greeting)
def test_every_chunk_is_dated_now(exchange: Exchange) -> None:
    """The `created` of every chunk is the time of the answer in Unix seconds, within a day."""
    dates = [(event, chunk["created"]) for event, chunk in _chunks(exchange) if "created" in chunk]
    told = [(event, created) for event, created in dates if is_integer(created)]
    provoked(told, "no chunk has an integer created")
    ended = exchange.ended
    for event, created in told:
        at = at_event(exchange, event.index, "/created")
        expect(abs(created - ended) < DAY, f"created in Unix seconds, about {ended:.0f}", came=created, at=at)


@invariant("CC-STREAM-025", streams, provoked_by=(greeting, story))
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


@invariant("CC-STREAM-028", streams, provoked_by=greeting)
def test_no_stream_changes_its_fingerprint(exchange: Exchange) -> Observation:
    """No two chunks of a stream have different words in system_fingerprint."""
    return _expect_no_change(exchange, "system_fingerprint")


@invariant("CC-STREAM-029", streams, provoked_by=greeting)
def test_no_stream_changes_its_tier(exchange: Exchange) -> Observation:
    """No two chunks of a stream have different words in service_tier."""
    return _expect_no_change(exchange, "service_tier")


def _expect_no_change(exchange: Exchange, name: str) -> Observation:
    # Left out of some chunks, null or empty it says nothing, which is no other word.
    found = [(event, str(chunk[name])) for event, chunk in _chunks(exchange) if _is_word(chunk.get(name))]
    for event, word in found:
        first = found[0][1]
        at = at_event(exchange, event.index, f"/{name}")
        expect(word == first, f"{name} {first!r} as in the chunks before", came=word, at=at)
    return Observation(topic=name.replace("_", "-"), camp="sent" if found else "none")


def _is_word(value: Json) -> bool:
    return isinstance(value, str) and bool(value)


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


@invariant("CC-STREAM-032", streams, provoked_by=greeting)
def test_without_n_every_chunk_is_of_choice_0(exchange: Exchange) -> None:
    """With n left out every choice of every chunk has the index 0."""
    provoked(request_body(exchange).get("n") is None, "the request asks for a number of choices")
    for event, chunk in _chunks(exchange):
        for item in as_list(chunk.get("choices")):
            index = as_object(item).get("index")
            # One that is missing or no integer breaks CC-STREAM-010.
            expect(
                index == 0 or not is_integer(index), "index 0", came=index, at=at_event(exchange, event.index)
            )


@invariant("CC-STREAM-027", streams, provoked_by=greeting)
def test_a_refusal_is_text_or_null(exchange: Exchange) -> None:
    """`delta.refusal` is a string or null wherever it is present."""
    for part in choices_of(exchange):
        refusal = part.inner.get("refusal")
        expect(refusal is None or isinstance(refusal, str), "a string or null", came=refusal, at=part.at)


@check(
    "CC-STREAM-023", one_after_the_other, paths=(STREAMED,), feature=("include_obfuscation", "stream_options")
)
def test_obfuscation_can_be_switched_off(play: Play) -> None:
    """With include_obfuscation false no chunk has the member obfuscation."""
    play.answer("unpadded")
    provoked(play["unpadded"].is_stream, "the answer is no stream", at=at_body(play["unpadded"]))
    _expect_no_padding(play["unpadded"])


@invariant("CC-STREAM-023", streams_without_padding, provoked_by=one_after_the_other)
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
    """Every member of a chunk that the contract describes, and no other rule, has the described type."""
    schema = load_contract().validator("Chunk")
    for event, chunk in _chunks(exchange):
        violations = without_own_rule(schema.violations(chunk), CHUNK)
        if violations:
            first = violations[0]
            expect(
                False,
                f"a chunk that fits the contract at {first.param or 'its top'}",
                came="; ".join(f"{each.param}: {each.message}" for each in violations[:3]),
                at=at_event(exchange, event.index, first.pointer),
            )


@invariant("CC-STREAM-033", streams, provoked_by=greeting)
def test_no_object_of_a_chunk_repeats_a_name(exchange: Exchange) -> None:
    """No object of a chunk has two members of one name."""
    for event in chunks_of(exchange):
        twice = repeated_keys(event.data)
        at = at_event(exchange, event.index)
        expect(not twice, "each name once in an object", came=f"{twice[:1]} twice", at=at)


def _chunks(exchange: Exchange) -> list[tuple[StreamEvent, dict[str, Json]]]:
    return [(event, event.chunk or {}) for event in chunks_of(exchange)]
