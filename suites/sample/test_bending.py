"""Penalties and biases bend the likeliest text."""

from chatconform.suite import PLAIN, STREAMED, Play, check, expect, provoked
from chatconform.suites.limit.scenarios import forced_story
from chatconform.suites.sample.bending import expect_forced, expect_penalised
from chatconform.suites.sample.scenarios import banned_word, narrow_story

LIMITS = ("max_tokens", "max_completion_tokens", "temperature")


@check("CC-SAMPLE-008", narrow_story, paths=(PLAIN, STREAMED), feature=("frequency_penalty", *LIMITS))
def test_a_frequency_penalty_bends_the_text(play: Play) -> None:
    """frequency_penalty 2 turns the likeliest text away from what it repeats."""
    expect_penalised(play, "frequency_penalty")


@check("CC-SAMPLE-010", narrow_story, paths=(PLAIN, STREAMED), feature=("presence_penalty", *LIMITS))
def test_a_presence_penalty_bends_the_text(play: Play) -> None:
    """presence_penalty 2 turns the likeliest text away from what it repeats."""
    expect_penalised(play, "presence_penalty")


@check("CC-SAMPLE-012", forced_story, paths=(PLAIN, STREAMED), feature=("logit_bias", *LIMITS))
def test_a_bias_of_100_forces_its_token(play: Play) -> None:
    """logit_bias of 100 brings one token at every place."""
    expect_forced(play)


@check("CC-SAMPLE-007", banned_word, feature=("logit_bias", "temperature"))
def test_a_banned_token_does_not_occur(play: Play) -> None:
    """A word whose tokens all have a bias of -100 does not occur, though it does without."""
    control, banned = play.answer("control"), play.answer("banned")
    word = play.note("word")
    provoked(word in control.text, "the control does not repeat the word", at=control.first.at_text)

    expect(word not in banned.text, f"a text without {word}", came=banned.text, at=banned.first.at_text)
