"""Checks of sampling parameters turn red where a parameter does nothing, and say what was counted."""

import pytest

from chatconform.findings.verdict import Verdict
from chatconform.suites.sample import test_choices, test_temperature
from chatconform.tests.support.exchanges import (
    completion,
    exchange,
    judged,
    play,
    refusal,
    verdict,
)

several = test_choices.test_n_choices_come_with_their_indices
diverse = test_temperature.test_a_high_temperature_diversifies
ONE = completion()["choices"][0]


def choices(*indices: int) -> dict[str, object]:
    """A completion with choices of these indices."""
    return completion(choices=[{**ONE, "index": index} for index in indices])


@pytest.mark.parametrize(
    ("two", "three", "expected"),
    [
        ((0, 1), (0, 1, 2), Verdict.PASS),
        # The index says which is which, not the place.
        ((1, 0), (0, 2, 1), Verdict.PASS),
        ((0,), (0,), Verdict.FAIL),
        ((0, 1), (0, 1), Verdict.FAIL),
        ((0, 0), (0, 1, 2), Verdict.FAIL),
    ],
)
def test_n_choices_are_counted_and_numbered(
    two: tuple[int, ...], three: tuple[int, ...], expected: Verdict
) -> None:
    """Fewer choices than asked for fail, and so does an index that comes twice."""
    steps = {"two": exchange(choices(*two)), "three": exchange(choices(*three))}

    assert verdict(several, play(steps)) is expected


def test_a_refusal_of_n_is_honest() -> None:
    """A server that refuses `n` by name is not blamed for it."""
    no = refusal(400, "n must be 1", param="n")

    assert verdict(several, play({"two": no, "three": no})) is Verdict.UNSUPPORTED


def test_the_report_counts_what_came() -> None:
    """One choice for two, and one text in four answers, are told in numbers."""
    came = judged(several, play({"two": exchange(choices(0)), "three": exchange(choices(0))}))
    assert (came.expected, came.came) == (
        "2 choices with the indices [0, 1], or a 400",
        "1 with the indices [0]",
    )

    same = {f"run-{number}": exchange(completion("red green")) for number in (1, 2, 3, 4)}
    came = judged(diverse, play(same, control=play(same)))
    assert came.expected == "more than 1 different texts in 4 answers, as temperature 0 gave 1"
    assert came.came == "1: red green"
