"""Log probabilities: in their shape where asked for, absent where not, and about the text that came."""

from __future__ import annotations

import re
from itertools import pairwise

from chatconform.suite import (
    STREAMED,
    Exchange,
    Json,
    Observation,
    Play,
    at_status,
    check,
    expect,
    invariant,
    provoked,
)
from chatconform.suites.forms import answers, request_body
from chatconform.suites.logprobs.scenarios import DEPTHS, depth_alone, depths
from chatconform.suites.logprobs.tokens import Token, is_number, spoken, tokens_of
from chatconform.suites.req.refusing import accepted_control, expect_refused, is_refused
from chatconform.suites.resp.scenarios import greeting
from chatconform.suites.wire import as_object, choices_of, measured

FEATURE = ("logprobs", "top_logprobs")
MEMBERS = ("token", "logprob", "bytes", "top_logprobs")
SAME = 1e-4
MOST_EXCEPTIONS = 0.05
# White space that the server trimmed, and marks such as <|im_end|> and </s>.
SPECIAL_TOKENS = re.compile(rb"(\s|<[^<>\s]{1,40}>)*")


@check("CC-LOGPROBS-001", depths, feature=FEATURE)
def test_tokens_come_with_their_probabilities(play: Play) -> None:
    """`logprobs: true` returns a list of entries with token, logprob, bytes and top_logprobs."""
    answer, tokens = tokens_of(play, "top-3")
    provoked(answer.text, "the answer has no text", at=answer.first.at_finish)

    bearing = [part for part in choices_of(play["top-3"]) if part.inner.get("content")]
    expect(
        tokens,
        "a list of tokens in logprobs.content",
        came=f"logprobs {'null' if bearing and 'logprobs' in bearing[0].value else 'left out'}",
        at=bearing[0].at if bearing else answer.first.at_text,
    )
    for token in tokens:
        missing = [name for name in MEMBERS if name not in token.value]
        expect(not missing, "token, logprob, bytes and top_logprobs", came=token.value, at=token.at)
        expect(isinstance(token.text, str), "a string token", came=token.text, at=token.at)
        expect(_is_logprob(token.logprob), "a logprob of 0 or below", came=token.logprob, at=token.at)
        expect(
            token.encoded is not None, "bytes of 0 to 255, or null", came=token.value["bytes"], at=token.at
        )
        top = token.value["top_logprobs"]
        expect(isinstance(top, list), "an array top_logprobs", came=top, at=token.at)


def _is_logprob(value: Json) -> bool:
    # Rounding may lift a certain token a hair above zero.
    return isinstance(value, int | float) and not isinstance(value, bool) and value <= SAME


@invariant("CC-LOGPROBS-002", answers, provoked_by=greeting)
def test_without_logprobs_the_choice_has_none(exchange: Exchange) -> None:
    """Where they were not asked for, a choice's logprobs are null or absent."""
    asked = request_body(exchange).get("logprobs")
    provoked(asked in (None, False), "the request asks for log probabilities")
    for part in choices_of(exchange):
        came = part.value.get("logprobs")
        expect(came is None, "logprobs null, or none", came=came, at=part.at)


@check("CC-LOGPROBS-003", depths, feature=FEATURE)
def test_top_logprobs_bounds_the_alternatives(play: Play) -> None:
    """Each list has at most the requested number of alternatives, the likeliest first."""
    for depth in DEPTHS:
        answer, tokens = tokens_of(play, f"top-{depth}")
        provoked(tokens, "the answer reports no tokens", at=answer.first.at_text)
        for token in tokens:
            _expect_ordered(token, depth)
        seen = any(token.alternatives for token in tokens)
        expect(seen or depth == 0, "alternatives at some token", came="none", at=tokens[0].at)


def _expect_ordered(token: Token, depth: int) -> None:
    found = token.alternatives
    expect(len(found) <= depth, f"at most {depth} alternatives", came=len(found), at=token.at)
    numbers = [each.get("logprob") for each in found]
    whole = all({"token", "logprob", "bytes"} <= each.keys() for each in found)
    expect(whole and all(map(is_number, numbers)), "token, logprob and bytes each", came=found, at=token.at)
    values = [number for number in numbers if isinstance(number, int | float)]
    falling = all(after <= before + 1e-6 for before, after in pairwise(values))
    expect(falling, "the likeliest alternative first", came=values, at=token.at)


