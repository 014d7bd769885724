"""The text of a stream: increments, of whole characters, that add up to the plain text."""

from __future__ import annotations

from itertools import pairwise

from chatconform.suite import (
    STREAMED,
    Answer,
    Exchange,
    Observation,
    Play,
    at_body,
    check,
    expect,
    invariant,
    provoked,
    read_answer,
    survey,
)
from chatconform.suites.forms import answers, request_body, streams
from chatconform.suites.pairs import FORM, alike, if_readable, is_plain, is_streamed
from chatconform.suites.stream.scenarios import one_after_the_other, story, wide_step
from chatconform.suites.texts import (
    REASONING,
    REPLACEMENT,
    broken_character,
    pieces_of,
    sent_text,
    text_of,
    texts_of,
)
from chatconform.suites.wire import Part, choices_of, stream_of
from chatconform.wire.sse import Kind

# A shorter text may well begin with the delta before it.
TELLING = 10
FEWEST_DELTAS = 3
# Nobody writes so many words in one breath.
LONG = 20
FRAMING = ("[DONE]", "data: {", "data:{")


@invariant("CC-STREAM-009", streams, provoked_by=story)
def test_content_is_text_or_null(exchange: Exchange) -> None:
    """`delta.content` is a string or null wherever it is present."""
    for part in choices_of(exchange):
        content = part.inner.get("content")
        expect(content is None or isinstance(content, str), "a string or null", came=content, at=part.at)


@invariant("CC-STREAM-009", streams, provoked_by=story)
def test_no_stream_is_a_row_of_snapshots(exchange: Exchange) -> None:
    """The deltas of a choice do not each begin with the one before it and grow."""
    told = [parts for parts in pieces_of(exchange).values() if len(parts) >= FEWEST_DELTAS]
    provoked(told, f"no choice has {FEWEST_DELTAS} deltas of text")
    for parts in told:
        row = _is_a_row_of_snapshots([text_of(part) for part in parts])
        expect(not row, "only what is new", came=text_of(parts[-1]), at=(parts[-2].at, parts[-1].at))


def _is_a_row_of_snapshots(texts: list[str]) -> bool:
    # Words may be said again in one stream; that each delta begins with all of the last is no text's way.
    kept = all(after.startswith(before) for before, after in pairwise(texts))
    return kept and len(set(texts)) >= FEWEST_DELTAS and len(texts[-1]) > TELLING


@check("CC-STREAM-009", one_after_the_other, paths=(STREAMED,), feature="stream")
def test_deltas_are_increments(play: Play) -> None:
    """Each delta adds to the text: none repeats the text so far, or the delta before it."""
    step = wide_step(play)
    play.answer(step)
    parts = pieces_of(play[step]).get(0, [])
    provoked(len(parts) >= FEWEST_DELTAS, f"the text came in fewer than {FEWEST_DELTAS} deltas")

    so_far = before = ""
    for part in parts:
        text = text_of(part)
        repeated = next((old for old in (so_far, before) if len(old) > TELLING and text.startswith(old)), "")
        expect(not repeated, "only what is new", came=text, at=part.at)
        so_far, before = so_far + text, text


@invariant("CC-STREAM-030", streams, provoked_by=story)
def test_a_long_text_comes_in_pieces(exchange: Exchange) -> None:
    """A text of twenty words or more comes in two chunks at least."""
    long = [parts for parts in pieces_of(exchange).values() if len(_joined(parts).split()) >= LONG]
    provoked(long, f"no choice has {LONG} words")
    for parts in long:
        expect(len(parts) > 1, "several chunks", came=f"{_joined(parts)!r} in one", at=parts[0].at)


def _joined(parts: list[Part]) -> str:
    return "".join(text_of(part) for part in parts)


@invariant("CC-STREAM-035", streams, provoked_by=story)
def test_no_framing_leaks_into_the_text(exchange: Exchange) -> None:
    """No terminator and no line of data of another stream stands in the text, unless the request had it."""
    foreign = [mark for mark in FRAMING if mark not in sent_text(exchange)]
    for text in texts_of(exchange, "content", *REASONING).values():
        leaked = [mark for mark in foreign if mark in text]
        expect(
            not leaked, "a text without framing", came=f"{leaked} in {text[-200:]!r}", at=at_body(exchange)
        )


