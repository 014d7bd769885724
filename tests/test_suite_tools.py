"""Each check of the tools suite passes on the reference server, and fails on the defect that it is for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from chatconform.findings.verdict import Verdict
from chatconform.tests.support.plays import (
    AnyCheck,
    Edit,
    Theatre,
    answered,
    at,
    calls_in,
    changed,
    check_named,
    checks_of,
    choices_in,
    completion,
    crashed,
    each_call,
    ending,
    failing_late,
    refused,
    saying,
)

PASS, FAIL, INCONCLUSIVE = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE
WEATHER = ("get_weather", '{"city": "Paris"}')
CALLING = completion(calls=[WEATHER], finish="tool_calls")


@pytest.fixture(scope="module")
def theatre() -> Iterator[Theatre]:
    with Theatre() as opened:
        yield opened


@pytest.mark.parametrize(("made", "path"), checks_of("tools"))
def test_the_reference_server_passes_every_check(theatre: Theatre, made: AnyCheck, path: str) -> None:
    """What the reference server answers passes, or this file proves nothing."""
    assert theatre.judge(made, path).verdict is PASS


def setting(**members: Any) -> Edit:
    """Members of every call or fragment, set to other values."""
    return each_call(lambda call: call.update(members))


def in_function(**members: Any) -> Edit:
    """Members of what stands under `function`, in every call or fragment."""
    return each_call(lambda call: call["function"].update(members))


def without(*names: str) -> Edit:
    """Members left out of every call or fragment."""
    return each_call(lambda call: [call.pop(name, None) for name in names])


def appended(text: str) -> Edit:
    """Text added to the arguments of the last call or fragment."""

    def append(document: Any) -> None:
        calls_in(document)[-1]["function"]["arguments"] += text

    return changed(append)


def cut(document: Any) -> None:
    """The last character of the arguments is lost."""
    function = calls_in(document)[-1]["function"]
    function["arguments"] = function["arguments"][:-1]


def cut_by_a_limit(document: Any) -> None:
    """The last character of the arguments is lost, as the answer had reached its limit."""
    cut(document)
    for choice in choices_in(document):
        if choice.get("finish_reason"):
            choice["finish_reason"] = "length"


def misspelt(document: Any) -> None:
    """The arguments come whole, but are no JSON."""
    for call in calls_in(document):
        call["function"]["arguments"] = call["function"]["arguments"].replace(":", "=")


def arguments(text: str) -> Edit:
    """Other arguments in every call of a completion."""
    return in_function(arguments=text)


def repeated_heads(document: Any) -> None:
    """Every fragment repeats the id and the name of its call."""
    heads: dict[int, tuple[str, str]] = {}
    for call in calls_in(document):
        if call.get("id"):
            heads[call["index"]] = (call["id"], call["function"]["name"])
        call["id"], call["function"]["name"] = heads[call["index"]]


def empty_heads(document: Any) -> None:
    """Later fragments have a null id, an empty name and the type again, as some servers send them."""
    for call in calls_in(document)[1:]:
        call.update(id=None, type="function")
        call["function"]["name"] = ""


def late_name(document: Any) -> None:
    """The name comes on the second fragment."""
    first, second = calls_in(document)[:2]
    second["function"]["name"] = first["function"].pop("name")


def whole_again(document: Any) -> None:
    """The last fragment brings the whole arguments again."""
    found = [call for call in calls_in(document) if call["index"] == 0]
    found[-1]["function"]["arguments"] += "".join(call["function"]["arguments"] for call in found)


def cumulative(document: Any) -> None:
    """Every fragment repeats all that came before it."""
    so_far: dict[int, str] = {}
    for call in calls_in(document):
        so_far[call["index"]] = so_far.get(call["index"], "") + call["function"]["arguments"]
        call["function"]["arguments"] = so_far[call["index"]]


def one_fragment(document: Any) -> None:
    """All arguments come in the first fragment."""
    found = calls_in(document)
    found[0]["function"]["arguments"] = "".join(call["function"]["arguments"] for call in found)
    for call in found[1:]:
        call["function"]["arguments"] = ""


def from_one(document: Any) -> None:
    """The indices begin at 1."""
    for call in calls_in(document):
        call["index"] += 1


def not_an_object(document: Any) -> None:
    """A call is a string."""
    document["choices"][0]["message"]["tool_calls"] = ["get_weather"]


def legacy(document: Any) -> None:
    """The deprecated function_call calls a function of the server's own."""
    message = document["choices"][0]["message"]
    message.pop("tool_calls", None)
    message["function_call"] = {"name": "search_web", "arguments": "{}"}


