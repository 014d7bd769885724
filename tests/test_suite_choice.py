"""Each check of the choice suite passes on the reference server, and fails on the defect that it is for."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from chatconform.findings.verdict import Verdict
from chatconform.judging.check import Check
from chatconform.judging.judge import judge_plays
from chatconform.running.catalogue import all_checks
from chatconform.suites.choice import test_words
from chatconform.suites.choice.scenarios import required_after_a_tool_round
from chatconform.suites.tools.offers import calls_of, can_be_replayed
from chatconform.tests.support.exchanges import exchange, judged, request_body, with_message
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
    edited,
    ending,
    failing_late,
    refused,
    saying,
)
from chatconform.wire.exchange import Exchange

PASS, FAIL, INCONCLUSIVE = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE
WEATHER = ("get_weather", '{"city": "Paris"}')
TIME = ("get_time", '{"city": "Paris"}')
ROME = ("get_time", '{"city": "Rome"}')
MARKUP = '<tool_call>{"name": "get_weather", "arguments": {"city": "Paris"}}</tool_call>'
IN_JSON = '{"name": "get_weather", "arguments": {"city": "Paris"}}'
CALLING = completion(calls=[WEATHER], finish="tool_calls")
NO_CHOICE = refused("tool_choice is not supported.", param="tool_choice")
NO_PARALLEL = refused("Unknown parameter: parallel_tool_calls")


@pytest.mark.parametrize(("made", "path"), checks_of("choice"))
def test_the_reference_server_passes_every_check(theatre: Theatre, made: AnyCheck, path: str) -> None:
    """What the reference server answers passes, or this file proves nothing."""
    assert theatre.judge(made, path).verdict is PASS


NONE = "none_gives_text_and_no_call"
REQUIRED = "required_gives_a_call_against_the_prompt"
SINGLE = "parallel_tool_calls_false_gives_one_call_at_most"
WORDS = [
    (NONE, "plain", at("answer")(saying("", finish="tool_calls", calls=[WEATHER])), FAIL),
    (NONE, "streamed", at("answer")(saying("", calls=[WEATHER])), FAIL),
    (NONE, "plain", at("answer")(saying(MARKUP)), FAIL),
    (NONE, "plain", at("answer")(saying(f"[TOOL_CALLS] [{IN_JSON}]")), FAIL),
    (NONE, "streamed", at("answer")(saying(IN_JSON)), FAIL),
    (NONE, "plain", at("answer")(saying(f"{IN_JSON}\n{IN_JSON}")), FAIL),
    (NONE, "plain", at("answer")(saying(f"[{IN_JSON}]")), FAIL),
    (NONE, "plain", at("answer")(saying('{"name": "Paris", "weather": "sunny"}')), PASS),
    (NONE, "plain", at("answer")(saying("I cannot look.", finish="tool_calls")), FAIL),
    (NONE, "plain", at("answer")(saying("I would call get_weather.")), PASS),
    (NONE, "plain", at("answer")(ending("length")), PASS),
    (NONE, "plain", at("answer")(NO_CHOICE), Verdict.UNSUPPORTED),
    # Where the same question brings no call by itself, none was forbidden.
    (NONE, "plain", at("several")(saying("Sunny.")), INCONCLUSIVE),
    (NONE, "later-turn", at("answer")(saying("", calls=[WEATHER])), FAIL),
    (REQUIRED, "plain", saying("Hello!"), FAIL),
    (REQUIRED, "streamed", saying(MARKUP), FAIL),
    (REQUIRED, "plain", saying("Hello!", finish="length"), INCONCLUSIVE),
    (REQUIRED, "plain", NO_CHOICE, Verdict.UNSUPPORTED),
    (REQUIRED, "plain", refused("No.", param="model"), FAIL),
    (SINGLE, "plain", at("single")(saying("", calls=[WEATHER, WEATHER])), FAIL),
    (SINGLE, "streamed", at("single")(saying("", calls=[WEATHER, TIME])), FAIL),
    (SINGLE, "plain", at("several")(saying("", calls=[WEATHER])), INCONCLUSIVE),
    (SINGLE, "plain", at("single")(saying("Sunny.")), INCONCLUSIVE),
    (SINGLE, "plain", at("single")(NO_PARALLEL), Verdict.UNSUPPORTED),
    ("auto_may_be_written_out", "plain", at("several")(NO_CHOICE), Verdict.UNSUPPORTED),
    ("auto_may_be_written_out", "plain", at("several")(refused("No.", param="model")), FAIL),
]

NAMED = "a_named_choice_calls_that_function"
ENDS = "a_named_choice_ends_alike_plain_and_streamed"
COUNT = "a_named_choice_brings_as_many_calls_streamed_as_plain"
ALLOWED = "allowed_tools_limit_the_calls"
OBJECTS = [
    (NAMED, "plain", saying("", calls=[WEATHER]), FAIL),
    (NAMED, "streamed", saying("", calls=[TIME, WEATHER]), FAIL),
    (NAMED, "plain", saying("It is noon."), FAIL),
    (NAMED, "plain", saying("", finish="stop", calls=[TIME]), PASS),
    # That a call has a name is another rule's affair.
    (NAMED, "plain", saying("", calls=[("", TIME[1])]), INCONCLUSIVE),
    (NAMED, "plain", NO_CHOICE, Verdict.UNSUPPORTED),
    (ENDS, "streamed", ending("length"), FAIL),
    (ENDS, "streamed", ending("stop"), FAIL),
    (ENDS, "streamed", saying("Sunny."), INCONCLUSIVE),
    (COUNT, "streamed", saying("", calls=[TIME, ROME]), FAIL),
    # The same call twice is another rule's affair.
    (COUNT, "streamed", saying("", calls=[TIME, TIME]), PASS),
    (COUNT, "streamed", saying("Sunny."), INCONCLUSIVE),
    (ALLOWED, "plain", at("call")(saying("", calls=[WEATHER])), FAIL),
    (ALLOWED, "plain", at("call")(saying("It is noon.")), FAIL),
    (ALLOWED, "plain", at("call")(crashed()), FAIL),
    (ALLOWED, "plain", at("call")(crashed(503)), Verdict.ERROR),
    (ALLOWED, "plain", at("call")(NO_CHOICE), Verdict.UNSUPPORTED),
]

WITHOUT = "a_choice_without_tools_is_refused_or_ignored"
MALFORMED = "a_malformed_choice_is_refused"
UNKNOWN = "a_choice_of_an_unknown_tool_is_refused"
REFUSALS = [
    (WITHOUT, "streamed", at("required")(crashed()), FAIL),
    (WITHOUT, "streamed", at("required")(answered(200, CALLING)), FAIL),
    (WITHOUT, "streamed", at("required")(refused("No.", status=403)), FAIL),
    (WITHOUT, "streamed", at("required")(failing_late), FAIL),
    (WITHOUT, "streamed", at("required")(answered(200, completion("Hello!"))), PASS),
    (WITHOUT, "streamed", at("control")(crashed()), Verdict.ERROR),
    (MALFORMED, "streamed", at("function-as-string")(failing_late), FAIL),
    *(
        (check, path, at(step)(edit), verdict)
        for check, path, step in (
            (MALFORMED, "streamed", "function-as-string"),
            (UNKNOWN, "plain", "unknown-tool"),
        )
        for edit, verdict in (
            (crashed(), FAIL),
            (answered(200, CALLING), FAIL),
            (refused("Something else.", param="model"), FAIL),
            (refused("Input should be an object.", param="tool_choice", status=422), PASS),
        )
    ),
    (MALFORMED, "streamed", at("control")(NO_CHOICE), Verdict.UNSUPPORTED),
    (UNKNOWN, "plain", at("control")(NO_CHOICE), Verdict.UNSUPPORTED),
]


@pytest.mark.parametrize(("check", "path", "edit", "verdict"), [*WORDS, *OBJECTS, *REFUSALS])
def test_an_answer_is_judged_by_its_defect(
    theatre: Theatre, check: str, path: str, edit: Edit, verdict: Verdict
) -> None:
    """A broken answer fails its check, a legal oddity passes, and what cannot be judged says so."""
    judgement = theatre.judge(check_named(f"choice.{check}"), path, edit)

    assert judgement.verdict is verdict, judgement.reason


def test_one_attempt_of_three_with_text_is_no_required_call(theatre: Theatre) -> None:
    """`required` leaves the model no choice, so no attempt may end without a call."""
    made = check_named(f"choice.{REQUIRED}")

    assert theatre.judge(made, "plain", saying("Hello!"), only=3).verdict is FAIL


AFTER = "after-tool-result"
REQUIRED_LATER = "required_holds_after_a_tool_result"
NAMED_LATER = "a_named_choice_holds_after_the_first_turn"
NONE_LATER, FORCED_LATER = "none_holds_after_the_first_turn", "required_holds_on_a_later_turn"
SINGLE_LATER = "parallel_tool_calls_false_holds_after_the_first_turn"
CONTINUED = [
    (REQUIRED_LATER, AFTER, at("call")(saying("Goodbye!")), FAIL),
    (REQUIRED_LATER, "after-tool-result-streamed", at("call")(saying("Goodbye!")), FAIL),
    # What the first turn does not show was not lost on the way.
    (REQUIRED_LATER, AFTER, saying("Goodbye!"), INCONCLUSIVE),
    (NAMED_LATER, "later-turn-streamed", saying("", calls=[WEATHER]), FAIL),
    (NAMED_LATER, "later-turn", saying("It is noon."), FAIL),
    (NAMED_LATER, AFTER, saying("", calls=[WEATHER]), FAIL),
    *(
        (NONE_LATER, path, at("answer")(edit), verdict)
        for path in (AFTER, "later-turn-streamed")
        for edit, verdict in (
            (saying("", finish="tool_calls", calls=[WEATHER]), FAIL),
            (saying('{"name": "get_weather", "arguments": {}}'), FAIL),
            (saying("It is sunny.", finish="tool_calls"), FAIL),
            (saying("It is sunny."), PASS),
        )
    ),
    (NONE_LATER, AFTER, at("several")(saying("It is sunny.")), INCONCLUSIVE),
    (FORCED_LATER, "later-turn-streamed", saying("I have no such tool."), FAIL),
    (FORCED_LATER, "later-turn", saying("I have no such tool.", finish="length"), INCONCLUSIVE),
    (SINGLE_LATER, "later-turn-streamed", at("single")(saying("", calls=[WEATHER, TIME])), FAIL),
    (SINGLE_LATER, AFTER, at("single")(saying("", calls=[WEATHER, TIME])), FAIL),
    (SINGLE_LATER, "after-tool-result-streamed", at("single")(saying("", calls=[WEATHER, TIME])), FAIL),
    (SINGLE_LATER, AFTER, at("first", "single")(saying("", calls=[WEATHER, TIME])), INCONCLUSIVE),
    (SINGLE_LATER, AFTER, at("several")(saying("", calls=[WEATHER])), INCONCLUSIVE),
]


@pytest.mark.parametrize(("check", "path", "edit", "verdict"), CONTINUED)
def test_a_choice_that_is_forgotten_later_is_found(
    theatre: Theatre, check: str, path: str, edit: Edit, verdict: Verdict
) -> None:
    """A choice that holds on the first turn only fails; one that never holds tells nothing."""
    judgement = theatre.judge(check_named(f"cont.{check}"), path, edit)

    assert judgement.verdict is verdict, judgement.reason


@pytest.mark.parametrize(
    "name", ["named", "required_after_a_tool_round", "one_at_a_time", "none", "required_against_the_prompt"]
)
def test_the_reference_server_keeps_choices_on_every_path(theatre: Theatre, name: str) -> None:
    """Whatever judges one of these scenarios passes on each path that the scenario has."""
    judged = [
        (made, path)
        for made in all_checks()
        if isinstance(made, Check) and made.scenario.name == f"choice.scenarios.{name}"
        for path in made.path_names
    ]

    assert judged
    assert {theatre.judge(made, path).verdict for made, path in judged} == {PASS}


@pytest.mark.parametrize(
    ("check", "path", "edit"),
    [
        (NONE_LATER, AFTER, saying("", finish="tool_calls", calls=[WEATHER])),
        (FORCED_LATER, "later-turn-streamed", saying("Hello!")),
        (NAMED_LATER, AFTER, saying("", calls=[WEATHER])),
    ],
)
def test_a_choice_that_never_holds_was_not_forgotten(
    theatre: Theatre, check: str, path: str, edit: Edit
) -> None:
    """A server that ignores a choice on the first turn fails for that, and not for every later turn."""
    made = check_named(f"cont.{check}")
    assert isinstance(made, Check)
    assert made.control is not None
    [first] = theatre.plays(made.control, "plain")[:1]
    [later] = theatre.plays(made.scenario, path)[:1]

    judgement = judge_plays(made, [edited(later, edit).compared_with(edited(first, edit))])

    assert judgement.verdict is INCONCLUSIVE


def test_a_round_is_made_up_where_the_target_made_no_call(theatre: Theatre) -> None:
    """The history of the later turn bears the target's own call, and its result names that call."""
    [first, later] = theatre.plays(required_after_a_tool_round, AFTER)[0].exchanges
    call = calls_of(first)[0]
    sent = json.loads(later.request.body)["messages"]

    assert sent[1]["tool_calls"][0]["id"] == call.id
    assert sent[2]["tool_call_id"] == call.id
    assert not can_be_replayed([replace(call, arguments='{"city":')])
    assert not can_be_replayed([call, call])
    assert not can_be_replayed([])