@invariant("CC-STREAM-019", streams, provoked_by=one_after_the_other)
def test_no_character_is_split(exchange: Exchange) -> None:
    """The stream is valid UTF-8, without replacement characters or halves of pairs that nobody sent."""
    invalid = stream_of(exchange).ending.of(Kind.INVALID_UTF8)
    expect(not invalid, "valid UTF-8", came=invalid[0].text if invalid else "", at=at_body(exchange))
    for part in choices_of(exchange):
        broken = broken_character(part.inner, sent_text(exchange))
        expect(not broken, "whole characters", came=f"{broken!a} in {part.inner}", at=part.at)


@check("CC-STREAM-019", one_after_the_other, paths=(STREAMED,), feature="stream")
def test_wide_characters_come_through(play: Play) -> None:
    """An answer with characters of several bytes is streamed without a replacement character."""
    answer = play.answer(wide_step(play))
    provoked(not answer.text.isascii(), "the answer is pure ASCII", at=answer.first.at_text)

    expect(REPLACEMENT not in answer.text, "whole characters", came=answer.text, at=answer.first.at_text)


@survey("CC-STREAM-034", answers, provoked_by=story)
def test_a_stream_loses_nothing_of_the_text(exchanges: tuple[Exchange, ...]) -> Observation:
    """At temperature 0 the text of a stream is the plain one: no white space and no beginning is lost."""
    camps: set[str] = set()
    greedy = [each for each in exchanges if _is_greedy(each)]
    for group in alike(greedy, *FORM):
        plain = [each for each in group if is_plain(each) and _whole_text(each)]
        streamed = [each for each in group if is_streamed(each) and _whole_text(each)]
        for exchange in streamed if plain else ():
            expect_undamaged(plain[0], exchange)
            camps.add(_camp(plain[0], exchange))
    provoked(camps, "no request at temperature 0 was answered in both forms")
    provoked(camps - {"another-text"}, "the model wrote another text in every stream")
    return Observation(topic="streamed-text", camp="+".join(sorted(camps)))


def _camp(plain: Exchange, streamed: Exchange) -> str:
    """In which way the texts of two answers to one question differ, if they do."""
    whole, came = _whole_text(plain), _whole_text(streamed)
    if came == whole:
        return "same"
    return "other-ends" if came.strip() == whole.strip() else "another-text"


def expect_undamaged(plain: Exchange, streamed: Exchange) -> None:
    """Where the texts differ by more than white space at their ends, a model may have chosen other words."""
    whole, came = _whole_text(plain), _whole_text(streamed)
    if came.strip() == whole.strip():
        return
    damage = _damage(whole, came) or _damage_within_a_limit(plain, streamed)
    expect(not damage, f"{whole!r}", came=f"{came!r}, {damage}", at=(at_body(streamed), at_body(plain)))


def _damage(whole: str, came: str) -> str:
    """What is wrong with a text, in words, where it is nearly another one; empty where it is not."""
    if "".join(came.split()) == "".join(whole.split()):
        return "with other white space"
    if len(came) > TELLING and whole.endswith(came):
        return "without the beginning"
    return ""


def _damage_within_a_limit(plain: Exchange, streamed: Exchange) -> str:
    """The same of two answers that one limit cut: neither has more to say where the other says less."""
    both = [if_readable(read_answer, exchange) for exchange in (plain, streamed)]
    whole, came = _whole_text(plain), _whole_text(streamed)
    if len(whole.split()) < LONG or not all(each and each.finish_reason == "length" for each in both):
        return ""
    if _runs_through(came, whole) and not (_is_ahead(came, whole) and _may_be_shorter(*both)):
        return "with gaps"
    if _runs_through(whole, came) and not _is_ahead(whole, came):
        return "with something twice"
    return "in another order" if sorted(came) == sorted(whole) else ""


def _is_ahead(part: str, whole: str) -> bool:
    """Whether a text goes on as another one does, but for its last character, which may be half of one."""
    return whole.startswith(part.rstrip(REPLACEMENT))


def _may_be_shorter(plain: Answer | None, streamed: Answer | None) -> bool:
    """Whether one of two answers may end earlier: not where as many tokens are counted for both."""
    counts = [answer.usage.completion_tokens for answer in (plain, streamed) if answer and answer.usage]
    return len(counts) < 2 or len(set(counts)) > 1


def _runs_through(part: str, whole: str) -> bool:
    """Whether the characters of a text stand in another one, in their order."""
    left = iter(whole)
    return all(character in left for character in part)


def _is_greedy(exchange: Exchange) -> bool:
    body = request_body(exchange)
    return body.get("temperature") == 0 and body.get("n") in (None, 1)


def _whole_text(exchange: Exchange) -> str:
    return (if_readable(texts_of, exchange) or {}).get(0, "")
