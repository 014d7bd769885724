"""Log probabilities: in their shape where asked for, absent where not, and about the text that came."""

from __future__ import annotations

import re

from chatconform.suite import (
    PLAIN,
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
from chatconform.suites.logprobs.scenarios import depth_alone, wide, wide_plain
from chatconform.suites.logprobs.tokens import Token, spoken, tokens_of
from chatconform.suites.req.refusing import accepted_control, expect_refused, is_refused
from chatconform.suites.stop.ends import stops_of
from chatconform.suites.stop.scenarios import stopped_story
from chatconform.suites.wire import as_object, choices_of, measured

FEATURE = ("logprobs", "top_logprobs", "temperature")
BOTH = (PLAIN, STREAMED)
MEMBERS = ("token", "logprob", "bytes", "top_logprobs")
SAME = 1e-4
# White space that the server trimmed, and marks such as <|im_end|> and </s>.
SPECIAL_TOKENS = re.compile(rb"(\s|<[^<>\s]{1,40}>)*")


@check("CC-LOGPROBS-001", stopped_story, paths=BOTH, feature=FEATURE)
def test_tokens_come_with_their_probabilities(play: Play) -> None:
    """`logprobs: true` returns a list of entries with token, logprob, bytes and top_logprobs."""
    step = play.part("stopped", "logprobs")
    answer, tokens = tokens_of(play, step)
    provoked(answer.text, "the answer has no text", at=answer.first.at_finish)

    bearing = [part for part in choices_of(play[step]) if part.inner.get("content")]
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


@invariant("CC-LOGPROBS-002", answers, provoked_by=depth_alone)
def test_without_logprobs_the_choice_has_none(exchange: Exchange) -> None:
    """Where they were not asked for, a choice's logprobs are null or absent."""
    asked = request_body(exchange).get("logprobs")
    provoked(asked in (None, False), "the request asks for log probabilities")
    for part in choices_of(exchange):
        came = part.value.get("logprobs")
        expect(came is None, "logprobs null, or none", came=came, at=part.at)


@check("CC-LOGPROBS-004", depth_alone)
def test_top_logprobs_alone_returns_nothing(play: Play) -> Observation:
    """`top_logprobs` without `logprobs: true` is refused with 400 or ignored; no probabilities come."""
    accepted_control(play)
    camps = set()
    for step in ("omitted", "false"):
        if step == "false" and not play.has(step):
            continue
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


@check("CC-LOGPROBS-005", wide, feature=FEATURE)
def test_the_bytes_of_the_tokens_are_the_text(play: Play) -> None:
    """The tokens' bytes, joined, are the text in UTF-8, save for special tokens at either end."""
    step = play.part("wide", "logprobs")
    answer, tokens = tokens_of(play, step)
    provoked(tokens, "the answer reports no tokens", at=answer.first.at_text)
    provoked(not answer.first.reasoning, "tokens of reasoning may be among them", at=answer.first.at_text)
    joined = b"".join(token.encoded or b"" for token in tokens)
    expect(
        _is_text_but_for_its_ends(joined, answer.text.encode("utf-8", "replace"), stops_of(play, step)),
        f"tokens that make {answer.text!r}",
        came=repr(joined.decode("utf-8", "replace")),
        at=(tokens[0].at, answer.first.at_text),
    )


def _is_text_but_for_its_ends(joined: bytes, text: bytes, stops: list[str]) -> bool:
    before, found, after = joined.partition(text.strip())
    # The tokens of a stop string are reported by some; the last of them may be more than it.
    stopped = any(after.lstrip().startswith(stop.encode()[: len(after.lstrip())]) for stop in stops)
    return bool(found and SPECIAL_TOKENS.fullmatch(before)) and bool(
        SPECIAL_TOKENS.fullmatch(after) or stopped
    )


@check("CC-LOGPROBS-007", stopped_story, paths=(STREAMED,), feature=FEATURE)
def test_each_chunk_has_the_probabilities_of_its_text(play: Play) -> None:
    """Every chunk with text reports tokens, where any chunk does."""
    step = play.part("stopped", "logprobs")
    answer, reported = tokens_of(play, step)
    bearing = [part for part in choices_of(play[step]) if part.inner.get("content")]
    provoked(bearing, "the stream has no text", at=answer.first.at_finish)
    # That no chunk reports any is the affair of the rule about their shape.
    provoked(reported, "the stream reports no tokens", at=answer.first.at_text)
    for part in bearing:
        tokens = as_object(part.value.get("logprobs")).get("content")
        expect(isinstance(tokens, list) and tokens, "logprobs.content", came=part.value, at=part.at)


@check("CC-LOGPROBS-007", wide, control=wide_plain, paths=(STREAMED,), feature=FEATURE)
def test_a_stream_reports_as_many_tokens_as_the_plain_answer(play: Play) -> None:
    """Where the stream and the plain answer begin with one text, they report equally many tokens for it."""
    streamed, found = tokens_of(play, play.part("wide", "logprobs"))
    plain, wanted = tokens_of(play.comparison, play.comparison.part("wide", "logprobs"))
    text = streamed.text.rstrip()
    provoked(
        text and plain.text.startswith(text), "the plain answer has another text", at=plain.first.at_text
    )
    provoked(wanted and found, "one of the answers reports no tokens", at=plain.first.at_text)
    # The end of the text is a token as well, of no text; some report it in one of the forms only.
    ours, theirs = (_making(spoken(tokens), text.encode("utf-8", "replace")) for tokens in (found, wanted))
    provoked(theirs, "the plain answer's tokens are not its text", at=plain.first.at_text)
    expect(
        ours == theirs,
        f"{theirs} tokens that make {text!r}",
        came=f"{ours or len(found)} that {'do' if ours else 'do not'}",
        at=streamed.first.at_text,
    )


def _making(tokens: list[Token], text: bytes) -> int:
    """How many tokens from the first on make a text; 0 where they make another one."""
    joined = b""
    for count, token in enumerate(tokens, 1):
        joined += token.encoded or b""
        if len(joined) >= len(text):
            return count if joined.startswith(text) else 0
    return 0
