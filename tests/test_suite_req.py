"""Each check of bad requests turns red on its defect, and lets honest refusals and legal policies pass."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from chatconform.findings.verdict import Verdict
from chatconform.suites.req import test_defects, test_policies, test_values
from chatconform.suites.req.defects import DEFECTS, MEMBERS, OUTSIDE, WRONG_TYPES, Group
from chatconform.tests.support.exchanges import (
    Body,
    chunk,
    chunks,
    completion,
    error,
    exchange,
    hung,
    judged,
    play,
    refusal,
    request_body,
    streamed,
    verdict,
)
from chatconform.wire.exchange import Exchange, FailureKind

PASS, FAIL, INCONCLUSIVE, ERROR = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.ERROR
Check = Callable[..., object]

SERVED = exchange(completion())
UNSHAPED = exchange({"detail": "No."}, status=400)
BAD = request_body(temperature="x")
# A refusal to a request that asked for a stream.
LATE = exchange(error(), status=400, sent=request_body(stream=True))


def test_a_kept_connection_that_had_closed_is_nobodys_fault() -> None:
    """A bad request that met a closed connection is judged by what its second sending brought."""
    died = replace(hung(FailureKind.CLOSED, sent=BAD), reused=True)
    again = replace(exchange(error(), status=400, sent=BAD), retry_of=died.id)
    crashed = replace(hung(FailureKind.CLOSED, sent=BAD), retry_of=died.id)

    assert verdict(test_defects.test_a_bad_request_is_always_answered, died, again) is PASS
    assert verdict(test_defects.test_a_bad_request_is_always_answered, died, crashed) is FAIL


@pytest.mark.parametrize(
    ("seconds", "failed", "expected"),
    [
        (2.0, FailureKind.TIMEOUT, FAIL),
        (50.0, FailureKind.TIMEOUT, INCONCLUSIVE),
        (50.0, FailureKind.CLOSED, FAIL),
    ],
)
def test_a_slow_model_that_took_a_bad_request_is_no_hang(
    seconds: float, failed: FailureKind, expected: Verdict
) -> None:
    """Where another answer took a good part of the time-out, a bad request without one tells nothing."""
    slow = exchange(completion(), elapsed=seconds)
    came = hung(failed, sent=BAD)

    assert verdict(test_defects.test_a_bad_request_is_always_answered, slow, SERVED, came) is expected


def test_a_bad_request_that_was_sent_again_is_judged_by_the_last_sending() -> None:
    """A rate limit that was waited out, or a target that was ill for a time, says nothing of the request."""
    limited = replace(exchange(error(), status=429, sent=BAD), sent_again=True)
    ill = replace(exchange(error(), status=500, sent=BAD), sent_again=True, illness="ill")
    again = exchange(error(), status=400, sent=BAD)
    crashed = exchange(error(), status=500, sent=BAD)

    assert verdict(test_defects.test_a_bad_request_never_breaks_the_server, limited, ill, again) is PASS
    assert verdict(test_defects.test_a_bad_request_never_breaks_the_server, limited, crashed) is FAIL


@pytest.mark.parametrize(
    ("came", "whole", "gentle"),
    [
        (exchange(error(), status=400, sent=BAD), PASS, PASS),
        (exchange(completion(), sent=BAD), PASS, PASS),
        (streamed([error("No.")], done=False, sent=BAD), PASS, PASS),
        (exchange(error(), status=500, sent=BAD), PASS, FAIL),
        (exchange(error(), status=503, sent=b""), PASS, FAIL),
        (exchange(error(), status=302, sent=BAD), PASS, PASS),
        (streamed([error("No.", type="server_error")], done=False, sent=BAD), PASS, FAIL),
        (hung(FailureKind.TIMEOUT, sent=BAD), FAIL, ERROR),
        (hung(FailureKind.CLOSED, sent=BAD), FAIL, ERROR),
        (hung(FailureKind.CONNECT, sent=BAD), INCONCLUSIVE, INCONCLUSIVE),
        (exchange(error(), status=429, sent=BAD), PASS, ERROR),
        (refusal(500), INCONCLUSIVE, INCONCLUSIVE),
    ],
)
def test_a_bad_request_must_not_break_the_server(came: Exchange, whole: Verdict, gentle: Verdict) -> None:
    """A hang and a hang-up break one rule, a 5xx and a server error in a stream another."""
    assert verdict(test_defects.test_a_bad_request_is_always_answered, came) is whole
    assert verdict(test_defects.test_a_bad_request_never_breaks_the_server, came) is gentle


TEXTS = ("cut", "array", "cut-streamed", "empty", "nan", "invalid-utf-8", "number", "string", "null")
ALL = (*DEFECTS, *MEMBERS, *WRONG_TYPES.defects, *OUTSIDE.defects)


def refused() -> dict[str, Exchange]:
    """A good request that was answered, and every bad one refused by name in both forms."""
    named = {
        step: refusal(400, f"{each.param} is wrong.", param=each.param) for each in ALL for step in each.steps
    }
    return {"control": SERVED, "control-streamed": streamed(), **named, **dict.fromkeys(TEXTS, refusal())}


not_json = test_defects.test_a_body_that_is_not_json_answers_400
no_object = test_defects.test_json_that_is_no_object_answers_400
no_messages = test_defects.test_missing_messages_are_refused_by_name
no_model = test_defects.test_a_missing_model_is_refused_by_name
empty = test_defects.test_empty_messages_are_refused
role = test_defects.test_an_invented_role_is_refused
part = test_defects.test_a_foreign_part_is_refused
word = test_values.test_a_wrong_type_is_refused
text = test_values.test_messages_that_are_a_text_are_refused
truth = test_values.test_a_word_for_stream_is_refused
fraction = test_values.test_a_fraction_for_n_is_refused
number = test_values.test_a_number_for_stop_is_refused
hot = test_values.test_a_temperature_outside_its_range_is_refused
top_p = test_values.test_a_top_p_outside_its_range_is_refused
frequency = test_values.test_a_frequency_penalty_outside_its_range_is_refused
presence = test_values.test_a_presence_penalty_outside_its_range_is_refused
none = test_values.test_an_n_outside_its_range_is_refused
most = test_values.test_a_top_logprobs_outside_its_range_is_refused
TYPES = {word: "temperature", text: "messages", truth: "stream", fraction: "n", number: "stop"}
RANGES = {
    hot: "temperature",
    top_p: "top_p",
    frequency: "frequency_penalty",
    presence: "presence_penalty",
    none: "n",
    most: "top_logprobs",
}
VALUES = [
    *((check, WRONG_TYPES, name) for check, name in TYPES.items()),
    *((check, OUTSIDE, name) for check, name in RANGES.items()),
]
NEGATIVES = [not_json, no_object, no_messages, no_model, empty, role, part, *TYPES, *RANGES]


@pytest.mark.parametrize("check", NEGATIVES, ids=lambda check: check.__name__)
def test_refusals_pass_only_beside_a_control(check: Check) -> None:
    """Every bad request refused passes, unless the good one was refused as well."""
    assert verdict(check, play(refused())) is PASS
    assert verdict(check, play({**refused(), "control": refusal()})) is INCONCLUSIVE


@pytest.mark.parametrize(
    ("check", "step", "came", "expected"),
    [
        (not_json, "cut", refusal(500), FAIL),
        (not_json, "cut", SERVED, FAIL),
        (not_json, "cut-streamed", refusal(404), FAIL),
        (not_json, "empty", SERVED, FAIL),
        (not_json, "nan", SERVED, FAIL),
        (not_json, "invalid-utf-8", SERVED, FAIL),
        (no_object, "array", refusal(500), FAIL),
        (no_object, "array", UNSHAPED, PASS),
        (no_object, "array", refusal(422), PASS),
        (no_object, "null", SERVED, FAIL),
        (no_messages, "no-messages", refusal(404, "No such model.", param="model"), FAIL),
        (no_messages, "no-messages", refusal(400, "A member is missing."), FAIL),
        (no_messages, "no-messages-streamed", streamed(), FAIL),
        (no_messages, "no-messages", refusal(422, "Field required: messages"), PASS),
        (no_model, "no-model", SERVED, FAIL),
        (no_model, "no-model", refusal(400, "Something is missing."), FAIL),
        (no_model, "no-model-streamed", refusal(500), FAIL),
        (empty, "empty-messages", refusal(500), FAIL),
        (empty, "empty-messages", SERVED, FAIL),
        (empty, "empty-messages-streamed", streamed(), FAIL),
        (role, "invented-role", SERVED, FAIL),
        (role, "invented-role-streamed", streamed(), FAIL),
        (part, "foreign-part", SERVED, FAIL),
        (part, "foreign-part-streamed", UNSHAPED, PASS),
        (word, "temperature=x", SERVED, FAIL),
        (word, "temperature=x-streamed", streamed(), FAIL),
        (word, "temperature=x", refusal(400, "Wrong."), PASS),
        (word, "temperature=0.5", SERVED, PASS),
        (word, "top_logprobs=3", refusal(400, "logprobs is not supported"), PASS),
        (fraction, "n=1.5", SERVED, FAIL),
        (number, "stop=5", refusal(500), FAIL),
        (hot, "temperature=-0.1", SERVED, FAIL),
        (top_p, "top_p=1.1", refusal(500), FAIL),
        (none, "n=0", UNSHAPED, PASS),
        (none, "n=129", refusal(503), ERROR),
    ],
)
def test_a_missing_refusal_is_found(check: Check, step: str, came: Exchange, expected: Verdict) -> None:
    """What is answered, crashes, or is refused for another reason fails."""
    assert verdict(check, play({**refused(), step: came})) is expected


CONTROLS = {"control": SERVED, "control-streamed": streamed()}


@pytest.mark.parametrize(("check", "group", "name"), VALUES)
def test_values_that_are_sent_together_are_told_apart(check: Check, group: Group, name: str) -> None:
    """Taken together all fail; refused together, what is named is settled and the others are sent alone."""
    step, defect = group.step, next(each for each in group.core if each.param == name)
    unnamed = {**CONTROLS, step: refusal(400, "Something is wrong.")}

    assert verdict(check, play({**CONTROLS, step: SERVED})) is FAIL
    assert verdict(check, play({**CONTROLS, step: refusal(400, param=name)})) is PASS
    assert verdict(check, play({**unnamed, defect.name: SERVED})) is FAIL
    assert verdict(check, play({**unnamed, defect.name: refusal()})) is PASS
    assert verdict(check, play({**CONTROLS, step: LATE})) is PASS
    assert verdict(check, play({**CONTROLS, step: LATE, "control-streamed": refusal()})) is INCONCLUSIVE


def test_every_missing_refusal_is_told() -> None:
    """A report of numbers out of range names each that was let through, and how it was sent."""
    told = judged(none, play({**refused(), "n=0": SERVED, "n=129-streamed": streamed()}))

    assert told.came == "200 to n: 0, plain and 200 to n: 129, streamed"
    assert len(told.evidence) == 2
    assert judged(none, play({**CONTROLS, OUTSIDE.step: SERVED})).came == "200 to n: 0, beside others"


def test_numbers_in_quotes_are_recorded() -> None:
    """A number in quotes that was read as the number is a camp, where it was sent."""
    sent = judged(word, play({**refused(), "temperature=0.5": SERVED}))
    unsent = judged(word, play({**CONTROLS, WRONG_TYPES.step: refusal()}))

    assert [each.camp for each in sent.observations] == ["coerced"]
    assert unsent.observations == ()


def test_a_server_of_one_model_needs_no_name() -> None:
    """A missing model may mean the loaded one, if it does in both forms."""
    steps = {**refused(), "no-model": SERVED, "no-model-streamed": streamed()}

    judgement = judged(no_model, play(steps))

    assert judgement.verdict is PASS
    assert [each.camp for each in judgement.observations] == ["loaded-model-default"]


@pytest.mark.parametrize(
    ("plain", "stream", "expected"),
    [
        (completion(model=""), chunks(), FAIL),
        (completion(model=None), chunks(), FAIL),
        (completion(), chunks(model=None), FAIL),
        (completion(), chunks(), PASS),
        # A first chunk of a filter's annotations has no name yet.
        (completion(), [chunk(model=""), *chunks()], PASS),
    ],
)
def test_a_server_of_one_model_names_it(plain: Body, stream: list[Body], expected: Verdict) -> None:
    """An answer to a request without a model says which one served it, if not in every chunk."""
    steps = {**refused(), "no-model": exchange(plain), "no-model-streamed": streamed(stream)}

    assert verdict(no_model, play(steps)) is expected


@pytest.mark.parametrize(
    ("plain", "stream", "expected"),
    [
        (SERVED, streamed(), PASS),
        (refusal(400, "Unknown.", code="unknown_parameter"), refusal(400), PASS),
        (refusal(400, "Unknown: x_unknown_abc."), refusal(400), PASS),
        (refusal(400, "No."), refusal(400), FAIL),
        (SERVED, refusal(400), FAIL),
        (refusal(500), refusal(500), FAIL),
        (refusal(404), refusal(404), FAIL),
    ],
)
def test_an_unknown_parameter_wants_one_policy(plain: Exchange, stream: Exchange, expected: Verdict) -> None:
    """Refused by name or ignored, in both forms alike."""
    steps = {**CONTROLS, "plain": plain, "streamed": stream}
    check = test_policies.test_an_unknown_parameter_meets_one_policy

    assert verdict(check, play(steps, parameter="ABC")) is expected


def test_an_unknown_parameter_is_judged_without_streams() -> None:
    """Where streams are not served at all, the plain form decides."""
    steps = {**CONTROLS, "control-streamed": refusal(), "plain": SERVED, "streamed": refusal(403)}
    check = test_policies.test_an_unknown_parameter_meets_one_policy

    assert verdict(check, play(steps, parameter="ABC")) is PASS


@pytest.mark.parametrize(
    ("came", "expected"),
    [
        (SERVED, PASS),
        (refusal(400, param="stream_options"), PASS),
        (streamed(sent=request_body()), FAIL),
        (exchange(b"data: {}\n\n", media_type="application/json"), FAIL),
        (exchange(b": keep-alive\n\ndata: {}\n\n", media_type="application/json"), FAIL),
        (refusal(500), FAIL),
        (refusal(404), FAIL),
    ],
)
def test_stream_options_alone_must_not_stream(came: Exchange, expected: Verdict) -> None:
    """Ignored or refused, never a stream."""
    steps = {"control": SERVED, "alone": came}

    assert verdict(test_policies.test_stream_options_alone_start_no_stream, play(steps)) is expected
