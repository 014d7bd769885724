"""Each check of the choice suite passes on the reference server, and fails on the defect that it is for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chatconform.findings.verdict import Verdict
from chatconform.tests.support.plays import (
    AnyCheck,
    Edit,
    Theatre,
    answered,
    at,
    check_named,
    checks_of,
    completion,
    crashed,
    ending,
    failing_late,
    refused,
    saying,
)

PASS, FAIL, INCONCLUSIVE = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE
WEATHER = ("get_weather", '{"city": "Paris"}')
TIME = ("get_time", '{"city": "Paris"}')
MARKUP = '<tool_call>{"name": "get_weather", "arguments": {"city": "Paris"}}</tool_call>'
IN_JSON = '{"name": "get_weather", "arguments": {"city": "Paris"}}'
CALLING = completion(calls=[WEATHER], finish="tool_calls")
NO_CHOICE = refused("tool_choice is not supported.", param="tool_choice")
BROKEN_STEPS = ("unknown-tool", "unknown-word", "function-as-string", "no-function")


@pytest.fixture(scope="module")
def theatre() -> Iterator[Theatre]:
    with Theatre() as opened:
        yield opened


@pytest.mark.parametrize(("made", "path"), checks_of("choice"))
def test_the_reference_server_passes_every_check(theatre: Theatre, made: AnyCheck, path: str) -> None:
    """What the reference server answers passes, or this file proves nothing."""
    assert theatre.judge(made, path).verdict is PASS


WORDS = [
    ("none_gives_text_and_no_call", "plain", saying("", finish="tool_calls", calls=[WEATHER]), FAIL),
    ("none_gives_text_and_no_call", "streamed", saying("", calls=[WEATHER]), FAIL),
    ("none_gives_text_and_no_call", "plain", saying(MARKUP), FAIL),
    ("none_gives_text_and_no_call", "plain", saying(f"[TOOL_CALLS] [{IN_JSON}]"), FAIL),
    ("none_gives_text_and_no_call", "streamed", saying(IN_JSON), FAIL),
    ("none_gives_text_and_no_call", "plain", saying("I cannot look.", finish="tool_calls"), FAIL),
    ("none_gives_text_and_no_call", "plain", saying("I would call get_weather."), PASS),
    ("none_gives_text_and_no_call", "plain", ending("length"), PASS),
    ("none_gives_text_and_no_call", "plain", NO_CHOICE, Verdict.UNSUPPORTED),
    ("required_gives_a_call_against_the_prompt", "plain", saying("Hello!"), FAIL),
    ("required_gives_a_call_against_the_prompt", "streamed", saying(MARKUP), FAIL),
    ("required_gives_a_call_against_the_prompt", "plain", saying("Hello!", finish="length"), INCONCLUSIVE),
    ("required_gives_a_call_against_the_prompt", "plain", NO_CHOICE, Verdict.UNSUPPORTED),
    ("required_gives_a_call_against_the_prompt", "plain", refused("No.", param="model"), FAIL),
    ("required_gives_a_call_after_a_tool_result", "plain", saying("Goodbye!"), FAIL),
    ("required_gives_a_call_after_a_tool_result", "streamed", saying("Goodbye!"), FAIL),
    (
        "parallel_tool_calls_false_gives_one_call_at_most",
        "plain",
        at("single")(saying("", calls=[WEATHER, WEATHER])),
        FAIL,
    ),
    (
        "parallel_tool_calls_false_gives_one_call_at_most",
        "streamed",
        at("single")(saying("", calls=[WEATHER, WEATHER])),
        FAIL,
    ),
    (
        "parallel_tool_calls_false_gives_one_call_at_most",
        "plain",
        at("parallel")(saying("", calls=[WEATHER])),
        INCONCLUSIVE,
    ),
    ("parallel_tool_calls_false_gives_one_call_at_most", "plain", at("single")(saying("Sunny.")), PASS),
    (
        "parallel_tool_calls_false_gives_one_call_at_most",
        "plain",
        refused("Unknown parameter: parallel_tool_calls"),
        Verdict.UNSUPPORTED,
    ),
]

OBJECTS = [
    ("a_named_choice_calls_that_function", "plain", saying("", calls=[WEATHER]), FAIL),
    ("a_named_choice_calls_that_function", "streamed", saying("", calls=[TIME, WEATHER]), FAIL),
    ("a_named_choice_calls_that_function", "plain", saying("It is noon."), FAIL),
    ("a_named_choice_calls_that_function", "plain", saying("", finish="stop", calls=[TIME]), PASS),
    ("a_named_choice_calls_that_function", "plain", NO_CHOICE, Verdict.UNSUPPORTED),
    ("a_named_choice_ends_alike_plain_and_streamed", "plain", ending("length"), FAIL),
    ("a_named_choice_ends_alike_plain_and_streamed", "plain", at("streamed")(ending("length")), FAIL),
    ("a_named_choice_ends_alike_plain_and_streamed", "plain", at("plain")(ending("stop")), FAIL),
    ("a_named_choice_ends_alike_plain_and_streamed", "plain", ending("stop"), PASS),
    ("a_named_choice_ends_alike_plain_and_streamed", "plain", saying("Sunny."), INCONCLUSIVE),
    ("allowed_tools_limit_the_calls", "plain", at("call")(saying("", calls=[WEATHER])), FAIL),
    ("allowed_tools_limit_the_calls", "streamed", at("call")(saying("It is noon.")), FAIL),
    ("allowed_tools_limit_the_calls", "plain", at("call")(crashed()), FAIL),
    ("allowed_tools_limit_the_calls", "plain", at("call")(crashed(503)), Verdict.ERROR),
    ("allowed_tools_limit_the_calls", "plain", at("call")(NO_CHOICE), Verdict.UNSUPPORTED),
]

REFUSALS = [
    ("a_choice_without_tools_is_refused_or_ignored", "plain", at("required")(crashed()), FAIL),
    ("a_choice_without_tools_is_refused_or_ignored", "plain", at("named")(answered(200, CALLING)), FAIL),
    ("a_choice_without_tools_is_refused_or_ignored", "streamed", at("named")(failing_late), FAIL),
    ("a_choice_without_tools_is_refused_or_ignored", "plain", at("auto")(refused("No.", status=403)), FAIL),
    (
        "a_choice_without_tools_is_refused_or_ignored",
        "plain",
        at("auto", "required", "named")(answered(200, completion("Hello!"))),
        PASS,
    ),
    ("a_choice_without_tools_is_refused_or_ignored", "plain", at("control")(crashed()), Verdict.ERROR),
    *(
        ("a_choice_that_fits_no_tool_is_refused", path, at(step)(edit), verdict)
        for path in ("plain", "streamed")
        for step in BROKEN_STEPS
        for edit, verdict in (
            (crashed(), FAIL),
            (answered(200, CALLING), FAIL),
            (failing_late, FAIL),
            (refused("Something else.", param="model"), FAIL),
            (refused("Input should be an object.", param="tool_choice", status=422), PASS),
        )
    ),
    ("a_choice_that_fits_no_tool_is_refused", "plain", at("control")(NO_CHOICE), Verdict.UNSUPPORTED),
]


@pytest.mark.parametrize(("check", "path", "edit", "verdict"), [*WORDS, *OBJECTS, *REFUSALS])
def test_an_answer_is_judged_by_its_defect(
    theatre: Theatre, check: str, path: str, edit: Edit, verdict: Verdict
) -> None:
    """A broken answer fails its check, a legal oddity passes, and what cannot be judged says so."""
    judgement = theatre.judge(check_named(f"choice.{check}"), path, edit)

    assert judgement.verdict is verdict, judgement.reason


def test_one_attempt_of_five_with_text_is_no_required_call(theatre: Theatre) -> None:
    """`required` leaves the model no choice, so no attempt may end without a call."""
    made = check_named("choice.required_gives_a_call_against_the_prompt")

    assert theatre.judge(made, "plain", saying("Hello!"), only=3).verdict is FAIL
