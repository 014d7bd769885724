"""Each check of errors turns red on its defect, and lets other vocabularies pass."""

from collections.abc import Callable

import pytest

from chatconform.findings.verdict import Verdict
from chatconform.suites.cont.history import called
from chatconform.suites.err import test_objects, test_refusals, test_statuses
from chatconform.suites.req.defects import (
    DEFECTS,
    FOREIGN_MODEL,
    MEMBERS,
    NO_MESSAGES,
    OUTSIDE,
    TEMPERATURE_WORD,
    TOO_HOT,
    WRONG_TYPES,
    Defect,
    streamed_step,
)
from chatconform.tests.support.exchanges import (
    CHAT,
    Body,
    completion,
    error,
    exchange,
    hung,
    judged,
    play,
    refusal,
    request_body,
    sse,
    streamed,
    verdict,
)
from chatconform.wire.exchange import Exchange, FailureKind

PASS, FAIL, INCONCLUSIVE, ERROR = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.ERROR

nested = test_objects.test_an_error_is_the_nested_object
not_in_200 = test_statuses.test_no_error_is_sent_with_200
reticent = test_objects.test_errors_tell_nothing_of_the_inside
final = test_statuses.test_a_bad_request_has_no_status_that_is_retried
never_500 = test_statuses.test_a_legal_request_never_answers_500
typed = test_objects.test_the_type_of_an_error_is_a_word
param = test_objects.test_the_param_of_an_error_is_a_string_or_null
coded = test_objects.test_the_code_of_an_error_is_a_string_or_null
as_json = test_objects.test_an_error_is_sent_as_json
alone = test_objects.test_an_error_bears_no_answer
plain_text = test_objects.test_an_error_is_told_in_plain_text
public = test_objects.test_errors_name_no_private_address
direct = test_statuses.test_the_api_redirects_nobody
one_side = test_statuses.test_the_error_and_its_status_blame_the_same_side
same_status = test_statuses.test_a_code_that_is_a_status_is_the_status
BAD = request_body(temperature="x")


def calling_with(arguments: str) -> Body:
    """A request whose history has one call with these arguments, and its result."""
    told: Body = {"role": "tool", "tool_call_id": "call_1", "content": "sunny"}
    return request_body(messages=[called(("call_1", "get_weather", arguments)), told])


MODELS = "http://target/v1/models"
FRAME = 'KeyError in File "/srv/app.py", line 31'
TRACE = 'Traceback (most recent call last):\n  File "/srv/app.py", line 3, in f\nKeyError'