CALLS = [
    (
        "a_call_has_its_members_with_their_types",
        "plain",
        in_function(arguments={"city": "Paris"}),
        FAIL,
    ),
    ("a_call_has_its_members_with_their_types", "plain", in_function(arguments=None), FAIL),
    ("a_call_has_its_members_with_their_types", "plain", in_function(name=None), FAIL),
    ("a_call_has_its_members_with_their_types", "plain", setting(id=7), FAIL),
    ("a_call_has_its_members_with_their_types", "plain", setting(type="custom"), FAIL),
    ("a_call_has_its_members_with_their_types", "plain", without("type"), FAIL),
    ("a_call_has_its_members_with_their_types", "plain", changed(not_an_object), FAIL),
    ("a_call_has_its_members_with_their_types", "plain", setting(extra=1, index=0), PASS),
    ("a_call_has_its_members_with_their_types", "streamed", in_function(arguments={}), FAIL),
    ("a_call_has_its_members_with_their_types", "streamed", without("id"), FAIL),
    ("a_call_has_its_members_with_their_types", "streamed", changed(empty_heads), PASS),
    ("a_call_has_its_members_with_their_types", "streamed", without("type"), PASS),
    ("arguments_of_a_simple_tool_fit_its_schema", "plain", changed(cut), FAIL),
    ("arguments_of_a_simple_tool_fit_its_schema", "streamed", changed(cut), FAIL),
    ("arguments_of_a_simple_tool_fit_its_schema", "plain", arguments('["Paris"]'), FAIL),
    ("arguments_of_a_simple_tool_fit_its_schema", "plain", arguments('{"unit": "kelvin"}'), FAIL),
    ("arguments_of_a_simple_tool_fit_its_schema", "plain", in_function(name="get_time"), FAIL),
    ("arguments_of_a_simple_tool_fit_its_schema", "plain", saying("Sunny."), INCONCLUSIVE),
    ("arguments_of_a_simple_tool_fit_its_schema", "plain", crashed(), Verdict.ERROR),
    ("nested_and_bounded_arguments_fit_their_schema", "plain", changed(cut), FAIL),
    ("calls_under_auto_end_with_tool_calls", "plain", ending("stop"), FAIL),
    ("calls_under_auto_end_with_tool_calls", "streamed", ending("stop"), FAIL),
    ("calls_under_auto_end_with_tool_calls", "plain", ending("length"), FAIL),
    ("a_required_call_ends_with_tool_calls_or_stop", "plain", ending("stop"), PASS),
    ("a_required_call_ends_with_tool_calls_or_stop", "streamed", ending("function_call"), FAIL),
    ("a_call_chosen_among_four_tools_ends_with_tool_calls", "plain", ending("stop"), FAIL),
    ("a_call_chosen_among_four_tools_ends_with_tool_calls", "plain", saying("Sunny."), INCONCLUSIVE),
    (
        "a_call_chosen_among_four_tools_ends_with_tool_calls",
        "plain",
        saying("Sunny.", finish="tool_calls"),
        FAIL,
    ),
    ("calls_of_one_answer_have_ids_of_their_own", "plain", setting(id="call_0"), FAIL),
    ("calls_of_one_answer_have_ids_of_their_own", "streamed", setting(id="call_0"), FAIL),
    ("calls_of_one_answer_have_ids_of_their_own", "plain", setting(id=""), FAIL),
    ("calls_of_a_later_round_have_new_ids", "plain", setting(id="call_0"), FAIL),
    ("calls_of_a_later_round_have_new_ids", "streamed", saying("", calls=[WEATHER]), FAIL),
    ("arguments_repeat_no_key", "plain", arguments('{"city": "Rome", "city": "Paris"}'), FAIL),
    ("arguments_repeat_no_key", "plain", arguments('{"a": {"b": 1, "b": 2}}'), FAIL),
    ("arguments_repeat_no_key", "plain", arguments('{"a": {"b": 1}, "b": 2}'), PASS),
]

STREAMED = [
    ("every_fragment_has_an_integer_index", without("index"), FAIL),
    ("every_fragment_has_an_integer_index", setting(index="0"), FAIL),
    ("every_fragment_has_an_integer_index", setting(index=True), FAIL),
    ("every_fragment_has_an_integer_index", setting(index=-1), FAIL),
    ("parallel_calls_have_consecutive_indices", setting(index=0), FAIL),
    ("parallel_calls_have_consecutive_indices", changed(from_one), FAIL),
    ("parallel_calls_have_consecutive_indices", changed(whole_again), FAIL),
    ("parallel_calls_have_consecutive_indices", saying("", calls=[WEATHER, WEATHER]), PASS),
    ("parallel_calls_have_consecutive_indices", saying("Sunny."), INCONCLUSIVE),
    ("id_and_name_come_once_and_first", changed(repeated_heads), FAIL),
    ("id_and_name_come_once_and_first", changed(late_name), FAIL),
    ("id_and_name_come_once_and_first", changed(empty_heads), PASS),
    ("fragments_add_up_to_the_arguments_once", changed(whole_again), FAIL),
    ("fragments_add_up_to_the_arguments_once", changed(cumulative), FAIL),
    ("fragments_add_up_to_the_arguments_once", appended("{}"), FAIL),
    ("fragments_add_up_to_the_arguments_once", changed(one_fragment), PASS),
    ("fragments_add_up_to_the_arguments_once", changed(cut), FAIL),
    ("fragments_add_up_to_the_arguments_once", changed(cut_by_a_limit), INCONCLUSIVE),
    ("fragments_add_up_to_the_arguments_once", changed(misspelt), INCONCLUSIVE),
]

