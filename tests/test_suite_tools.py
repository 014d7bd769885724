"""Each check of the tools suite passes on the reference server, and fails on the defect that it is for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chatconform.findings.finding import Broken, Refused
from chatconform.findings.verdict import Verdict
from chatconform.judging.check import Check
from chatconform.judging.judge import judge_plays
from chatconform.plays.play import alone
from chatconform.suites.tools import test_own_tools
from chatconform.suites.tools.outcomes import control_of, refuses
from chatconform.tests.support.exchanges import completion as own_completion
from chatconform.tests.support.exchanges import exchange, judged, play, refusal, request_body, streamed
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
from chatconform.wire.exchange import Exchange

PASS, FAIL, INCONCLUSIVE = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE
WEATHER = ("get_weather", '{"city": "Paris"}')
SPACED = ("get_weather", '{ "city" : "Paris" }')
TOLD = exchange(own_completion())
CALLING = completion(calls=[WEATHER], finish="tool_calls")


def calling(name: str, arguments: str = "{}") -> Exchange:
    """A completion with one call."""
    return exchange(completion(calls=[(name, arguments)], finish="tool_calls"))


PINGED = calling("ping")
DATED = calling("get_current_date")


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
    seen: set[int] = set()
    for call in calls_in(document):
        if call["index"] in seen:
            call.update(id=None, type="function")
            call["function"]["name"] = ""
        seen.add(call["index"])


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


def sent_twice(document: Any) -> None:
    """Every chunk with a fragment of arguments is sent twice."""
    document[:] = [chunk for chunk in document for _ in range(1 + is_fragment(chunk))]


def is_fragment(chunk: Any) -> bool:
    """Whether a chunk has fragments of calls, and begins none."""
    calls = calls_in([chunk])
    return bool(calls) and all("id" not in call for call in calls)


def one_fragment(document: Any) -> None:
    """All arguments of a call come in its first fragment."""
    firsts: dict[int, Any] = {}
    for call in calls_in(document):
        first = firsts.setdefault(call["index"], call["function"])
        if first is not call["function"]:
            first["arguments"] += call["function"]["arguments"]
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


def all_cut(call: dict[str, Any]) -> None:
    """The last character of the arguments of a call is lost."""
    call["function"]["arguments"] = call["function"]["arguments"][:-1]


def in_both_forms(document: Any) -> None:
    """The first call comes as a function_call as well."""
    for choice in choices_in(document):
        message = choice["message"]
        message["function_call"] = message["tool_calls"][0]["function"]


def emptied(document: Any) -> None:
    """The calls are gone, though the finish reason claims some."""
    for choice in choices_in(document):
        choice["message"]["tool_calls"] = []


def first_misspelt(document: Any) -> None:
    """The first of several calls has arguments that are no JSON."""
    found = calls_in(document)
    if len(found) > 2:
        found[0]["function"]["arguments"] = "Paris"


def last_first(document: Any) -> None:
    """The chunks with calls come in the opposite order, those of one call in theirs."""
    places = [n for n, chunk in enumerate(document) if calls_in([chunk])]
    chunks = [document[n] for n in places]
    chunks.sort(key=lambda chunk: -calls_in([chunk])[0]["index"])
    for n, chunk in zip(places, chunks, strict=True):
        document[n] = chunk


def reviewing(**members: Any) -> Edit:
    """The call of the strict tool with other members; those that are None are left out."""
    whole = {
        "film": {"title": "Casablanca", "year": 1942},
        "verdict": "good",
        "stars": 5,
        "actors": [{"name": "Bogart", "part": "Rick"}],
    }
    written = {name: value for name, value in (whole | members).items() if value is not None}
    return saying("", calls=[("review_film", json.dumps(written))])


def each_function(text: str) -> Edit:
    """Other arguments of every function call, while a custom one stays as it is."""
    return each_call(lambda call: call["function"].update(arguments=text) if "function" in call else None)


def in_custom(**members: Any) -> Edit:
    """Members of what stands under `custom`, in every custom call."""
    return each_call(lambda call: call["custom"].update(members) if "custom" in call else None)


def legacy_arguments(document: Any) -> None:
    """The arguments of the function call are an object."""
    for choice in choices_in(document):
        choice["message"]["function_call"]["arguments"] = {"city": "Paris"}


def legacy_name(document: Any) -> None:
    """The function call has no name."""
    for choice in choices_in(document):
        del choice["message"]["function_call"]["name"]


ENDS_AUTO = "calls_under_auto_end_with_tool_calls"
ENDS_REQUIRED = "a_required_call_ends_with_tool_calls_or_stop"
ENDS_ALIKE = "a_required_call_ends_alike_on_every_turn"
OWN_IDS = "calls_of_one_answer_have_ids_of_their_own"
NEW_IDS = "calls_of_a_later_round_have_new_ids"
MEMBERS = "a_call_has_its_members_with_their_types"
CLAIMED = "who_claims_tool_calls_has_some"
PLAIN_IDS = "an_id_has_no_white_space"
CALLS = [
    (ENDS_ALIKE, "later-turn-streamed", ending("stop"), FAIL),
    (ENDS_ALIKE, "later-turn-streamed", saying("I have no such tool."), INCONCLUSIVE),
    (MEMBERS, "plain", in_function(arguments={"city": "Paris"}), FAIL),
    (MEMBERS, "plain", setting(type="tool"), FAIL),
    (MEMBERS, "plain", setting(id=None), FAIL),
    (MEMBERS, "plain", without("id"), FAIL),
    (MEMBERS, "plain", in_function(name=None), FAIL),
    (MEMBERS, "streamed", in_function(arguments=1), FAIL),
    (MEMBERS, "plain", changed(not_an_object), FAIL),
    (MEMBERS, "plain", setting(extra=1, index=0), PASS),
    (MEMBERS, "streamed", without("id"), FAIL),
    (MEMBERS, "streamed", changed(empty_heads), PASS),
    (MEMBERS, "streamed", without("type"), PASS),
    (ENDS_AUTO, "plain", ending("stop"), FAIL),
    (ENDS_AUTO, "streamed", ending("stop"), FAIL),
    (ENDS_AUTO, "plain", ending("length"), FAIL),
    (ENDS_REQUIRED, "plain", ending("stop"), PASS),
    (ENDS_REQUIRED, "streamed", ending("function_call"), FAIL),
    (ENDS_REQUIRED, "plain", saying("Sunny."), INCONCLUSIVE),
    (OWN_IDS, "plain", setting(id="call_0"), FAIL),
    (OWN_IDS, "streamed", setting(id="call_0"), FAIL),
    (OWN_IDS, "plain", setting(id=""), FAIL),
    (NEW_IDS, "after-tool-result", setting(id="call_0"), FAIL),
    (NEW_IDS, "after-tool-result", at("call")(saying("Goodbye!")), INCONCLUSIVE),
    (CLAIMED, "plain", saying("I will look.", finish="tool_calls"), FAIL),
    (CLAIMED, "streamed", saying("I will look.", finish="tool_calls"), FAIL),
    (CLAIMED, "plain", changed(emptied), FAIL),
    (PLAIN_IDS, "plain", setting(id="get_weather 1"), FAIL),
    (PLAIN_IDS, "streamed", setting(id="call\n1"), FAIL),
    (PLAIN_IDS, "plain", setting(id="x" * 60), PASS),
]

FIT = "arguments_fit_the_schema_of_their_tool"
KEYS = "arguments_repeat_no_key"
ONCE = "arguments_are_encoded_once"
TWICE = "no_call_comes_twice"
LETTERS = "letters_beyond_ascii_survive"
ARGUMENTS = [
    (FIT, "plain", each_call(all_cut), FAIL),
    (FIT, "plain", arguments("{}"), FAIL),
    (FIT, "plain", arguments('"Paris"'), FAIL),
    (FIT, "plain", arguments('{"city": "Paris", "unit": "kelvin"}'), FAIL),
    # Encoded twice is a rule of its own, and one call of five may be the model's mood.
    (FIT, "plain", arguments('"{\\"city\\": 1}"'), PASS),
    (FIT, "plain", changed(first_misspelt), PASS),
    (KEYS, "plain", arguments('{"city": "Rome", "city": "Paris"}'), FAIL),
    (KEYS, "plain", arguments('{"a": {"b": 1, "b": 2}}'), FAIL),
    (KEYS, "plain", arguments('{"a": {"b": 1}, "b": 2}'), PASS),
    (ONCE, "plain", arguments('"{\\"city\\": \\"Paris\\"}"'), FAIL),
    (ONCE, "plain", arguments('"Paris"'), PASS),
    (ONCE, "streamed", saying("", calls=[("get_weather", '"[1]"')]), FAIL),
    (TWICE, "plain", saying("", calls=[WEATHER, WEATHER]), FAIL),
    (TWICE, "streamed", saying("", calls=[WEATHER, SPACED]), FAIL),
    (TWICE, "plain", saying("", calls=[WEATHER, ("get_time", WEATHER[1])]), PASS),
    (TWICE, "plain", saying("Sunny."), INCONCLUSIVE),
    # Where the arguments are lost nobody knows whether the calls were alike.
    (TWICE, "plain", arguments(""), INCONCLUSIVE),
    (LETTERS, "plain", saying("", calls=[("get_weather", '{"city": "SÃ£o Paulo"}')]), FAIL),
    (LETTERS, "streamed", saying("", calls=[("get_weather", '{"city": "Z\ufffd\ufffdrich"}')]), FAIL),
    (LETTERS, "plain", saying("", calls=[("get_weather", '{"city": "Z?rich"}')]), FAIL),
    (LETTERS, "plain", saying("", calls=[("get_weather", '{"city": "Z\\\\u00fcrich"}')]), FAIL),
    # An escape of JSON, and a letter with a mark of its own, are the same letter.
    (LETTERS, "plain", saying("", calls=[("get_weather", '{"city": "Z\\u00fcrich"}')]), PASS),
    (LETTERS, "plain", saying("", calls=[("get_weather", '{"city": "Zu\u0308rich"}')]), PASS),
    (LETTERS, "plain", saying("", calls=[("get_weather", '{"city": "Zurich"}')]), INCONCLUSIVE),
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
    ("parallel_calls_begin_in_the_order_of_their_indices", changed(last_first), FAIL),
    ("parallel_calls_begin_in_the_order_of_their_indices", changed(from_one), PASS),
    ("id_and_name_come_once_and_first", changed(repeated_heads), FAIL),
    ("id_and_name_come_once_and_first", changed(late_name), FAIL),
    ("id_and_name_come_once_and_first", changed(empty_heads), PASS),
    ("fragments_add_up_to_the_arguments_once", changed(whole_again), FAIL),
    ("fragments_add_up_to_the_arguments_once", changed(cumulative), FAIL),
    ("fragments_add_up_to_the_arguments_once", changed(sent_twice), FAIL),
    ("fragments_add_up_to_the_arguments_once", appended("{}"), FAIL),
    ("fragments_add_up_to_the_arguments_once", changed(one_fragment), PASS),
    ("fragments_add_up_to_the_arguments_once", changed(cut), FAIL),
    ("fragments_add_up_to_the_arguments_once", changed(cut_by_a_limit), INCONCLUSIVE),
    ("fragments_add_up_to_the_arguments_once", changed(misspelt), INCONCLUSIVE),
]

STRICT_FRAME = "a_strict_tool_is_called_within_its_schema"
STRICT_ENUM = "a_strict_tool_s_words_are_of_its_enum"
STRICT_BOUNDS = "a_strict_tool_s_numbers_keep_their_bounds"
STRICT_INNER = "a_strict_tool_s_inner_objects_fit_their_schema"
NO_STRICT = refused("'strict' is not supported", param="tools[0].function.strict")
NO_BOUNDS = refused("Invalid schema: 'minimum' is not permitted.")
STRICT = [
    (STRICT_FRAME, reviewing(comment="A classic."), FAIL),
    (STRICT_FRAME, reviewing(film=None), FAIL),
    (STRICT_FRAME, changed(cut), FAIL),
    (STRICT_FRAME, NO_STRICT, Verdict.UNSUPPORTED),
    # What has a rule of its own fails that one only.
    (STRICT_FRAME, reviewing(verdict="superb", stars=11, actors=["Bogart"]), PASS),
    (STRICT_ENUM, reviewing(verdict="superb"), FAIL),
    (STRICT_ENUM, reviewing(verdict=None), INCONCLUSIVE),
    (STRICT_ENUM, reviewing(comment="A classic.", stars=11), PASS),
    (STRICT_BOUNDS, reviewing(stars=11), FAIL),
    (STRICT_BOUNDS, reviewing(stars="5"), FAIL),
    (STRICT_BOUNDS, NO_BOUNDS, Verdict.UNSUPPORTED),
    (STRICT_INNER, reviewing(film={"title": "Casablanca"}), FAIL),
    (STRICT_INNER, reviewing(actors=["Bogart"]), FAIL),
    (STRICT_INNER, reviewing(actors=[{"name": "Bogart", "part": "Rick", "born": 1899}]), FAIL),
    (STRICT_INNER, reviewing(stars=11), PASS),
    (STRICT_INNER, saying("Sunny."), INCONCLUSIVE),
]

NO_PARAMETERS = "a_tool_without_parameters_is_called_without_arguments"
EMPTY_PARAMETERS = "a_tool_with_empty_parameters_is_called_without_arguments"
CUSTOM = "a_custom_tool_is_refused_or_taken"
CUSTOM_CALL = "a_call_of_a_custom_tool_has_a_name_and_an_input"
EMPTY = "an_empty_list_of_tools_is_refused_or_means_none"
ODD = "odd_tool_names_are_refused_or_taken"
MANY = "more_tools_than_openai_takes_are_refused_or_taken"
NO_TOOLS = refused("Tools are unsupported.", param="tools")
DEFINITIONS = [
    *(
        (check, edit, verdict)
        for check in (NO_PARAMETERS, EMPTY_PARAMETERS)
        for edit, verdict in (
            (each_function(""), PASS),
            (each_function(" { } "), PASS),
            (each_function('{"x": 1}'), FAIL),
            (each_function("none"), FAIL),
            (at("every")(saying("Done.")), INCONCLUSIVE),
        )
    ),
    (EMPTY, at("alone")(crashed()), FAIL),
    (EMPTY, at("alone")(answered(200, CALLING)), FAIL),
    (EMPTY, at("alone")(answered(200, completion("Hello!"))), PASS),
    (EMPTY, at("alone")(refused("No such page.", status=404)), FAIL),
    (ODD, at("parenthesis")(crashed()), FAIL),
    (ODD, at("several")(NO_TOOLS), Verdict.UNSUPPORTED),
    (MANY, at("many")(crashed()), FAIL),
    (MANY, at("many")(crashed(503)), Verdict.ERROR),
    (CUSTOM, at("every")(crashed()), FAIL),
    (CUSTOM_CALL, setting(type="function"), FAIL),
    (CUSTOM_CALL, in_custom(input={"text": "Rain."}), FAIL),
    (CUSTOM_CALL, in_custom(input=None), FAIL),
    (CUSTOM_CALL, at("every")(saying("Rain.")), INCONCLUSIVE),
    (CUSTOM_CALL, at("every")(refused("Input should be 'function'.")), Verdict.UNSUPPORTED),
]

FUNCTIONS = "deprecated_functions_are_called_or_refused"
FUNCTION_FORM = "a_function_call_has_a_name_and_arguments_that_are_text"
FUNCTION_END = "a_function_call_under_auto_ends_with_function_call"
BOTH_FORMS = "tool_calls_and_a_function_call_never_come_together"
DEPRECATED = [
    (FUNCTIONS, at("functions")(saying("Sunny.")), FAIL),
    (FUNCTIONS, saying("Sunny."), INCONCLUSIVE),
    (FUNCTIONS, at("functions")(saying("", calls=[WEATHER])), FAIL),
    (FUNCTIONS, at("functions")(refused("Unknown parameter.", param="functions")), Verdict.UNSUPPORTED),
    (FUNCTIONS, at("functions")(refused("Something else.")), FAIL),
    (FUNCTION_FORM, at("functions")(changed(legacy_arguments)), FAIL),
    (FUNCTION_FORM, at("functions")(changed(legacy_name)), FAIL),
    (FUNCTION_END, at("functions")(ending("stop")), FAIL),
    (FUNCTION_END, at("functions")(ending("tool_calls")), FAIL),
    (FUNCTION_END, at("functions")(ending("length")), INCONCLUSIVE),
    (BOTH_FORMS, at("several")(changed(in_both_forms)), FAIL),
]

ONLY_OWN = "only_tools_of_the_request_are_called"
NO_CALL = "no_call_comes_without_tools"
WITH_TEXT = "a_request_without_tools_is_answered_with_text"
OWN_TOOLS = [
    (ONLY_OWN, "plain", in_function(name="search_web"), FAIL),
    (ONLY_OWN, "streamed", saying("", calls=[("search_web", "{}")]), FAIL),
    (ONLY_OWN, "plain", changed(legacy), FAIL),
    (NO_CALL, "plain", saying("", finish="stop", calls=[WEATHER]), FAIL),
    (NO_CALL, "plain", ending("tool_calls"), FAIL),
    (NO_CALL, "plain", changed(legacy), FAIL),
    (WITH_TEXT, "plain", saying(""), FAIL),
    (WITH_TEXT, "plain", saying("", calls=[WEATHER]), FAIL),
    (WITH_TEXT, "plain", ending("tool_calls"), FAIL),
    (WITH_TEXT, "plain", ending("length"), INCONCLUSIVE),
]

BROKEN = [
    *CALLS,
    *ARGUMENTS,
    *((check, "streamed", edit, verdict) for check, edit, verdict in [*STREAMED, *STRICT]),
    *((check, "plain", edit, verdict) for check, edit, verdict in [*DEFINITIONS, *DEPRECATED]),
    *OWN_TOOLS,
]


@pytest.mark.parametrize(("check", "path", "edit", "verdict"), BROKEN)
def test_an_answer_is_judged_by_its_defect(
    theatre: Theatre, check: str, path: str, edit: Edit, verdict: Verdict
) -> None:
    """A broken answer fails its check, a legal oddity passes, and what cannot be judged says so."""
    judgement = theatre.judge(check_named(f"tools.{check}"), path, edit)

    assert judgement.verdict is verdict, judgement.reason


def test_an_error_within_a_stream_is_no_refusal() -> None:
    """A refusal has to come as a 4xx, and not after 200 as an event of the stream."""
    broken_off = failing_late(streamed())

    with pytest.raises(Broken):
        refuses(play({"alone": broken_off}), "alone")


def test_what_is_refused_together_is_told_apart() -> None:
    """The control is whichever default was accepted, and a tool is judged where it was taken."""
    several = play(
        {"several": refusal(), alone("several", "text"): refusal(), alone("several", "auto"): TOLD}
    )

    assert control_of(several).text == "Hello!"
    with pytest.raises(Refused):
        control_of(play({"several": refusal()}))


@pytest.mark.parametrize(
    ("steps", "parameterless", "empty"),
    [
        ({"every": refusal(), "both": PINGED}, PASS, INCONCLUSIVE),
        (
            {"every": refusal(500), "both": refusal(500), "ping": refusal(500), "get_current_date": DATED},
            FAIL,
            PASS,
        ),
        ({"every": refusal(), "both": refusal(), "ping": PINGED, "get_current_date": refusal()}, PASS, FAIL),
    ],
)
def test_tools_without_arguments_are_judged_where_they_were_taken(
    steps: dict[str, Exchange], parameterless: Verdict, empty: Verdict
) -> None:
    """Beside a tool that is refused, another one is judged by the request that it had to itself."""
    played = play({"several": TOLD, **steps})

    assert judge_plays(check_of_tools(NO_PARAMETERS), [played]).verdict is parameterless
    assert judge_plays(check_of_tools(EMPTY_PARAMETERS), [played]).verdict is empty


def test_a_custom_tool_is_not_blamed_for_what_is_refused_without_it() -> None:
    """A refusal or a failure is that of the custom tool only where the other tools alone are taken."""
    made = check_of_tools(CUSTOM)
    taken = play({"several": TOLD, "every": refusal(), "both": PINGED})
    neither = play({"several": TOLD, "every": refusal(), "both": refusal()})
    failing = play({"several": TOLD, "every": refusal(500, "No."), "both": refusal(500, "No.")})

    assert judge_plays(made, [taken]).observations[0].camp == "refused"
    assert judge_plays(made, [neither]).verdict is INCONCLUSIVE
    assert judge_plays(made, [failing]).verdict is INCONCLUSIVE


def test_a_strict_tool_is_judged_without_the_bounds_that_were_refused() -> None:
    """Where bounds are refused, every other feature is judged by the request without them."""
    bad = json.dumps({"film": {}, "verdict": "superb", "stars": 99, "actors": []})
    played = play({"call": refusal(400, "minimum"), "call-without-bounds": calling("review_film", bad)})

    assert judge_plays(check_of_tools(STRICT_ENUM), [played]).verdict is FAIL
    assert judge_plays(check_of_tools(STRICT_BOUNDS), [played]).verdict is Verdict.UNSUPPORTED


def check_of_tools(name: str) -> Check:
    made = check_named(f"tools.{name}")
    assert isinstance(made, Check)
    return made


def test_a_call_without_tools_breaks_one_rule() -> None:
    """A call that answers a request without tools is not also blamed for the name that it has."""
    called = exchange(completion(calls=[WEATHER], finish="tool_calls"), sent=request_body())

    assert judged(test_own_tools.test_no_call_comes_without_tools, called).verdict is FAIL
    assert judged(test_own_tools.test_only_tools_of_the_request_are_called, called).verdict is INCONCLUSIVE