@pytest.mark.parametrize(
    ("invariant", "came", "expected"),
    [
        (nested, refusal(), PASS),
        (nested, refusal(404, code=404), PASS),
        (nested, exchange({"error": {"message": "No.", "type": "x"}}, status=400), PASS),
        (nested, exchange({"error": {**error()["error"], "metadata": {}}}, status=400), PASS),
        (nested, exchange({"detail": "Not Found"}, status=404), FAIL),
        (nested, exchange({"detail": "No key."}, status=401, url=MODELS), FAIL),
        (nested, exchange({"detail": "Not Found"}, status=404, url=f"{MODELS}/none"), INCONCLUSIVE),
        (nested, exchange({"detail": "Not Found"}, status=404, url="http://target/v1/none"), INCONCLUSIVE),
        (nested, exchange({"error": "No."}, status=400), FAIL),
        (nested, exchange([error()], status=400), FAIL),
        (nested, exchange({"object": "error", "message": "No.", "type": "x"}, status=400), FAIL),
        (nested, exchange(b"<html>", status=502, media_type="text/html"), FAIL),
        (nested, exchange(b"", status=404, media_type="text/plain"), FAIL),
        (nested, refusal(message=""), FAIL),
        (nested, refusal(type=None), PASS),
        (typed, refusal(), PASS),
        (typed, refusal(type=None), FAIL),
        (typed, refusal(type=""), FAIL),
        (typed, refusal(type=400), FAIL),
        (typed, exchange({"detail": "No."}, status=400), INCONCLUSIVE),
        (param, refusal(param="n"), PASS),
        (param, refusal(param=None), PASS),
        (param, refusal(param=["body", "n"]), FAIL),
        (param, refusal(param=0), FAIL),
        (coded, refusal(code="x"), PASS),
        (coded, refusal(code=400), PASS),
        (coded, refusal(code={}), FAIL),
        (coded, refusal(code=True), FAIL),
        (as_json, refusal(), PASS),
        (as_json, exchange(error(), status=400, media_type="application/json; charset=utf-8"), PASS),
        (as_json, exchange(error(), status=400, media_type="text/plain"), FAIL),
        (as_json, exchange(b"<html>", status=502, media_type="text/html"), FAIL),
        (as_json, exchange(sse([error()]), status=400), FAIL),
        (alone, refusal(), PASS),
        (alone, exchange({**error(), "choices": [], "usage": None}, status=400), PASS),
        (alone, exchange({**error(), **completion("")}, status=500), FAIL),
        (alone, exchange({**error(), "usage": {"prompt_tokens": 1}}, status=400), FAIL),
        (plain_text, refusal(message="Use <b>one</b> of a < b."), PASS),
        (plain_text, refusal(502, "upstream: <!DOCTYPE html><html><body>Bad Gateway"), FAIL),
        (plain_text, refusal(502, "<html>\n<head><title>502 Bad Gateway</title>"), FAIL),
        (public, refusal(message="See https://example.com/docs and http://target/v1."), PASS),
        (public, refusal(message="connect to http://10.0.3.7:8000/v1 failed"), FAIL),
        (public, refusal(500, "http://localhost:11434 refused the connection"), FAIL),
        (public, refusal(500, "http://vllm.prod.svc.cluster.local: no answer"), FAIL),
        (public, exchange({"detail": "http://192.168.0.4/"}, status=500), FAIL),
        (
            public,
            exchange(error("http://10.0.0.9/docs"), status=400, url="http://10.0.0.9/v1/models"),
            PASS,
        ),
        (public, streamed([error("http://127.0.0.1:9 is down")], done=False), FAIL),
        (public, exchange(completion("http://localhost/")), INCONCLUSIVE),
        (direct, exchange(completion()), PASS),
        (direct, refusal(), PASS),
        (direct, exchange({}, status=307, headers=(("location", "/v1/chat/completions/"),)), FAIL),
        (direct, exchange({}, status=301, url=MODELS), FAIL),
        (direct, exchange({}, status=301, url="http://target/docs"), INCONCLUSIVE),
        (one_side, refusal(), PASS),
        (one_side, refusal(500, type="server_error"), PASS),
        (one_side, refusal(529, type="overloaded_error"), PASS),
        (one_side, refusal(500), FAIL),
        (one_side, refusal(400, type="internal_server_error"), FAIL),
        (one_side, refusal(type=None), INCONCLUSIVE),
        (same_status, refusal(), PASS),
        (same_status, refusal(404, code=404), PASS),
        (same_status, refusal(404, code="404"), PASS),
        (same_status, refusal(400, code="1234"), PASS),
        (same_status, refusal(400, code=500), FAIL),
        (same_status, refusal(500, code="429"), FAIL),
        (same_status, exchange({"detail": "No."}, status=400), INCONCLUSIVE),
        (not_in_200, exchange(completion()), PASS),
        (not_in_200, exchange(completion(error=None)), PASS),
        (not_in_200, exchange(error()), FAIL),
        (not_in_200, exchange(error(), sent=BAD), FAIL),
        (not_in_200, exchange({"object": "error", "message": "No."}), FAIL),
        (not_in_200, exchange([1]), INCONCLUSIVE),
        (reticent, refusal(), PASS),
        (reticent, refusal(message="Look at the documentation of the type, line 3."), PASS),
        (reticent, refusal(500, TRACE), FAIL),
        (reticent, exchange({"detail": TRACE}, status=500), FAIL),
        (reticent, exchange({"error": {"message": "No.", "trace": [{"at": FRAME}]}}, status=500), FAIL),
        (reticent, streamed([{"error": {"message": "No.", "trace": FRAME}}], done=False), FAIL),
        (reticent, refusal(500, "TypeError\n    at Server.handle (/srv/app.js:31:7)"), FAIL),
        (reticent, refusal(500, "/usr/lib/python3/site-packages/vllm/engine.py"), FAIL),
        (reticent, streamed([error(TRACE)], done=False), FAIL),
        (reticent, streamed([error("The model stopped.")], done=False), PASS),
        (reticent, exchange(completion()), INCONCLUSIVE),
        (final, exchange(error(), status=400, sent=BAD), PASS),
        (final, exchange(error(), status=422, sent=b"{"), PASS),
        (final, exchange(completion(), sent=BAD), INCONCLUSIVE),
        (final, exchange(error(), status=503, sent=BAD), FAIL),
        (final, exchange(error(), status=500, sent=b"{"), FAIL),
        (final, exchange(error(), status=409, sent=BAD), FAIL),
        (final, exchange(error(), status=429, sent=BAD), FAIL),
        (final, exchange(error(), status=429, sent=BAD, headers=(("retry-after", "2"),)), ERROR),
        (final, refusal(503), INCONCLUSIVE),
        (never_500, exchange(completion()), PASS),
        (never_500, refusal(404), PASS),
        (never_500, refusal(500), FAIL),
        (never_500, refusal(503), INCONCLUSIVE),
        (never_500, exchange(error(), status=500, sent=BAD), INCONCLUSIVE),
        (never_500, hung(FailureKind.CLOSED), INCONCLUSIVE),
        # What arguments that are no JSON object bring about is a rule of its own.
        (never_500, exchange(error(), status=500, sent=calling_with('{"city":')), INCONCLUSIVE),
        (never_500, exchange(error(), status=500, sent=calling_with("[]")), INCONCLUSIVE),
        (never_500, exchange(error(), status=500, sent=calling_with("{}")), FAIL),
    ],
)
def test_errors_are_judged(invariant: Callable[..., object], came: Exchange, expected: Verdict) -> None:
    """One error gives its invariant the verdict that it deserves."""
    assert verdict(invariant, came) is expected


