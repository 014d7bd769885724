"""What is the same, lossy, wrong or a crash, shown on values alone."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatconform.findings.reception import Outcome
from chatconform.oracles.comparison import compare
from chatconform.oracles.reading import Call, Choice, Made, Raised, Reading, Report, Said, Tokens, ToldError

SAME, LOSSY, WRONG, CRASH = Outcome.SAME, Outcome.LOSSY, Outcome.WRONG, Outcome.CRASH

FIRST = Call(id="call_1", name="add", arguments='{"x":1}')
SECOND = Call(id="call_2", name="sub", arguments='{"y":2}')
CHOICE = Choice(role="assistant", text="Good evening", finish_reason="stop")
WIRE = Reading(choices=(CHOICE,), usage=Tokens(prompt=9, completion=3, total=12))
TWO_CALLS = replace(CHOICE, text="", calls=(FIRST, SECOND), finish_reason="tool_calls")


def came_out(said: Said, made: Made, **told: bool) -> tuple[Outcome, list[str]]:
    outcome, differences = compare(said, made, **told)
    return outcome, [str(each) for each in differences]


def choice(**members: Any) -> Reading:
    return replace(WIRE, choices=(replace(CHOICE, **members),))


def calls(*made: Call) -> Reading:
    return Reading(choices=(replace(TWO_CALLS, calls=made),))


@pytest.mark.parametrize(
    ("made", "outcome", "differences"),
    [
        (WIRE, SAME, []),
        (choice(text=""), LOSSY, ["text lost"]),
        (choice(text="Good ing"), LOSSY, ["part of the text lost"]),
        (choice(text="Good evening, Ada"), WRONG, ["text 'Good evening, Ada' instead of 'Good evening'"]),
        (choice(finish_reason=""), LOSSY, ["finish reason lost"]),
        (choice(finish_reason="stopstop"), WRONG, ["finish reason 'stopstop' instead of 'stop'"]),
        (choice(role=""), LOSSY, ["role lost"]),
        (choice(role="assistantassistant"), WRONG, ["role 'assistantassistant' instead of 'assistant'"]),
        (choice(refusal="No."), WRONG, ["refusal 'No.' where none was said"]),
        (replace(WIRE, usage=None), LOSSY, ["usage lost"]),
        (
            replace(WIRE, usage=Tokens(prompt=18, completion=3, total=12)),
            WRONG,
            ["prompt tokens 18 instead of 9"],
        ),
        (replace(WIRE, usage=Tokens(prompt=9, completion=3)), LOSSY, ["total tokens lost"]),
        (replace(WIRE, choices=(CHOICE, CHOICE)), WRONG, ["choice number 2 where none was said"]),
        (replace(WIRE, choices=()), LOSSY, ["text lost", "finish reason lost"]),
    ],
)
def test_an_answer_is_compared_part_by_part(made: Reading, outcome: Outcome, differences: list[str]) -> None:
    """What is missing is a loss, what is false is wrong, and each is told in words."""
    assert came_out(WIRE, made) == (outcome, differences)


@pytest.mark.parametrize(
    ("made", "outcome", "differences"),
    [
        (calls(FIRST, SECOND), SAME, []),
        (calls(FIRST), LOSSY, ["tool call lost"]),
        (calls(SECOND), LOSSY, ["tool call lost"]),
        (calls(FIRST, replace(SECOND, id="")), LOSSY, ["tool call id lost"]),
        (calls(replace(FIRST, arguments='{ "x": 1 }'), SECOND), SAME, []),
        (calls(replace(FIRST, arguments='{"x"'), SECOND), LOSSY, ["end of the tool call arguments lost"]),
        (
            calls(replace(FIRST, id="call_1call_1"), SECOND),
            WRONG,
            ["tool call id 'call_1call_1' instead of 'call_1'"],
        ),
        (
            calls(Call(id="call_1call_2", name="addsub", arguments='{"x":1}{"y":2}')),
            WRONG,
            [
                "tool call id 'call_1call_2' instead of 'call_1'",
                "tool call name 'addsub' instead of 'add'",
                'tool call arguments \'{"x":1}{"y":2}\' instead of \'{"x":1}\'',
                "tool call lost",
            ],
        ),
    ],
)
def test_calls_are_compared_member_by_member(made: Reading, outcome: Outcome, differences: list[str]) -> None:
    """A call that is left out is a loss; two that were made one are wrong; spaces in JSON mean nothing."""
    assert came_out(calls(FIRST, SECOND), made) == (outcome, differences)


def test_calls_in_another_order_are_wrong() -> None:
    """Who answers the first call must not answer the second."""
    assert came_out(calls(FIRST, SECOND), calls(SECOND, FIRST))[0] is WRONG


def test_no_arguments_are_an_empty_object() -> None:
    """A client that parses arguments makes an empty object of nothing."""
    assert came_out(calls(replace(FIRST, arguments="")), calls(replace(FIRST, arguments="{}")))[0] is SAME


def test_a_role_that_is_filled_in_is_not_false() -> None:
    """The role of an answer can be no other one."""
    said = replace(WIRE, choices=(replace(CHOICE, role=""),))

    assert came_out(said, WIRE) == (SAME, [])


def test_a_client_without_a_place_for_the_role_loses_none() -> None:
    """What a client's form has no place for is no loss of this answer."""
    assert came_out(WIRE, choice(role=""), role_is_told=False) == (SAME, [])