@check("CC-LOGPROBS-004", depth_alone)
def test_top_logprobs_alone_returns_nothing(play: Play) -> Observation:
    """`top_logprobs` without `logprobs: true` is refused with 400 or ignored; no probabilities come."""
    accepted_control(play)
    camps = set()
    for step in ("omitted", "false"):
        if is_refused(play, step):
            expect_refused(play, step)
            camps.add("refused")
            continue
        status = measured(play, step).status
        expect(status == 200, "status 400", came=str(status), at=at_status(play[step]))
        for part in choices_of(play[step]):
            came = part.value.get("logprobs")
            expect(not as_object(came).get("content"), "no log probabilities", came=came, at=part.at)
        camps.add("ignored")
    return Observation(topic="top-logprobs-alone", camp="+".join(sorted(camps)))


@check("CC-LOGPROBS-005", depths, feature=FEATURE)
def test_the_bytes_of_the_tokens_are_the_text(play: Play) -> None:
    """The tokens' bytes, joined, are the text in UTF-8, save for special tokens at either end."""
    for step in ("top-0", "wide"):
        answer, tokens = tokens_of(play, step)
        provoked(tokens, "the answer reports no tokens", at=answer.first.at_text)
        provoked(not answer.first.reasoning, "tokens of reasoning may be among them", at=answer.first.at_text)
        joined = b"".join(token.encoded or b"" for token in tokens)
        expect(
            _is_text_but_for_special_tokens(joined, answer.text.encode("utf-8", "replace")),
            f"tokens that make {answer.text!r}",
            came=repr(joined.decode("utf-8", "replace")),
            at=(tokens[0].at, answer.first.at_text),
        )


def _is_text_but_for_special_tokens(joined: bytes, text: bytes) -> bool:
    before, found, after = joined.partition(text.strip())
    return bool(found) and all(SPECIAL_TOKENS.fullmatch(rest) for rest in (before, after))


@check("CC-LOGPROBS-006", depths, feature=FEATURE)
def test_at_temperature_zero_the_chosen_token_leads(play: Play) -> None:
    """At temperature 0 the chosen token is the first of its alternatives, with the same logprob."""
    answer, tokens = tokens_of(play, "top-3")
    judged = [token for token in tokens if token.alternatives]
    provoked(judged, "no token has alternatives", at=answer.first.at_text)

    odd = [token for token in judged if not _leads(token)]
    expect(
        len(odd) <= MOST_EXCEPTIONS * len(judged),
        "the chosen token first among its alternatives",
        came=f"another one at {len(odd)} of {len(judged)} tokens",
        at=tuple(token.at for token in odd[:2]),
    )


def _leads(token: Token) -> bool:
    first, own = token.alternatives[0], token.logprob
    other = first.get("logprob")
    if not isinstance(own, int | float) or not isinstance(other, int | float):
        return False
    # Equally likely tokens may stand in any order.
    return abs(own - other) < SAME and (first.get("token") == token.text or _tied(token))


def _tied(token: Token) -> bool:
    numbers = [each.get("logprob") for each in token.alternatives[:2]]
    return len(numbers) == 2 and numbers[0] == numbers[1]


@check("CC-LOGPROBS-007", depths, paths=(STREAMED,), feature=FEATURE)
def test_each_chunk_has_the_probabilities_of_its_text(play: Play) -> None:
    """Every chunk with text reports the tokens of that text."""
    answer = play.answer("top-3")
    bearing = [part for part in choices_of(play["top-3"]) if part.inner.get("content")]
    provoked(bearing, "the stream has no text", at=answer.first.at_finish)
    plain, known = tokens_of(play, "plain")
    provoked(known, "the plain answer reports no tokens either", at=plain.first.at_text)
    for part in bearing:
        tokens = as_object(part.value.get("logprobs")).get("content")
        expect(isinstance(tokens, list) and tokens, "logprobs.content", came=part.value, at=part.at)


@check("CC-LOGPROBS-007", depths, paths=(STREAMED,), feature=FEATURE)
def test_a_stream_reports_as_many_tokens_as_the_plain_answer(play: Play) -> None:
    """Where the stream and the plain answer have one text, they report equally many tokens."""
    (streamed, found), (plain, wanted) = tokens_of(play, "top-3"), tokens_of(play, "plain")
    # The end of the text is a token as well, of no text; some report it in one of the forms only.
    found, wanted = spoken(found), spoken(wanted)
    provoked(streamed.text == plain.text, "the plain answer has another text", at=plain.first.at_text)
    provoked(wanted, "the plain answer reports no tokens", at=plain.first.at_text)
    expect(len(found) == len(wanted), f"{len(wanted)} tokens", came=len(found), at=streamed.first.at_text)