def test_the_vocabulary_of_errors_is_recorded() -> None:
    """An integer code, missing members, and a null that became a word are observations."""
    codes = judged(
        nested,
        refusal(code=404),
        exchange({"error": {"message": "No.", "type": "x"}}, status=400),
        refusal(401, param="None", code="401"),
    )

    camps = [each.camp for each in codes.observations]
    assert camps == ["integer-code", "param-and-code-missing", "null-as-a-word"]


SERVED = exchange(completion())
CONTROLS = {"control": SERVED, "control-streamed": streamed()}


def refused(
    *wrong: Defect, plain: Exchange | None = None, stream: Exchange | None = None
) -> dict[str, Exchange]:
    """A good request that was answered, and defects that were refused in both forms."""
    steps: dict[str, Exchange] = dict(CONTROLS)
    for defect in wrong:
        steps[defect.name] = plain or refusal(param=defect.param)
        steps[streamed_step(defect.name)] = stream or plain or refusal(param=defect.param)
    return steps


@pytest.mark.parametrize(
    ("plain", "stream", "expected"),
    [
        (refusal(404, code="model_not_found"), None, PASS),
        (refusal(400), refusal(404), PASS),
        (refusal(403), None, PASS),
        (exchange(completion()), streamed(), FAIL),
        (refusal(404), streamed(), FAIL),
        (refusal(404), exchange(sse([error()], done=False)), FAIL),
        (refusal(500), None, FAIL),
        (refusal(503), None, ERROR),
        # What the body of an error must be is another rule's affair.
        (exchange({"detail": "Not Found"}, status=404), None, PASS),
    ],
)
def test_an_unknown_model_is_refused(plain: Exchange, stream: Exchange | None, expected: Verdict) -> None:
    """A 200 and a 5xx fail, other 4xx than 404 are camps."""
    steps = refused(FOREIGN_MODEL, plain=plain, stream=stream)

    assert verdict(test_refusals.test_an_unknown_model_answers_404, play(steps)) is expected


@pytest.mark.parametrize(
    ("came", "expected"),
    [
        (refusal(404, code="model_not_found"), PASS),
        (refusal(404, "There is no 'nope-abc'."), PASS),
        (refusal(404, "The model does not exist."), PASS),
        (refusal(404, "Not Found"), FAIL),
        (exchange({"detail": "Not Found"}, status=404), FAIL),
        (exchange(completion()), INCONCLUSIVE),
    ],
)
def test_an_unknown_model_must_be_called_so(came: Exchange, expected: Verdict) -> None:
    """A client tells a wrong model from a wrong path by what the error says."""
    judged_play = play(refused(FOREIGN_MODEL, plain=came), unknown_model="ABC")

    assert verdict(test_refusals.test_an_unknown_model_is_called_so, judged_play) is expected


def test_a_refusal_without_a_control_proves_nothing() -> None:
    """Where the good request is refused too, an unknown model's 404 is no evidence."""
    steps = {**refused(FOREIGN_MODEL, plain=refusal(404)), "control": refusal(404)}

    for check in (
        test_refusals.test_an_unknown_model_answers_404,
        test_statuses.test_an_unknown_model_has_no_status_that_is_retried,
    ):
        assert verdict(check, play(steps)) is INCONCLUSIVE


BLAMED = test_refusals.BLAMED


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, PASS),
        ({"empty-messages": refusal(param=None)}, PASS),
        ({TOO_HOT.name: SERVED, "no-model": SERVED}, PASS),
        ({"no-model": refusal(param=None), "temperature=x": refusal(param=None)}, PASS),
        ({defect.name: refusal(param="x") for defect in BLAMED[:3]}, FAIL),
        ({defect.name: SERVED for defect in BLAMED[1:]}, PASS),
        ({**dict.fromkeys([each.name for each in BLAMED], SERVED), "no-messages": refusal(param=None)}, FAIL),
        ({defect.name: refusal(param=None) for defect in BLAMED}, FAIL),
        ({defect.name: SERVED for defect in BLAMED}, INCONCLUSIVE),
    ],
)
def test_a_refusal_names_the_parameter(changed: dict[str, Exchange], expected: Verdict) -> None:
    """Three of five refusals name the member, or all of fewer than three."""
    steps = {**CONTROLS, **{each.name: refusal(param=each.param) for each in BLAMED}, **changed}

    assert verdict(test_refusals.test_a_validation_error_names_the_parameter, play(steps)) is expected