BAD_STRICT = arguments('{"film": "Casablanca", "rating": "good", "comment": "A classic."}')
DEFINITIONS = [
    ("a_strict_tool_is_called_within_its_schema", BAD_STRICT, FAIL),
    ("a_strict_tool_is_called_within_its_schema", changed(cut), FAIL),
    (
        "a_strict_tool_is_called_within_its_schema",
        refused("'strict' is not supported", param="tools[0].function.strict"),
        Verdict.UNSUPPORTED,
    ),
    ("a_tool_without_parameters_is_called_without_arguments", arguments(""), PASS),
    ("a_tool_without_parameters_is_called_without_arguments", arguments(" { } "), PASS),
    ("a_tool_without_parameters_is_called_without_arguments", arguments('{"x": 1}'), FAIL),
    ("a_tool_without_parameters_is_called_without_arguments", at("ping")(crashed()), FAIL),
    ("an_empty_list_of_tools_is_refused_or_means_none", at("required")(crashed()), FAIL),
    (
        "an_empty_list_of_tools_is_refused_or_means_none",
        at("alone")(answered(200, CALLING)),
        FAIL,
    ),
    (
        "an_empty_list_of_tools_is_refused_or_means_none",
        at("alone", "required")(refused("tools must not be empty", param="tools")),
        PASS,
    ),
    (
        "an_empty_list_of_tools_is_refused_or_means_none",
        at("required")(refused("No such page.", status=404)),
        FAIL,
    ),
    ("odd_tool_names_are_refused_or_taken", at("parenthesis")(crashed()), FAIL),
    (
        "odd_tool_names_are_refused_or_taken",
        refused("Tools are unsupported.", param="tools"),
        Verdict.UNSUPPORTED,
    ),
    ("more_tools_than_openai_takes_are_refused_or_taken", at("many")(crashed()), FAIL),
    (
        "more_tools_than_openai_takes_are_refused_or_taken",
        at("many")(crashed(503)),
        Verdict.ERROR,
    ),
    ("a_custom_tool_is_refused_or_taken", at("custom")(crashed()), FAIL),
    ("a_custom_tool_is_refused_or_taken", at("custom")(refused("No custom tools.")), PASS),
    ("a_custom_tool_is_refused_or_taken", at("custom")(saying("", calls=[WEATHER])), FAIL),
]

OWN_TOOLS = [
    ("only_tools_of_the_request_are_called", "plain", in_function(name="search_web"), FAIL),
    (
        "only_tools_of_the_request_are_called",
        "streamed",
        saying("", calls=[("search_web", "{}")]),
        FAIL,
    ),
    ("only_tools_of_the_request_are_called", "plain", changed(legacy), FAIL),
    ("no_call_comes_without_tools", "plain", saying("", finish="stop", calls=[WEATHER]), FAIL),
    ("no_call_comes_without_tools", "streamed", saying("", calls=[WEATHER]), FAIL),
    ("no_call_comes_without_tools", "plain", ending("tool_calls"), FAIL),
    ("no_call_comes_without_tools", "plain", changed(legacy), FAIL),
    ("a_request_without_tools_is_answered_with_text", "plain", saying(""), FAIL),
    (
        "a_request_without_tools_is_answered_with_text",
        "streamed",
        saying("", calls=[WEATHER]),
        FAIL,
    ),
    ("a_request_without_tools_is_answered_with_text", "plain", ending("tool_calls"), FAIL),
    (
        "a_request_without_tools_is_answered_with_text",
        "plain",
        ending("length"),
        INCONCLUSIVE,
    ),
]

BROKEN = [
    *CALLS,
    *((check, "streamed", edit, verdict) for check, edit, verdict in STREAMED),
    *((check, "plain", edit, verdict) for check, edit, verdict in DEFINITIONS),
    *OWN_TOOLS,
]


@pytest.mark.parametrize(("check", "path", "edit", "verdict"), BROKEN)
def test_an_answer_is_judged_by_its_defect(
    theatre: Theatre, check: str, path: str, edit: Edit, verdict: Verdict
) -> None:
    """A broken answer fails its check, a legal oddity passes, and what cannot be judged says so."""
    judgement = theatre.judge(check_named(f"tools.{check}"), path, edit)

    assert judgement.verdict is verdict, judgement.reason


def test_one_attempt_of_five_may_have_arguments_that_do_not_fit(theatre: Theatre) -> None:
    """Arguments are the model's own writing, so one bad attempt of five is tolerated."""
    made = check_named("tools.nested_and_bounded_arguments_fit_their_schema")

    assert theatre.judge(made, "plain", changed(cut), only=2).verdict is PASS


def test_an_error_within_a_stream_is_no_refusal(theatre: Theatre) -> None:
    """A refusal has to come as a 4xx, and not after 200 as an event of the stream."""
    made = check_named("tools.an_empty_list_of_tools_is_refused_or_means_none")

    assert theatre.judge(made, "streamed", at("required")(failing_late)).verdict is FAIL
