"""Each check of generated requests turns red on its defect, and lets what vendors may differ in pass."""

from collections.abc import Iterator

import pytest

from chatconform.findings.verdict import Verdict
from chatconform.suites.contract import test_frames as frames
from chatconform.suites.contract import test_generated as generated
from chatconform.tests.support.exchanges import (
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
from chatconform.tests.support.plays import AnyCheck, Theatre, checks_of
from chatconform.tests.support.theatres import served
from chatconform.wire.exchange import Exchange

PASS, FAIL, INCONCLUSIVE = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE

forbidden = generated.test_what_the_contract_forbids_is_refused
allowed = generated.test_what_the_contract_allows_is_answered
alike = generated.test_a_refusal_is_the_same_for_a_stream
fitting = generated.test_answers_to_generated_requests_fit_the_contract
refusals = generated.test_refusals_are_documented
documented = generated.test_answers_are_documented
objects = generated.test_error_objects_fit_the_contract
whole = generated.test_every_allowed_request_gets_a_whole_answer
methods = frames.test_undocumented_methods_are_refused
media_types = frames.test_undocumented_media_types_break_nothing

CONTROL = exchange(completion())
STEP, TWIN = "forbidden 0001: n: Incorrect type", "forbidden 0001: n: Incorrect type, as a stream"
LEGAL, ODD = "allowed 0001: stop", "odd 0001: stop"


@pytest.fixture(scope="module")
def theatre() -> Iterator[Theatre]:
    with served() as opened:
        yield opened


@pytest.mark.parametrize(("made", "path"), checks_of("contract"))
def test_the_reference_server_passes_every_check(theatre: Theatre, made: AnyCheck, path: str) -> None:
    """What the reference server answers passes, or this file proves nothing."""
    judgement = theatre.judge(made, path)

    assert judgement.verdict is PASS, judgement.reason


def bad(**members: object) -> Exchange:
    """A completion that answers a request with these members."""
    return exchange(completion(), sent={**request_body(), **members})


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"temperature": 3}, FAIL),
        ({"temperature": "AAA"}, FAIL),
        ({"n": 0}, FAIL),
        ({"n": [1]}, FAIL),
        ({"top_p": -0.1}, FAIL),
        ({"stop": {}}, FAIL),
        ({"stream": "AAA"}, FAIL),
        ({"tools": "AAA"}, FAIL),
        ({"tools": [{"type": "function"}]}, FAIL),
        ({"messages": []}, FAIL),
        ({"messages": None}, FAIL),
        ({"messages": [{"role": "banana", "content": "Hello"}]}, FAIL),
        ({"messages": [{"role": None, "content": "Hello"}]}, FAIL),
        ({"messages": [{"role": "user"}]}, FAIL),
        ({"messages": [{"role": "user", "content": {}}]}, FAIL),
        ({"model": None}, FAIL),
        # A server need not check what it does not know.
        ({"web_search_options": 5}, PASS),
        ({"prediction": {"type": "content"}}, PASS),
        ({"messages": [{"role": "user", "content": "Hello", "name": {}}]}, PASS),
        # Null often means "not given", and a number in quotes a number.
        ({"tools": None}, PASS),
        ({"parallel_tool_calls": None}, PASS),
        ({"n": "2"}, PASS),
        ({"stream": 1}, PASS),
        # Sizes of lists, limits of 0, and members that need each other are the affair of other rules.
        ({"stop": []}, PASS),
        ({"stop": ["a", "b", "c", "d", "e"]}, PASS),
        ({"tools": []}, PASS),
        ({"max_tokens": 0}, PASS),
        ({"stream_options": {"include_usage": True}}, PASS),
    ],
)
def test_only_what_every_server_has_to_notice_has_to_be_refused(
    members: dict[str, object], expected: Verdict
) -> None:
    """A bad request that is answered fails where its defect is one that no server may overlook."""
    assert verdict(forbidden, play({"control": CONTROL, STEP: bad(**members)})) is expected


def test_what_is_refused_breaks_no_rule() -> None:
    """A refusal of a bad request passes, whatever its status; without any answer nothing is known."""
    sent = request_body(temperature=3)
    refused = exchange(error("temperature"), status=400, sent=sent)

    assert verdict(forbidden, play({"control": CONTROL, STEP: refused})) is PASS
    assert verdict(forbidden, play({"control": CONTROL, STEP: hung(sent=sent)})) is INCONCLUSIVE
    assert verdict(forbidden, play({"control": refusal(), STEP: refused})) is INCONCLUSIVE


def test_the_evidence_is_the_smallest_request_that_fails() -> None:
    """Where a request was made smaller, the evidence and so the curl line is that of the smallest one."""
    large = bad(temperature=3, seed=5, user="somebody", metadata={"a": "b"})
    small = bad(temperature=3)
    refused = exchange(error(), status=400, sent=request_body())

    judgement = judged(
        forbidden,
        play(
            {
                "control": CONTROL,
                STEP: large,
                f"{STEP}, smaller 1": refused,
                f"{STEP}, smaller 2": small,
            }
        ),
    )

    assert judgement.verdict is FAIL
    assert judgement.evidence[0].exchange == small.id
    assert "1 of 1 generated requests" in judgement.came


