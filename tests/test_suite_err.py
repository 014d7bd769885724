"""Each check of errors turns red on its defect, and lets other vocabularies pass."""

from collections.abc import Callable

import pytest

from chatconform.findings.verdict import Verdict
from chatconform.suites.err import test_objects, test_refusals
from chatconform.suites.req.defects import (
    DEFECTS,
    EMPTY_MESSAGES,
    FIVE_STOPS,
    FOREIGN_MODEL,
    NO_MESSAGES,
    NO_MODEL,
    OUTSIDE,
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
not_in_200 = test_objects.test_no_error_is_sent_with_200
reticent = test_objects.test_errors_tell_nothing_of_the_inside
final = test_objects.test_a_bad_request_has_no_status_that_is_retried
never_500 = test_objects.test_a_legal_request_never_answers_500
BAD = request_body(temperature="x")
MODELS = "http://target/v1/models"
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
        (nested, exchange({"object": "error", "message": "No.", "type": "x"}, status=400), FAIL),
        (nested, exchange(b"<html>", status=502, media_type="text/html"), FAIL),
        (nested, exchange(b"", status=404, media_type="text/plain"), FAIL),
        (nested, refusal(message=""), FAIL),
        (nested, refusal(type=None), FAIL),
        (nested, refusal(param=["a"]), FAIL),
        (nested, refusal(code={}), FAIL),
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


def refused(
    *wrong: Defect, plain: Exchange | None = None, stream: Exchange | None = None
) -> dict[str, Exchange]:
    """A good request that was answered, and defects that were refused in both forms."""
    steps = {"control": exchange(completion())}
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
        (exchange({"detail": "Not Found"}, status=404), None, FAIL),
    ],
)
def test_an_unknown_model_is_refused(plain: Exchange, stream: Exchange | None, expected: Verdict) -> None:
    """A 200 and a 5xx fail, other 4xx than 404 are camps."""
    steps = refused(FOREIGN_MODEL, plain=plain, stream=stream)

    assert verdict(test_refusals.test_an_unknown_model_answers_404, play(steps)) is expected


def test_a_refusal_without_a_control_proves_nothing() -> None:
    """Where the good request is refused too, an unknown model's 404 is no evidence."""
    steps = {**refused(FOREIGN_MODEL, plain=refusal(404)), "control": refusal(404)}

    assert verdict(test_refusals.test_an_unknown_model_answers_404, play(steps)) is INCONCLUSIVE
    assert (
        verdict(test_objects.test_an_unknown_model_has_no_status_that_is_retried, play(steps)) is INCONCLUSIVE
    )


SERVED = exchange(completion())
BLAMED = (TOO_HOT, FIVE_STOPS, EMPTY_MESSAGES, NO_MESSAGES, NO_MODEL)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, PASS),
        ({"empty-messages": refusal(param=None)}, PASS),
        ({"five-stops": exchange(completion()), "no-model": exchange(completion())}, PASS),
        ({"five-stops": refusal(param=None), "no-model": refusal(param=None)}, PASS),
        ({defect.name: refusal(param="x") for defect in BLAMED[:3]}, FAIL),
        ({defect.name: exchange(completion()) for defect in BLAMED[1:]}, PASS),
        ({**dict.fromkeys([each.name for each in BLAMED], SERVED), "no-messages": refusal(param=None)}, FAIL),
        ({defect.name: refusal(param=None) for defect in BLAMED}, FAIL),
        ({defect.name: exchange(completion()) for defect in BLAMED}, INCONCLUSIVE),
    ],
)
def test_a_refusal_names_the_parameter(changed: dict[str, Exchange], expected: Verdict) -> None:
    """Three of five refusals name the member, or all of fewer than three."""
    steps = {**refused(*BLAMED), **changed}

    assert verdict(test_refusals.test_a_validation_error_names_the_parameter, play(steps)) is expected


@pytest.mark.parametrize(
    ("check", "wrong"),
    [
        (test_refusals.test_both_forms_refuse_the_same_defects, DEFECTS),
        (test_refusals.test_both_forms_refuse_the_same_types, WRONG_TYPES),
        (test_refusals.test_both_forms_refuse_the_same_ranges, OUTSIDE),
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
    """An unknown model and a wrong key have no status that clients try again."""
    unknown = play(refused(FOREIGN_MODEL, plain=refusal(status)))
    wrong = play({"with-key": exchange(completion()), "wrong-key": refusal(status)})

    assert verdict(test_objects.test_an_unknown_model_has_no_status_that_is_retried, unknown) is expected
    assert verdict(test_objects.test_a_wrong_key_has_no_status_that_is_retried, wrong) is expected


def test_every_bad_body_is_seen_as_one() -> None:
    """The contract itself tells the bad bodies from the legal ones, whoever sent them."""
    good: Body = request_body()
    for defect in (*DEFECTS, *WRONG_TYPES, *OUTSIDE):
        came = exchange(error(), status=503, sent=defect.applied(good, unknown_model="nope"), url=CHAT)
        expected = INCONCLUSIVE if defect is FOREIGN_MODEL else FAIL
        assert verdict(final, came) is expected, defect.name
