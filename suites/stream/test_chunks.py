"""The chunks of a stream: what each of them has, and what all of them share."""

from __future__ import annotations

from collections.abc import Iterator

from chatconform.contract import load_contract
from chatconform.suite import (
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
)
from chatconform.suites.forms import streams
from chatconform.suites.resp.scenarios import greeting
from chatconform.suites.stream.scenarios import count, wide_characters, without_obfuscation
from chatconform.suites.wire import Part, as_list, choices_of, chunks_of, is_integer, response_of
from chatconform.wire.sse import Kind

FINISH_REASONS = frozenset({"stop", "length", "tool_calls", "content_filter", "function_call"})
# A shorter text may well begin with the delta before it.
TELLING = 10
FEWEST_DELTAS = 3


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
    _expect_same(exchange, "id")


@invariant("CC-STREAM-006", streams, provoked_by=(greeting, count))
def test_all_chunks_share_one_date(exchange: Exchange) -> Observation:
    """All chunks of a stream have the same created; that they share one model is recorded."""
    _expect_same(exchange, "created")
    models = {str(chunk.get("model")) for _, chunk in _chunks(exchange)}
    return Observation(topic="models-in-a-stream", camp="one" if len(models) < 2 else "several")


def _expect_same(exchange: Exchange, name: str) -> None:
    chunks = list(_chunks(exchange))
    provoked(chunks, "the stream has no chunks")
    first = chunks[0][1].get(name)
    for event, chunk in chunks:
        same = chunk.get(name) == first
        expect(
            same,
            f"{name} {first!r} as in the first chunk",
            came=chunk.get(name),
            at=at_event(exchange, event.index),
        )


@invariant("CC-STREAM-009", streams, provoked_by=count)
def test_content_is_text_or_null(exchange: Exchange) -> None:
    """`delta.content` is a string or null wherever it is present."""
    for part in choices_of(exchange):
        content = part.inner.get("content")
        expect(content is None or isinstance(content, str), "a string or null", came=content, at=part.at)


@check("CC-STREAM-009", count, feature="stream")
def test_deltas_are_increments(play: Play) -> None:
    """Each delta adds to the text: none repeats the text so far, or the delta before it."""
    play.answer("answer")
    parts = [part for part in choices_of(play["answer"]) if part.inner.get("content")]
    provoked(len(parts) >= FEWEST_DELTAS, f"the text came in fewer than {FEWEST_DELTAS} deltas")

    so_far = before = ""
    for part in parts:
        text = str(part.inner["content"])
        repeated = next((old for old in (so_far, before) if len(old) > TELLING and text.startswith(old)), "")
        expect(not repeated, "only what is new", came=text, at=part.at)
        so_far, before = so_far + text, text


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


@invariant("CC-STREAM-019", streams, provoked_by=wide_characters)
def test_no_character_is_split(exchange: Exchange) -> None:
    """The stream is valid UTF-8, without replacement characters or halves of pairs that nobody sent."""
    invalid = response_of(exchange).stream.ending.of(Kind.INVALID_UTF8)
    expect(not invalid, "valid UTF-8", came=invalid[0].text if invalid else "", at=at_body(exchange))
    sent = exchange.request.body.decode("utf-8", errors="replace")
    for part in choices_of(exchange):
        broken = _broken_character(part, sent)
        expect(not broken, "whole characters", came=f"{broken!a} in {part.inner}", at=part.at)


def _broken_character(part: Part, sent: str) -> str:
    text = "".join(_strings(part.inner))
    if "\ufffd" in text and "\ufffd" not in sent and "\\ufffd" not in sent.lower():
        return "\ufffd"
    return next((char for char in text if "\ud800" <= char <= "\udfff"), "")


def _strings(value: Json) -> Iterator[str]:
    """Every string of a JSON value, without recursion: a stranger chose its depth."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, dict | list):
            waiting += each.values() if isinstance(each, dict) else each


@check("CC-STREAM-019", wide_characters, feature="stream")
def test_wide_characters_come_through(play: Play) -> None:
    """An answer with characters of several bytes is streamed without a replacement character."""
    answer = play.answer("answer")
    provoked(not answer.text.isascii(), "the answer is pure ASCII", at=answer.first.at_text)

    expect("\ufffd" not in answer.text, "whole characters", came=answer.text, at=answer.first.at_text)


@check("CC-STREAM-023", without_obfuscation, feature=("include_obfuscation", "stream_options"))
def test_obfuscation_can_be_switched_off(play: Play) -> None:
    """With include_obfuscation false no chunk has the member obfuscation."""
    play.answer("answer")
    provoked(play["answer"].is_stream, "the answer is no stream", at=at_body(play["answer"]))
    for event, chunk in _chunks(play["answer"]):
        expect(
            "obfuscation" not in chunk,
            "no member obfuscation",
            came=chunk.get("obfuscation"),
            at=at_event(play["answer"], event.index),
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