def test_any_of_several_defects_may_be_blamed() -> None:
    """A refusal of several wrong values at once blames one of them in its param."""
    steps = {**CONTROLS, WRONG_TYPES.step: refusal(param="stop"), OUTSIDE.step: refusal(param="n")}
    check = test_refusals.test_a_validation_error_names_the_parameter

    assert verdict(check, play(steps)) is PASS
    assert verdict(check, play({**steps, OUTSIDE.step: refusal(param="messages")})) is FAIL


def unprocessable(*place: str) -> Exchange:
    """FastAPI's default refusal of what stands in this place, which repeats the input."""
    fault = {"loc": place, "msg": "No.", "input": {"n": 0}}
    return exchange({"detail": [fault]}, status=422)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, PASS),
        ({"empty-messages-streamed": refusal(400, "Bad Request")}, FAIL),
        ({"invented-role": refusal(400, "banana is nobody")}, PASS),
        ({"invented-role": refusal(400, "Bad Request")}, FAIL),
        ({"foreign-part": refusal(400, "messages[0].content[1].type")}, PASS),
        ({TEMPERATURE_WORD.name: refusal(400, "Bad Request")}, FAIL),
        ({TOO_HOT.name: refusal(400, "Bad Request")}, FAIL),
        ({"n=0": refusal(400, "No number.")}, FAIL),
        ({"n=0": refusal(400, "n: must be positive")}, PASS),
        ({"n=0": unprocessable("body", "n")}, PASS),
        (
            {"n=0": unprocessable("body")},
            FAIL,
        ),
        ({"n=0": SERVED}, PASS),
    ],
)
def test_a_refusal_tells_which_member(changed: dict[str, Exchange], expected: Verdict) -> None:
    """The words Bad Request help nobody."""
    steps = {**refused(*MEMBERS, *WRONG_TYPES.core, *OUTSIDE.core), **changed}

    assert verdict(test_refusals.test_a_refusal_tells_what_is_wrong, play(steps)) is expected


def test_what_is_not_refused_tells_nothing() -> None:
    """Where nothing is refused there is nothing to be told."""
    steps = {**CONTROLS, WRONG_TYPES.step: SERVED, OUTSIDE.step: SERVED}

    assert verdict(test_refusals.test_a_refusal_tells_what_is_wrong, play(steps)) is INCONCLUSIVE


@pytest.mark.parametrize(
    ("check", "wrong"),
    [
        (test_refusals.test_both_forms_refuse_the_same_defects, DEFECTS),
        (test_refusals.test_both_forms_refuse_the_same_members, (NO_MESSAGES, *MEMBERS)),
        (test_refusals.test_both_forms_refuse_the_same_members, OUTSIDE.defects),
    ],
)
@pytest.mark.parametrize(
    ("plain", "stream", "expected"),
    [
        (refusal(400, code="a"), refusal(400, code="a"), PASS),
        (refusal(400), refusal(422), FAIL),
        (refusal(400, code="a"), refusal(400, code="b"), FAIL),
        (refusal(400), streamed(), FAIL),
        (exchange(completion()), refusal(400), FAIL),
        (exchange(completion()), streamed(), INCONCLUSIVE),
    ],
)
def test_both_forms_refuse_alike(
    check: Callable[..., object],
    wrong: tuple[Defect, ...],
    plain: Exchange,
    stream: Exchange,
    expected: Verdict,
) -> None:
    """Another status, another code, or no refusal in one of the forms fails."""
    assert verdict(check, play(refused(*wrong, plain=plain, stream=stream))) is expected


@pytest.mark.parametrize(("status", "expected"), [(404, PASS), (503, FAIL), (500, FAIL), (408, FAIL)])
def test_a_permanent_fault_is_no_reason_to_retry(status: int, expected: Verdict) -> None:
    """An unknown model has no status that clients try again."""
    unknown = play(refused(FOREIGN_MODEL, plain=refusal(status)))

    assert verdict(test_statuses.test_an_unknown_model_has_no_status_that_is_retried, unknown) is expected


def test_every_bad_body_is_seen_as_one() -> None:
    """The contract itself tells the bad bodies from the legal ones, whoever sent them."""
    good: Body = request_body()
    for defect in (*DEFECTS, *MEMBERS, *WRONG_TYPES.defects, *OUTSIDE.defects):
        came = exchange(error(), status=503, sent=defect.applied(good, unknown_model="nope"), url=CHAT)
        expected = INCONCLUSIVE if defect is FOREIGN_MODEL else FAIL
        assert verdict(final, came) is expected, defect.name
