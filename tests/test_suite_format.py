"""Each check of formats passes on the reference server, and fails on the defect that it is for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chatconform.findings.verdict import Verdict
from chatconform.judging.check import Check, OfTraffic
from chatconform.judging.judge import judge_plays, judge_traffic
from chatconform.suites.format import test_json
from chatconform.suites.format.scenarios import CUT
from chatconform.tests.support.exchanges import (
    completion,
    exchange,
    play,
    refusal,
    request_body,
    with_message,
)
from chatconform.tests.support.exchanges import verdict as verdict_of
from chatconform.tests.support.plays import (
    AnyCheck,
    Edit,
    Theatre,
    answered,
    at,
    check_named,
    checks_of,
    crashed,
    ending,
    refused,
    saying,
)
from chatconform.tests.support.plays import completion as answer
from chatconform.wire.exchange import Exchange

PASS, FAIL, INCONCLUSIVE, UNSUPPORTED = (
    Verdict.PASS,
    Verdict.FAIL,
    Verdict.INCONCLUSIVE,
    Verdict.UNSUPPORTED,
)
# The reference server declines nothing.
DECLINED = "a_refusal_under_a_schema_stands_in_refusal"
OBJECT = '{"answer": "Sunny."}'
PROSE = "The sun shines."
NO_FORMAT = refused("response_format is not supported.", param="response_format")


@pytest.mark.parametrize(
    ("made", "path"), [case for case in checks_of("format") if DECLINED not in str(case.id)]
)
def test_the_reference_server_passes_every_check(theatre: Theatre, made: AnyCheck, path: str) -> None:
    """What the reference server answers passes, or this file proves nothing."""
    assert theatre.judge(made, path).verdict is PASS


def fenced(text: str) -> str:
    """The text in code fences."""
    return f"```json\n{text}\n```"


AN_OBJECT = "json_object_mode_answers_with_an_object_where_prose_was_natural"
WORDLESS = "json_object_without_the_word_json_is_refused_or_honoured"
FENCES = "json_comes_without_fences"
KEYS = "json_repeats_no_key"
TO_ITS_END = "an_answer_ends_with_its_json"
IN_STREAM = "a_schema_holds_in_a_stream"
CALL = "a_required_call_survives_a_format"
MODES = [
    (AN_OBJECT, "plain", at("formatted")(saying(PROSE)), FAIL),
    (AN_OBJECT, "plain", at("formatted")(saying(f"Here it is: {OBJECT}")), FAIL),
    (AN_OBJECT, "plain", at("formatted")(saying("[1]")), FAIL),
    # Fences are a rule of their own.
    (AN_OBJECT, "plain", at("formatted")(saying(fenced(OBJECT))), PASS),
    (AN_OBJECT, "plain", at("formatted")(saying("{", finish="length")), INCONCLUSIVE),
    (AN_OBJECT, "plain", at("formatted")(NO_FORMAT), UNSUPPORTED),
    (AN_OBJECT, "plain", at("formatted")(refused("No.", param="model")), FAIL),
    (WORDLESS, "plain", at("wordless")(answered(200, answer(" \n" * 40, finish="length"))), FAIL),
    (WORDLESS, "plain", at("wordless")(answered(200, answer(PROSE))), FAIL),
    (WORDLESS, "plain", at("wordless")(answered(200, answer(OBJECT))), PASS),
    (WORDLESS, "plain", at("wordless")(answered(200, answer("", finish="length"))), INCONCLUSIVE),
    (WORDLESS, "plain", at("wordless")(crashed()), FAIL),
    (WORDLESS, "plain", at("named")(saying(PROSE)), INCONCLUSIVE),
    (FENCES, "plain", saying(fenced(OBJECT)), FAIL),
    (FENCES, "plain", saying(f"\n```\n{OBJECT}"), FAIL),
    (FENCES, "plain", saying(OBJECT), PASS),
    (FENCES, "plain", saying('{"a": "```js```'), PASS),
    (KEYS, "plain", saying('{"a": {"b": 1}, "b": 2}'), PASS),
    (TO_ITS_END, "plain", saying(OBJECT + "\n" * 40, finish="length"), FAIL),
    (TO_ITS_END, "later-turn-streamed", saying(OBJECT + " " * 40, finish="length"), FAIL),
    (TO_ITS_END, "plain", saying(OBJECT + "\n", finish="length"), PASS),
    (TO_ITS_END, "plain", saying(OBJECT + "\n" * 40), PASS),
    (IN_STREAM, "streamed", at("answer")(saying(fenced("{}"))), FAIL),
    (IN_STREAM, "streamed", at("answer")(saying("{}")), FAIL),
    (IN_STREAM, "streamed", at("answer")(saying(PROSE)), FAIL),
    (IN_STREAM, "streamed", at("answer")(saying("{", finish="length")), INCONCLUSIVE),
    (IN_STREAM, "streamed", at("answer")(NO_FORMAT), UNSUPPORTED),
    (CALL, "streamed", saying(OBJECT), INCONCLUSIVE),
    (CALL, "streamed", at("formatted")(NO_FORMAT), UNSUPPORTED),
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [(fenced(OBJECT), FAIL), (OBJECT, PASS), ('{"answer', PASS), (f"{PROSE} ```js```", INCONCLUSIVE)],
)
def test_prose_says_nothing_of_fences_around_json(text: str, expected: Verdict) -> None:
    """An answer in JSON mode that is no JSON is not praised for having no fences."""
    wanted = request_body(response_format={"type": "json_object"})
    came = exchange(completion(text), sent=wanted)

    assert verdict_of(test_json.test_json_comes_without_fences, came) is expected


EXTRA = "a_strict_object_has_no_other_members"
FRAME = "strict_schema_is_followed"
REPORT: dict[str, Any] = {
    "city": "Oslo",
    "climate": "cold",
    "population": 700_000,
    "districts": ["Frogner"],
    "mayor": {"name": "Lindboe", "in_office": True},
    "centre": {"latitude": 59.9, "longitude": 10.7},
    "founded": None,
}


def reporting(**members: object) -> Edit:
    """A report with other members; those that are `...` are left out."""
    written = {name: value for name, value in (REPORT | members).items() if value is not ...}
    return at("formatted")(saying(json.dumps(written)))


# Each defect, and the one check that it breaks.
FEATURES = [
    ("a_strict_enum_is_followed", reporting(climate="foggy")),
    ("a_strict_array_is_followed", reporting(districts="Frogner, Grorud")),
    ("a_strict_array_is_followed", reporting(districts=[1])),
    ("a_strict_inner_object_is_followed", reporting(mayor={"name": "Lindboe"})),
    ("a_strict_inner_object_is_followed", reporting(mayor=REPORT["mayor"] | {"age": 50})),
    ("a_strict_definition_is_followed", reporting(centre={"latitude": "north"})),
    ("a_strict_choice_of_types_is_followed", reporting(founded="about 1040")),
    (EXTRA, reporting(comment="A fine city.")),
    (FRAME, reporting(population="many")),
    (FRAME, reporting(city=...)),
]
OF_SCHEMAS = sorted({check for check, _ in FEATURES})


@pytest.mark.parametrize(("check", "edit"), FEATURES)
def test_a_broken_feature_fails_its_own_check(theatre: Theatre, check: str, edit: Edit) -> None:
    """One breach of a schema fails one rule, and leaves the others as they are."""
    failed = [
        name
        for name in OF_SCHEMAS
        if theatre.judge(check_named(f"format.{name}"), "plain", edit).verdict is FAIL
    ]

    assert failed == [check]


@pytest.mark.parametrize("check", OF_SCHEMAS)
def test_a_schema_without_an_object_tells_nothing_of_its_features(theatre: Theatre, check: str) -> None:
    """Prose in place of an object breaks the rule that there is one, and no other."""
    made = check_named(f"format.{check}")

    assert theatre.judge(made, "plain", saying(PROSE)).verdict is (FAIL if check == FRAME else INCONCLUSIVE)
    assert theatre.judge(made, "plain", saying("{", finish="length")).verdict is INCONCLUSIVE
    assert theatre.judge(made, "plain", NO_FORMAT).verdict is UNSUPPORTED


def test_what_is_refused_with_rare_features_is_judged_without_them() -> None:
    """A server that knows no definitions is judged by the schema without, and those are unsupported."""
    report = {name: REPORT[name] for name in REPORT if name not in ("centre", "founded")}
    simple = exchange(completion(json.dumps(report)))
    played = play({"formatted": refusal(400, "'$ref' is not permitted."), "simple": simple})

    verdicts = {name: judge_plays(of_format(name), [played]).verdict for name in OF_SCHEMAS}

    refused_ones = {"a_strict_definition_is_followed", "a_strict_choice_of_types_is_followed"}
    assert {name for name in OF_SCHEMAS if verdicts[name] is PASS} == set(OF_SCHEMAS) - refused_ones
    assert verdicts["a_strict_definition_is_followed"] is UNSUPPORTED


UNKNOWN = "an_unknown_format_is_refused"
INCOMPLETE = "an_incomplete_json_schema_is_no_server_failure"
BAD = "a_strict_schema_that_is_none_is_refused"
TEXT = "the_format_text_may_be_written_out"
HELLO = answered(200, answer("Hello!"))
TYPES = [
    (UNKNOWN, at("xml")(HELLO), FAIL),
    (UNKNOWN, at("xml")(crashed()), FAIL),
    (UNKNOWN, at("xml")(refused("Something else.", param="model")), FAIL),
    (UNKNOWN, at("xml")(refused("Input should be 'text'.", param="response_format", status=422)), PASS),
    (UNKNOWN, at("control")(crashed()), Verdict.ERROR),
    (INCOMPLETE, at("no-member")(crashed()), FAIL),
    (INCOMPLETE, at("no-member")(HELLO), PASS),
    (INCOMPLETE, at("no-member")(refused("No such page.", status=404)), FAIL),
    (BAD, at("no-type")(crashed()), FAIL),
    (BAD, at("no-type")(HELLO), FAIL),
    (BAD, at("no-type")(refused("123 is no type.")), PASS),
    (BAD, at("sound")(NO_FORMAT), UNSUPPORTED),
    (TEXT, at("several")(NO_FORMAT), UNSUPPORTED),
    (TEXT, at("several")(refused("No.", param="model")), FAIL),
]


@pytest.mark.parametrize(
    ("check", "path", "edit", "verdict"),
    [*MODES, *((check, "plain", edit, verdict) for check, edit, verdict in TYPES)],
)
def test_an_answer_is_judged_by_its_defect(
    theatre: Theatre, check: str, path: str, edit: Edit, verdict: Verdict
) -> None:
    """A broken answer fails its check, a legal oddity passes, and what cannot be judged says so."""
    judgement = theatre.judge(check_named(f"format.{check}"), path, edit)

    assert judgement.verdict is verdict, judgement.reason


def test_a_target_that_always_answers_in_json_shows_no_mode() -> None:
    """An object proves nothing where a greeting is answered with one as well."""
    whole = exchange(completion(OBJECT))
    greeted = play({"answer": whole})
    made = of_format(AN_OBJECT)

    assert judge_plays(made, [play({"formatted": whole}, control=greeted)]).verdict is INCONCLUSIVE


@pytest.mark.parametrize(("sound", "expected"), [(3, FAIL), (4, PASS)])
def test_a_weak_model_may_repeat_a_key_once(sound: int, expected: Verdict) -> None:
    """One answer of five with the same key twice is the model's, and more are a server's that writes so."""
    asked = request_body(response_format={"type": "json_object"})
    came = [exchange(completion(text), sent=asked) for text in ('{"a": 1, "a": 2}', *[OBJECT] * sound)]

    assert judge_traffic(invariant_of_format(KEYS), came).verdict is expected


@pytest.mark.parametrize("check", [KEYS, TO_ITS_END])
def test_text_that_is_no_json_tells_nothing_of_its_keys_and_its_end(check: str) -> None:
    """Whether an answer is JSON at all is judged elsewhere."""
    asked = request_body(response_format={"type": "json_object"})
    prose = exchange(completion(PROSE), sent=asked)

    assert judge_traffic(invariant_of_format(check), [prose]).verdict is INCONCLUSIVE


def test_prose_without_fences_is_no_json_without_fences() -> None:
    """What is no JSON at all does not show that JSON comes bare."""
    asked = request_body(response_format={"type": "json_object"})
    made = invariant_of_format(FENCES)

    assert judge_traffic(made, [exchange(completion(PROSE), sent=asked)]).verdict is INCONCLUSIVE
    assert judge_traffic(made, [exchange(completion(OBJECT), sent=asked)]).verdict is PASS
    assert judge_traffic(made, [exchange(completion('{"answer": "Su'), sent=asked)]).verdict is PASS


def test_who_calls_a_tool_instead_of_writing_json_is_asked_something_else(theatre: Theatre) -> None:
    """Where the invitation to look something up brings a call, a question without one shows the mode."""

    def easily_led(came: Exchange) -> Exchange:
        inviting = b"Look up" in came.request.body
        return saying("", calls=[("get_weather", "{}")])(came) if inviting else saying(PROSE)(came)

    judgement = theatre.judge(of_format(AN_OBJECT), "plain", at("formatted")(easily_led))

    assert judgement.attempts == (INCONCLUSIVE, FAIL)
    assert judgement.verdict is FAIL


def test_an_answer_in_prose_has_no_members_to_judge() -> None:
    """The reason says that there is no JSON, not that a member of it is missing."""
    told = judge_plays(
        of_format("a_strict_enum_is_followed"), [play({"formatted": exchange(completion(PROSE))})]
    )

    assert told.verdict is INCONCLUSIVE
    assert "the answer is no JSON object" in told.reason


def test_a_call_that_a_format_replaces_is_found() -> None:
    """Text beside a format fails only where the same choice without it brings a call."""
    text, called = exchange(completion(OBJECT)), exchange(answer(calls=[("get_weather", "{}")]))
    made = of_format(CALL)

    assert judge_plays(made, [play({"formatted": text, "call": called})]).verdict is FAIL
    assert judge_plays(made, [play({"formatted": text, "call": text})]).verdict is INCONCLUSIVE
    assert judge_plays(made, [play({"formatted": called})]).verdict is PASS


def test_a_format_that_was_let_through_is_named() -> None:
    """The report tells which of the bad formats was not refused."""
    served = exchange(completion())
    string = exchange(completion(), sent=request_body(response_format="json"))
    steps = {"control": served, "xml": refusal(400, "response_format is unknown"), "string": string}

    told = judge_plays(of_format(UNKNOWN), [play(steps)])

    assert told.verdict is FAIL
    assert told.expected == "a refusal of 'string' with 400 or 422"
    assert told.came == "200"


def written(text: str, finish_reason: str, tokens: int = CUT) -> Exchange:
    usage = {"prompt_tokens": 9, "completion_tokens": tokens, "total_tokens": 9 + tokens}
    return exchange(completion(text, finish_reason=finish_reason, usage=usage))


@pytest.mark.parametrize(
    ("came", "expected"),
    [
        (written('{"fruits": ["ap', "length"), PASS),
        (written("", "length"), PASS),
        (written("```json\n{", "length"), PASS),
        (written('{"fruits": ["ap', "stop"), FAIL),
        (written('{"fruits": []}', "stop"), FAIL),
        (written("", "stop"), FAIL),
        (written("{}", "stop", tokens=2), INCONCLUSIVE),
        (written("The river flows quietly to the sea.", "stop", tokens=20), INCONCLUSIVE),
        (written('{"fruits": ["apple", "pear", "plum"]}', "stop", tokens=16), INCONCLUSIVE),
        (written("The river flows", "stop"), INCONCLUSIVE),
        (exchange(completion('{"fruits": ["ap', finish_reason="stop", usage=None)), FAIL),
    ],
)
def test_cut_json_says_length(came: Exchange, expected: Verdict) -> None:
    """JSON that was cut and claims to be whole fails; prose, and what the limit did not cut, tell nothing."""
    made = of_format("cut_json_ends_with_length")
    whole, prose = written(OBJECT, "stop", 30), written(PROSE, "stop", 30)

    assert judge_plays(made, [play({"whole": whole, "formatted": came})]).verdict is expected
    assert judge_plays(made, [play({"whole": prose, "formatted": came})]).verdict is INCONCLUSIVE


@pytest.mark.parametrize(
    ("came", "expected"),
    [
        (exchange(with_message(content=None, refusal="I cannot help with that.")), PASS),
        (exchange(with_message(content="", refusal="I cannot help with that.")), PASS),
        (exchange(completion("I cannot help with that.")), FAIL),
        (exchange(with_message(content="I cannot.", refusal="I cannot.")), FAIL),
        (exchange(completion(json.dumps({k: REPORT[k] for k in list(REPORT)[:5]}))), INCONCLUSIVE),
        (exchange(completion("I can", finish_reason="length")), INCONCLUSIVE),
        (refusal(400, "response_format is unknown."), UNSUPPORTED),
    ],
)
def test_a_model_that_declines_says_so_in_refusal(came: Exchange, expected: Verdict) -> None:
    """A refusal in content, or in both places, fails; an answer that fits was no refusal."""
    assert judge_plays(of_format(DECLINED), [play({"refused": came})]).verdict is expected


LATER = [
    ("json_object_holds_after_a_tool_result", "after-tool-result"),
    ("json_object_holds_after_a_tool_result", "after-tool-result-streamed"),
    ("json_object_holds_on_a_later_turn", "later-turn-streamed"),
    ("json_object_holds_on_a_later_turn", "later-turn"),
    ("a_strict_schema_holds_after_the_first_turn", "after-tool-result"),
    ("a_strict_schema_holds_after_the_first_turn", "later-turn-streamed"),
]


@pytest.mark.parametrize(("check", "path"), LATER)
def test_a_format_that_is_forgotten_later_is_found(theatre: Theatre, check: str, path: str) -> None:
    """Prose on a later turn fails; a call in place of an answer tells nothing."""
    made = check_named(f"cont.{check}")

    assert theatre.judge(made, path).verdict is PASS
    assert theatre.judge(made, path, at("formatted")(saying(PROSE))).verdict is FAIL
    assert theatre.judge(made, path, saying("", calls=[("get_current_date", "{}")])).verdict is INCONCLUSIVE
    assert theatre.judge(made, path, ending("length")).verdict is INCONCLUSIVE


@pytest.mark.parametrize(
    "name", ["json_object_holds_on_a_later_turn", "a_strict_schema_holds_after_the_first_turn"]
)
def test_a_format_that_never_held_was_not_forgotten(name: str) -> None:
    """Where the first turn has no object either, a later one without it breaks another rule."""
    prose = exchange(completion(PROSE))
    made = check_named(f"cont.{name}")
    assert isinstance(made, Check)
    played = play({"formatted": prose}, control=play({"formatted": prose}))

    assert judge_plays(made, [played]).verdict is INCONCLUSIVE


def invariant_of_format(name: str) -> OfTraffic:
    made = check_named(f"format.{name}")
    assert isinstance(made, OfTraffic)
    return made


def of_format(name: str) -> Check:
    made = check_named(f"format.{name}")
    assert isinstance(made, Check)
    return made
