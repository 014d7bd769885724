"""The text of a stream: increments, of whole characters."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from chatconform.suite import Exchange, Json, Play, at_body, check, expect, invariant, provoked
from chatconform.suites.forms import streams
from chatconform.suites.stream.scenarios import count, wide_characters
from chatconform.suites.wire import Part, choices_of, response_of
from chatconform.wire.sse import Kind

# A shorter text may well begin with the delta before it.
TELLING = 10
FEWEST_DELTAS = 3


@invariant("CC-STREAM-009", streams, provoked_by=count)
def test_content_is_text_or_null(exchange: Exchange) -> None:
    """`delta.content` is a string or null wherever it is present."""
    for part in choices_of(exchange):
        content = part.inner.get("content")
        expect(content is None or isinstance(content, str), "a string or null", came=content, at=part.at)


@invariant("CC-STREAM-009", streams, provoked_by=count)
def test_no_stream_is_a_row_of_snapshots(exchange: Exchange) -> None:
    """The deltas of a choice do not each begin with the one before it and grow."""
    texts: dict[int, list[Part]] = {}
    for part in choices_of(exchange):
        if _text(part):
            texts.setdefault(part.index, []).append(part)
    told = [parts for parts in texts.values() if len(parts) >= FEWEST_DELTAS]
    provoked(told, f"no choice has {FEWEST_DELTAS} deltas of text")
    for parts in told:
        row = _is_a_row_of_snapshots([_text(part) for part in parts])
        expect(not row, "only what is new", came=_text(parts[-1]), at=(parts[-2].at, parts[-1].at))


def _text(part: Part) -> str:
    content = part.inner.get("content")
    return content if isinstance(content, str) else ""


def _is_a_row_of_snapshots(texts: list[str]) -> bool:
    # Words may be said again in one stream; that each delta begins with all of the last is no text's way.
    kept = all(after.startswith(before) for before, after in pairwise(texts))
    return kept and len(set(texts)) >= FEWEST_DELTAS and len(texts[-1]) > TELLING


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