@pytest.mark.parametrize(
    ("came", "expected"),
    [
        (exchange(completion(), sent=request_body(stop="x")), PASS),
        (exchange(error("stop is not supported"), status=400, sent=request_body(stop="x")), PASS),
        (exchange(error("Bad request."), status=400, sent=request_body(stop="x")), FAIL),
        (exchange(error("Invalid messages."), status=422, sent=request_body(stop="x")), FAIL),
        (exchange(error("Slow down."), status=429, sent=request_body(stop="x")), INCONCLUSIVE),
        (exchange(error("Oh."), status=500, sent=request_body(stop="x")), INCONCLUSIVE),
    ],
)
def test_a_legal_request_is_answered_or_its_feature_named(came: Exchange, expected: Verdict) -> None:
    """A refusal of a legal request has to name what the server does not have."""
    assert verdict(allowed, play({"control": CONTROL, LEGAL: came})) is expected


@pytest.mark.parametrize(
    ("plain", "twin", "expected"),
    [
        (refusal(400), refusal(400), PASS),
        (refusal(400), refusal(422), FAIL),
        (refusal(400), streamed(), FAIL),
        (refusal(400), exchange({}, status=400), FAIL),
        (exchange({}, status=400), exchange({}, status=400), PASS),
        (refusal(400), refusal(429), INCONCLUSIVE),
        (exchange(completion()), streamed(), INCONCLUSIVE),
    ],
)
def test_both_forms_refuse_alike(plain: Exchange, twin: Exchange, expected: Verdict) -> None:
    """A refusal of a stream is that of the plain request: same status, same kind of body."""
    assert verdict(alike, play({"control": CONTROL, STEP: plain, TWIN: twin})) is expected


@pytest.mark.parametrize("step", [LEGAL, f"{LEGAL}, as a stream", ODD])
@pytest.mark.parametrize(
    ("came", "expected"),
    [
        (exchange(completion()), PASS),
        (exchange({**completion(), "created": "today"}), FAIL),
        (streamed(), PASS),
        (streamed(["{}"]), FAIL),
        (streamed(done=False), FAIL),
    ],
)
def test_answers_have_to_fit(step: str, came: Exchange, expected: Verdict) -> None:
    """A completion, every event and the whole stream are held to the schema of the contract."""
    sound = {"allowed 0000: control": exchange(completion())}

    assert verdict(fitting, play({**sound, step: came})) is expected


@pytest.mark.parametrize(
    ("came", "expected"),
    [
        (refusal(400), PASS),
        (refusal(413), PASS),
        (refusal(422), PASS),
        (refusal(418), FAIL),
        (exchange(error(), status=400, media_type="text/html"), FAIL),
        (refusal(429), INCONCLUSIVE),
    ],
)
def test_refusals_have_to_be_documented(came: Exchange, expected: Verdict) -> None:
    """A refusal has a status and a media type that the contract knows, or 422."""
    assert verdict(refusals, play({STEP: came})) is expected


def test_error_objects_have_to_fit() -> None:
    """A refusal whose error is a word, or whose message is none, fails; one with more members does not."""
    assert verdict(objects, play({STEP: refusal(400, more=1)})) is PASS
    assert verdict(objects, play({STEP: exchange({"error": "No."}, status=400)})) is FAIL
    assert verdict(objects, play({TWIN: refusal(400, message={})})) is FAIL


def test_answers_have_to_be_documented() -> None:
    """A completion under another status or media type fails."""
    assert verdict(documented, play({LEGAL: exchange(completion())})) is PASS
    assert verdict(documented, play({LEGAL: exchange(completion(), status=203)})) is FAIL
    assert verdict(documented, play({ODD: exchange(completion(), media_type="text/plain")})) is FAIL


@pytest.mark.parametrize(
    ("came", "expected"),
    [
        (exchange(completion()), PASS),
        (refusal(400), PASS),
        (refusal(500), FAIL),
        (refusal(503), INCONCLUSIVE),
        (hung(), FAIL),
    ],
)
@pytest.mark.parametrize("step", [LEGAL, ODD])
def test_every_legal_request_gets_a_whole_answer(step: str, came: Exchange, expected: Verdict) -> None:
    """A server failure, a hang or a cut is no answer; a refusal is one."""
    assert verdict(whole, play({step: came})) is expected


@pytest.mark.parametrize(
    ("status", "allow", "expected"),
    [
        (405, "POST", PASS),
        (405, "", FAIL),
        (404, "", PASS),
        (501, "", PASS),
        (200, "", FAIL),
        (500, "", FAIL),
    ],
)
def test_undocumented_methods(status: int, allow: str, expected: Verdict) -> None:
    """A method that does not exist is refused, and a 405 says which do."""
    headers = (("allow", allow),) if allow else ()
    came = exchange(error(), status=status, headers=headers)

    assert verdict(methods, play({"control": CONTROL, "method PUT /models": came})) is expected


@pytest.mark.parametrize(
    ("came", "expected"),
    [
        (exchange(completion()), PASS),
        (refusal(415), PASS),
        (exchange({}, status=415), FAIL),
        (refusal(500), FAIL),
    ],
)
def test_undocumented_media_types(came: Exchange, expected: Verdict) -> None:
    """Another media type is read as JSON or refused with an error object."""
    assert verdict(media_types, play({"control": CONTROL, "declared text/html": came})) is expected
