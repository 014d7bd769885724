"""Parameters hold after a tool result and on later turns as they do on the first, plain and streamed."""

from chatconform.suite import (
    AFTER_TOOL_RESULT,
    AFTER_TOOL_RESULT_STREAMED,
    LATER_TURN,
    LATER_TURN_STREAMED,
    Play,
    check,
    expect,
    provoked,
)
from chatconform.suites.limit.bounds import expect_bounded, expect_cut, longer_than
from chatconform.suites.limit.scenarios import LIMIT, forced_story
from chatconform.suites.logprobs.test_alternatives import expect_alternatives
from chatconform.suites.logprobs.tokens import tokens_of
from chatconform.suites.sample.bending import expect_forced, expect_penalised
from chatconform.suites.sample.samples import (
    N,
    expect_choices,
    expect_cold,
    expect_diverse,
    expect_greedy,
    expect_repeated,
)
from chatconform.suites.sample.scenarios import NARROW_LIMIT, hot_words, narrow_story
from chatconform.suites.stop.ends import expect_stopped
from chatconform.suites.stop.scenarios import DEPTH, stopped_story

LATER = (AFTER_TOOL_RESULT, LATER_TURN, AFTER_TOOL_RESULT_STREAMED, LATER_TURN_STREAMED)
LIMITS = ("max_tokens", "max_completion_tokens", "temperature")


@check("CC-CONT-008", forced_story, paths=LATER, feature=("max_completion_tokens", "temperature"))
def test_max_completion_tokens_holds_later_as_well(play: Play) -> None:
    """max_completion_tokens cuts the answer after a tool result and on a later turn, with length."""
    _expect_limited(play, play.part("forced", "limit"), LIMIT)


@check("CC-CONT-027", narrow_story, paths=LATER, feature=("max_tokens", "temperature"))
def test_max_tokens_holds_later_as_well(play: Play) -> None:
    """max_tokens cuts the answer after a tool result and on a later turn, which ends with length."""
    _expect_limited(play, play.part("narrow", "limit"), NARROW_LIMIT)


def _expect_limited(play: Play, step: str, limit: int) -> None:
    answer = play.answer(step)
    # Too long is too long, whatever the control shows.
    expect_bounded(answer, limit)

    longer_than(play.answer("control"), limit)
    expect_cut(answer, limit)


@check("CC-CONT-009", stopped_story, paths=LATER, feature=("stop", "temperature"))
def test_stop_holds_later_as_well(play: Play) -> None:
    """A stop sequence ends the answer after a tool result and on a later turn, with finish_reason stop."""
    expect_stopped(play)


@check("CC-CONT-018", stopped_story, paths=LATER, feature=("logprobs", "temperature"))
def test_logprobs_come_later_as_well(play: Play) -> None:
    """Log probabilities come after a tool result and on a later turn, where they are asked for."""
    answer, tokens = tokens_of(play, play.part("stopped", "logprobs"))
    provoked(answer.text, "the answer has no text", at=answer.first.at_finish)

    expect(tokens, "a list of tokens in logprobs.content", came="none", at=answer.first.at_text)


@check("CC-CONT-054", stopped_story, paths=LATER, feature=("top_logprobs", "logprobs", "temperature"))
def test_alternatives_come_later_as_well(play: Play) -> None:
    """Alternatives of tokens come after a tool result and on a later turn, at most as many as asked for."""
    expect_alternatives(play, play.part("stopped", "logprobs"), DEPTH)


@check("CC-CONT-021", hot_words, paths=LATER, feature=N)
def test_n_holds_later_as_well(play: Play) -> None:
    """There are n choices after a tool result and on a later turn too."""
    expect_choices(play)


@check("CC-CONT-022", hot_words, control=stopped_story, paths=LATER, feature="temperature")
def test_temperature_holds_later_as_well(play: Play) -> None:
    """Answers at temperature 0 are alike and at 1.5 differ, after a tool result and on a later turn."""
    expect_diverse(play)

    expect_cold(play.comparison)


@check("CC-CONT-023", narrow_story, control=hot_words, paths=LATER, feature=("top_p", "temperature"))
def test_top_p_holds_later_as_well(play: Play) -> None:
    """A tiny top_p makes answers alike after a tool result and on a later turn."""
    expect_greedy(play)


@check("CC-CONT-024", hot_words, paths=LATER, feature="seed")
def test_a_seed_holds_later_as_well(play: Play) -> None:
    """A seed repeats the answer after a tool result and on a later turn."""
    expect_repeated(play)


@check("CC-CONT-025", narrow_story, paths=LATER, feature=("frequency_penalty", *LIMITS))
def test_a_frequency_penalty_holds_later_as_well(play: Play) -> None:
    """frequency_penalty 2 bends the text after a tool result and on a later turn."""
    expect_penalised(play, "frequency_penalty")


@check("CC-CONT-025", narrow_story, paths=LATER, feature=("presence_penalty", *LIMITS))
def test_a_presence_penalty_holds_later_as_well(play: Play) -> None:
    """presence_penalty 2 bends the text after a tool result and on a later turn."""
    expect_penalised(play, "presence_penalty")


@check("CC-CONT-026", forced_story, paths=LATER, feature=("logit_bias", *LIMITS))
def test_a_bias_holds_later_as_well(play: Play) -> None:
    """A bias of 100 forces its token after a tool result and on a later turn."""
    expect_forced(play)
