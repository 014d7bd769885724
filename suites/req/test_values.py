"""Values that a parameter cannot have: of the wrong type, or outside its range."""

from __future__ import annotations

from chatconform.suite import Observation, Play, check
from chatconform.suites.req.defects import (
    MESSAGES_TEXT,
    N_FRACTION,
    OUTSIDE,
    STOP_NUMBER,
    STREAM_WORD,
    WRONG_TYPES,
    Defect,
)
from chatconform.suites.req.refusing import accepted_control, expect_each_refused
from chatconform.suites.req.scenarios import outside_ranges, wrong_types
from chatconform.suites.wire import measured

NUMBERS = ("temperature", "max_tokens", "top_logprobs")


@check("CC-REQ-011", wrong_types)
def test_a_wrong_type_is_refused(play: Play) -> Observation | None:
    """A word in place of a number is refused with 400; a number in quotes may be read as the number."""
    accepted_control(play)
    words = [each for each in WRONG_TYPES.defects if each.param in NUMBERS]
    quoted = [step for each in words if each.coercible for step in each.steps if play.has(step)]
    coerced = [step for step in quoted if measured(play, step).status == 200]
    expect_each_refused(play, [each for each in words if not set(each.steps) & set(coerced)], WRONG_TYPES)
    return Observation(topic="number-in-quotes", camp="coerced" if coerced else "refused") if quoted else None


@check("CC-REQ-025", wrong_types)
def test_messages_that_are_a_text_are_refused(play: Play) -> None:
    """`messages` as a string is refused with 400."""
    expect_each_refused(play, (MESSAGES_TEXT,), WRONG_TYPES)


@check("CC-REQ-026", wrong_types)
def test_a_word_for_stream_is_refused(play: Play) -> None:
    """`stream: "true"`, a word for a boolean, is refused with 400."""
    expect_each_refused(play, (STREAM_WORD,), WRONG_TYPES)


@check("CC-REQ-027", wrong_types)
def test_a_fraction_for_n_is_refused(play: Play) -> None:
    """`n: 1.5`, a fraction for an integer, is refused with 400."""
    expect_each_refused(play, (N_FRACTION,), WRONG_TYPES)


@check("CC-REQ-028", wrong_types)
def test_a_number_for_stop_is_refused(play: Play) -> None:
    """`stop: 5`, a number for text, is refused with 400."""
    expect_each_refused(play, (STOP_NUMBER,), WRONG_TYPES)


@check("CC-REQ-012", outside_ranges)
def test_a_temperature_outside_its_range_is_refused(play: Play) -> None:
    """A temperature below 0 or above 2 is refused with 400."""
    expect_each_refused(play, _outside("temperature"), OUTSIDE)


@check("CC-REQ-029", outside_ranges)
def test_a_top_p_outside_its_range_is_refused(play: Play) -> None:
    """A top_p below 0 or above 1 is refused with 400."""
    expect_each_refused(play, _outside("top_p"), OUTSIDE)


@check("CC-REQ-030", outside_ranges)
def test_a_frequency_penalty_outside_its_range_is_refused(play: Play) -> None:
    """A frequency_penalty below -2 or above 2 is refused with 400."""
    expect_each_refused(play, _outside("frequency_penalty"), OUTSIDE)


@check("CC-REQ-063", outside_ranges)
def test_a_presence_penalty_outside_its_range_is_refused(play: Play) -> None:
    """A presence_penalty below -2 or above 2 is refused with 400."""
    expect_each_refused(play, _outside("presence_penalty"), OUTSIDE)


@check("CC-REQ-031", outside_ranges)
def test_an_n_outside_its_range_is_refused(play: Play) -> None:
    """An n of 0, or above 128, is refused with 400."""
    expect_each_refused(play, _outside("n"), OUTSIDE)


@check("CC-REQ-032", outside_ranges)
def test_a_top_logprobs_outside_its_range_is_refused(play: Play) -> None:
    """A top_logprobs below 0 or above 20 is refused with 400."""
    expect_each_refused(play, _outside("top_logprobs"), OUTSIDE)


def _outside(param: str) -> list[Defect]:
    return [defect for defect in OUTSIDE.defects if defect.param == param]