def required(came: object, **sent: object) -> Exchange:
    """An answer to a request with a tool under `required`, of which other members may be replaced."""
    tool = {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object"}}}
    return exchange(came, sent=request_body(**{"tools": [tool], "tool_choice": "required", **sent}))


TEXT = completion("Hello!")
CUSTOM = [{"type": "custom", "custom": {"name": "write_poem"}}]
TALK = [{"role": role, "content": "Hello."} for role in ("user", "assistant", "user")]


@pytest.mark.parametrize(
    ("came", "verdict"),
    [
        (required(TEXT), FAIL),
        (required(CALLING), PASS),
        (required(completion("Hello!", finish="length")), INCONCLUSIVE),
        (required(completion("Hello!", finish="content_filter")), INCONCLUSIVE),
        (required(with_message(content=None, refusal="I cannot help with that.")), INCONCLUSIVE),
        # Other choices, a format, a later turn and tools of other kinds have rules of their own.
        (required(TEXT, tool_choice="auto"), INCONCLUSIVE),
        (required(TEXT, response_format={"type": "json_object"}), INCONCLUSIVE),
        (required(TEXT, messages=TALK), INCONCLUSIVE),
        (required(TEXT, tools=CUSTOM), INCONCLUSIVE),
    ],
)
def test_required_brings_a_call_of_whatever_tool(came: Exchange, verdict: Verdict) -> None:
    """Text under `required` fails, whichever request of the run it answers."""
    assert judged(test_words.test_required_gives_a_call_whatever_is_asked, came).verdict is verdict
