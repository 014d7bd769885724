"""How tokens are drawn: temperature, top_p and seed, each seen in a handful of answers."""

from chatconform.suite import PLAIN, STREAMED, Play, check, expect, provoked
from chatconform.suites.sample.samples import (
    HOT_WORDS,
    drawn,
    expect_diverse,
    expect_greedy,
    expect_repeated,
    expect_same_twice,
    texts,
)
from chatconform.suites.sample.scenarios import hot_words, narrow_story, streamed_words
from chatconform.suites.stop.scenarios import stopped_story

BOTH = (PLAIN, STREAMED)


@check("CC-SAMPLE-001", stopped_story, paths=BOTH, feature="temperature")
def test_temperature_zero_repeats_itself(play: Play) -> None:
    """Temperature 0 is accepted, and two answers to one question are the same."""
    expect_same_twice(play)


@check("CC-SAMPLE-002", hot_words, paths=BOTH, feature="temperature")
def test_a_high_temperature_diversifies(play: Play) -> None:
    """Answers at temperature 1.5 differ, be it from choice to choice or from seed to seed."""
    expect_diverse(play)


@check("CC-SAMPLE-003", narrow_story, control=hot_words, paths=BOTH, feature=("top_p", "temperature"))
def test_a_tiny_top_p_is_nearly_greedy(play: Play) -> None:
    """Under a tiny top_p answers at a high temperature are the same, as they are not without it."""
    expect_greedy(play)


@check("CC-SAMPLE-004", hot_words, paths=BOTH, feature="seed")
def test_a_seed_repeats_itself(play: Play) -> None:
    """The same request with the same seed is answered with the same texts."""
    expect_repeated(play)


@check("CC-SAMPLE-011", hot_words, control=streamed_words, paths=(PLAIN,), feature="seed")
def test_different_seeds_differ(play: Play) -> None:
    """Two seeds draw different texts for one request."""
    answer = play.answer(play.part("hot", "seed"))
    one, two = texts(play, "hot"), texts(play, "other") or texts(play.comparison, "hot")
    provoked(any(one) and any(two), "the answers have no text", at=answer.first.at_text)
    # Where nothing that is drawn differs, it is the temperature that has no effect.
    provoked(len({*one, *two}) > 1, "all answers are alike", at=answer.first.at_text)
    expect(one != two, "other texts by another seed", came=" / ".join(two), at=answer.first.at_text)


@check("CC-SAMPLE-006", hot_words, paths=BOTH, feature=HOT_WORDS)
def test_choices_are_drawn_independently(play: Play) -> None:
    """The choices of one request are not one text."""
    answer = play.answer(play.part("hot", "n"))
    choices = texts(play, play.part("hot", "n"))
    provoked(len(choices) > 1 and any(choices), "there is one choice only", at=answer.first.at_text)
    # Where no two answers differ, it is not the choices that are tied.
    provoked(len(set(drawn(play))) > 1, "all answers are alike", at=answer.first.at_text)
    expect(
        len(set(choices)) > 1,
        f"different texts in {len(choices)} choices",
        came=" / ".join(choices),
        at=tuple(choice.at_text for choice in answer.choices[:2]),
    )