def test_a_client_that_is_documented_to_guess_usage_may() -> None:
    """Its guess counts only where the wire said something else."""
    said = replace(WIRE, usage=None)

    assert came_out(said, WIRE, usage_is_guessed=True) == (SAME, [])
    assert came_out(said, WIRE)[0] is WRONG
    assert came_out(WIRE, replace(WIRE, usage=Tokens(prompt=1)), usage_is_guessed=True)[0] is WRONG


def raised(report: Report, status: int = 0) -> Raised:
    return Raised(report=report, text="Error", status=status)


LONG = choice(finish_reason="length")
FILTERED = choice(finish_reason="content_filter")
CUT = replace(WIRE, cut="the connection broke")
BY_STATUS, IN_ANSWER = ToldError(status=429), ToldError(status=200)


@pytest.mark.parametrize(
    ("said", "made", "outcome"),
    [
        (BY_STATUS, raised(Report.STATUS, 429), SAME),
        (BY_STATUS, raised(Report.STATUS, 500), WRONG),
        (BY_STATUS, raised(Report.ERROR), LOSSY),
        (BY_STATUS, raised(Report.BREAK), CRASH),
        (BY_STATUS, raised(Report.OTHER), CRASH),
        (BY_STATUS, WIRE, WRONG),
        (IN_ANSWER, raised(Report.ERROR), SAME),
        (IN_ANSWER, raised(Report.STATUS, 500), WRONG),
        (IN_ANSWER, Reading(), WRONG),
        (LONG, raised(Report.LENGTH), SAME),
        (FILTERED, raised(Report.FILTER), SAME),
        (LONG, raised(Report.FILTER), WRONG),
        (WIRE, raised(Report.LENGTH), WRONG),
        (WIRE, raised(Report.ERROR), CRASH),
        (WIRE, raised(Report.BREAK), CRASH),
        (WIRE, raised(Report.STATUS, 500), CRASH),
        (WIRE, raised(Report.OTHER), CRASH),
        (CUT, raised(Report.BREAK), SAME),
        (CUT, raised(Report.OTHER), CRASH),
        (CUT, WIRE, LOSSY),
    ],
)
def test_an_exception_is_the_same_only_where_it_tells_what_the_wire_told(
    said: Said, made: Made, outcome: Outcome
) -> None:
    """An error, a limit and a break are reported by documented exceptions; any other exception is a crash."""
    assert compare(said, made)[0] is outcome


def test_quotations_are_bounded() -> None:
    """However long an answer is, the record of a difference is not."""
    _, differences = compare(WIRE, choice(text="x" * 10_000))

    assert all(len(each.wire) < 100 and len(each.client) < 100 for each in differences)


def test_the_number_of_differences_is_bounded() -> None:
    """However many calls an answer has, the record does not list them all."""
    many = calls(*(Call(id=str(n), name="f") for n in range(500)))

    _, differences = compare(many, calls(*(Call(id=f"-{n}", name="g") for n in range(500))))

    assert len(differences) == 20


readings = st.builds(
    Reading,
    choices=st.lists(
        st.builds(
            Choice,
            text=st.text(max_size=9),
            calls=st.lists(
                st.builds(Call, id=st.text(max_size=3), arguments=st.text(max_size=5)), max_size=3
            ).map(tuple),
            finish_reason=st.sampled_from(["", "stop", "length"]),
        ),
        max_size=2,
    ).map(tuple),
    usage=st.none() | st.builds(Tokens, prompt=st.integers(0, 9), completion=st.integers(0, 9)),
)


@given(readings)
def test_whatever_is_handed_over_as_it_was_said_is_the_same(reading: Reading) -> None:
    """No answer differs from itself."""
    assert compare(reading, reading) == (SAME, ())


@given(readings, readings)
def test_same_means_that_nothing_differs(one: Reading, other: Reading) -> None:
    """An outcome other than the same names at least one difference, and the same names none."""
    outcome, differences = compare(one, other)

    assert bool(differences) is (outcome is not SAME)
