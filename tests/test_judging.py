"""From findings to judgements: what a refusal means, how attempts combine, what a bug of ours does."""

import json
from dataclasses import replace

import pytest

from chatconform.findings.finding import Broken, NotProvoked, Unmeasured, expect, provoked
from chatconform.findings.verdict import Evidence, Observation, Verdict, worst
from chatconform.judging.attempts import Attempts
from chatconform.judging.check import Check, Invariant, Survey
from chatconform.judging.judge import judge_plays, judge_traffic
from chatconform.judging.sampling import RELIABLE, SINGLE, SWIFT, Sampling
from chatconform.plays.path import AFTER_TOOL_RESULT, PLAIN, Path
from chatconform.plays.play import Play
from chatconform.plays.scenario import Scenario, scenario
from chatconform.plays.stage import Stage
from chatconform.reports.attempts import kept
from chatconform.wire.exchange import Exchange, Failure, FailureKind, Request, Response
from chatconform.wire.stream import Arrival

AT = Evidence(exchange="x0001", where="body", quoted="")


@scenario(paths=(PLAIN, AFTER_TOOL_RESULT))
async def nothing(stage: Stage) -> None:
    """Sends nothing."""


@scenario(attempts=3)
async def thrice(stage: Stage) -> None:
    """Tries three times to send nothing."""


def check_that(judge, *, feature: tuple[str, ...] = (), played: Scenario = nothing) -> Check:
    return Check(
        id="stop.something",
        requirement="CC-STOP-001",
        rule="Something holds.",
        judge=judge,
        scenario=played,
        control=None,
        paths=played.paths,
        feature=feature,
    )


def exchange(
    status: int = 200, body: object = None, *, name: str = "x0001", step: str = "answer"
) -> Exchange:
    raw = json.dumps(body or {}).encode()
    response = Response(
        status=status,
        reason="",
        headers=(("Content-Type", "application/json"),),
        raw=raw,
        arrivals=(Arrival(at=0.1, size=len(raw)),),
        headers_at=0.1,
    )
    request = Request(method="POST", url="http://target/v1/chat/completions", headers=(), body=b"{}")
    return Exchange(
        id=name, scenario="s", path="plain", attempt=1, step=step, request=request, response=response,
        failure=None, started=0.0, elapsed=0.1,
    )  # fmt: skip


def play(*exchanges: Exchange, path: Path = PLAIN, **fields: str) -> Play:
    return Play(scenario="s", path=path, exchanges=exchanges, **fields)


def completion(text: str = "hello") -> dict[str, object]:
    message = {"role": "assistant", "content": text}
    return {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}


def refusal(message: str, param: str | None = None) -> dict[str, object]:
    return {"error": {"message": message, "type": "invalid_request_error", "param": param, "code": None}}


def raising(error: Exception):
    def judge(_: Play) -> None:
        raise error

    return judge


@pytest.mark.parametrize(
    ("judge", "verdict"),
    [
        (lambda _: None, Verdict.PASS),
        (raising(Broken("no")), Verdict.FAIL),
        (raising(NotProvoked("no")), Verdict.INCONCLUSIVE),
        (raising(Unmeasured("no")), Verdict.ERROR),
        (raising(TypeError("ours")), Verdict.ERROR),
        (raising(AssertionError("ours")), Verdict.ERROR),
    ],
)
def test_a_finding_is_a_verdict(judge, verdict: Verdict) -> None:
    """A check that returns has passed; each finding, and each mistake of ours, has its verdict."""
    assert judge_plays(check_that(judge), [play(exchange())]).verdict is verdict


def test_a_mistake_of_ours_is_told_as_one() -> None:
    """An exception in a check leaves its traceback in the judgement, and is no verdict on the target."""
    judgement = judge_plays(check_that(raising(ZeroDivisionError("ours"))), [play(exchange())])

    assert "ZeroDivisionError: ours" in judgement.reason
    assert "Traceback" in judgement.bug


def test_a_failed_expectation_keeps_what_was_expected_and_what_came() -> None:
    """`expect` puts the expectation, what came and where into the judgement."""

    def judge(_: Play) -> None:
        expect(False, "a stop", came="length", at=AT)

    judgement = judge_plays(check_that(judge), [play(exchange())])

    assert (judgement.expected, judgement.came, judgement.evidence) == ("a stop", "length", (AT,))


def test_an_unprovoked_condition_says_what_was_missing() -> None:
    """`provoked` leaves a requirement inconclusive with its reason."""

    def judge(_: Play) -> None:
        provoked(False, "no vowel came")

    assert "no vowel came" in judge_plays(check_that(judge), [play(exchange())]).reason


@pytest.mark.parametrize(
    ("status", "body", "feature", "verdict"),
    [
        (400, refusal("stop is not supported", "stop"), ("stop",), Verdict.UNSUPPORTED),
        (400, refusal("This model takes no stop sequences"), ("stop",), Verdict.UNSUPPORTED),
        (400, {"detail": "stop: extra fields not permitted"}, ("stop",), Verdict.UNSUPPORTED),
        (400, {"error": "unknown field stop"}, ("stop",), Verdict.UNSUPPORTED),
        (400, refusal("Bad request"), ("stop",), Verdict.FAIL),
        (400, refusal("stop is not supported"), (), Verdict.FAIL),
        (404, {"detail": "Not Found"}, ("stop",), Verdict.FAIL),
        (404, refusal("there is no such route, stop"), ("stop",), Verdict.FAIL),
        (400, refusal("temperature cannot be taken"), ("n",), Verdict.FAIL),
        (400, refusal("n > 1 is not supported"), ("n",), Verdict.UNSUPPORTED),
        (400, refusal("No.", "n"), ("n",), Verdict.UNSUPPORTED),
        (400, refusal("tool_calls are not supported"), ("tool",), Verdict.UNSUPPORTED),
        (401, refusal("stop, your key has expired"), ("stop",), Verdict.ERROR),
        (402, refusal("stop, you have run out of money"), ("stop",), Verdict.ERROR),
        (408, refusal("stop"), ("stop",), Verdict.ERROR),
        (429, refusal("stop, you send too much"), ("stop",), Verdict.ERROR),
        (500, refusal("stop broke the engine"), ("stop",), Verdict.ERROR),
        (503, {}, ("stop",), Verdict.ERROR),
        (302, {}, ("stop",), Verdict.ERROR),
    ],
)
def test_only_a_refusal_that_names_the_feature_is_unsupported(
    status: int, body: object, feature: tuple[str, ...], verdict: Verdict
) -> None:
    """A 4xx that names the feature is unsupported, another 4xx fails, anything else measures nothing."""

    def judge(given: Play) -> None:
        given.answer("answer")

    assert judge_plays(check_that(judge, feature=feature), [play(exchange(status, body))]).verdict is verdict


def test_a_path_may_be_refused_by_name_too() -> None:
    """On the path after a tool result, a refusal that names tools leaves the check unsupported."""

    def judge(given: Play) -> None:
        given.answer("answer")

    refused = exchange(400, refusal("tools are not supported"))

    judged = check_that(judge, feature=("stop",))
    assert judge_plays(judged, [play(refused, path=AFTER_TOOL_RESULT)]).verdict is Verdict.UNSUPPORTED
    assert judge_plays(judged, [play(refused)]).verdict is Verdict.FAIL


def test_a_broken_connection_measures_nothing() -> None:
    """Without a response the verdict is error, with the failure as evidence."""

    def judge(given: Play) -> None:
        given.answer("answer")

    broken = replace(
        exchange(), response=None, failure=Failure(kind=FailureKind.CLOSED, message="reset by peer", at=0.2)
    )
    judgement = judge_plays(check_that(judge), [play(broken)])

    assert judgement.verdict is Verdict.ERROR
    assert "reset by peer" in judgement.evidence[0].quoted


def test_a_step_that_was_not_reached_is_inconclusive() -> None:
    """Where the scenario ended early, checks of later steps say why."""

    def judge(given: Play) -> None:
        given.answer("second")

    judgement = judge_plays(check_that(judge), [play(exchange(), ended="the model made no tool call")])

    assert judgement.verdict is Verdict.INCONCLUSIVE
    assert "the model made no tool call" in judgement.reason


def by_text(given: Play) -> None:
    text = given.answer("answer").text
    provoked(text != "silent", "silence")
    expect(text == "good", "good", came=text, at=AT)


@pytest.mark.parametrize(
    ("texts", "sampling", "verdict"),
    [
        (["good", "good", "good"], SINGLE, Verdict.PASS),
        (["bad", "good"], SINGLE, Verdict.FAIL),
        (["silent", "good"], SINGLE, Verdict.PASS),
        (["silent", "silent"], SINGLE, Verdict.INCONCLUSIVE),
        (["silent", "bad"], SINGLE, Verdict.FAIL),
        (["good"], SWIFT, Verdict.PASS),
        (["bad", "bad"], SWIFT, Verdict.FAIL),
        (["bad", "good", "bad"], SWIFT, Verdict.FAIL),
        (["bad", "good", "good", "good", "good"], SWIFT, Verdict.PASS),
        (["silent", "bad"], SWIFT, Verdict.INCONCLUSIVE),
        # Where nobody can ask again, what is likelier stands.
        (["bad"], SWIFT, Verdict.FAIL),
        (["bad", "good", "good", "good"], SWIFT, Verdict.FAIL),
        (["good"] * 29, RELIABLE, Verdict.PASS),
        (["bad"], RELIABLE, Verdict.FAIL),
        (["good"] * 20 + ["bad"], RELIABLE, Verdict.FAIL),
        (["good"] * 30 + ["bad"], RELIABLE, Verdict.PASS),
    ],
)
def test_attempts_combine(texts: list[str], sampling: Sampling, verdict: Verdict) -> None:
    """The sampling decides between attempts that kept the rule and attempts that broke it."""
    plays = [play(exchange(body=completion(text))) for text in texts]

    judgement = judge_plays(check_that(by_text), plays, sampling)

    assert judgement.verdict is verdict
    assert len(judgement.attempts) == (len(texts) if len(texts) > 1 else 0)


def test_what_was_kept_only_mostly_says_so_with_an_interval() -> None:
    """A pass with a breach in it hides neither how often that was nor where it stood."""
    plays = [play(exchange(body=completion(text))) for text in ["bad", "good", "good", "good", "good"]]

    judgement = judge_plays(check_that(by_text), plays, SWIFT)

    assert judgement.verdict is Verdict.PASS
    assert kept(judgement) == "kept in 4 of 5 attempts (95 % interval 28 to 99 %)"
    assert judgement.reason == "expected good, came bad"
    assert judgement.evidence


def test_observations_are_kept_once() -> None:
    """What a check observes is in the judgement, without repetitions, and changes no verdict."""
    plays = [play(exchange()), play(exchange())]

    judgement = judge_plays(check_that(lambda _: Observation("order", "first")), plays)

    assert judgement.verdict is Verdict.PASS
    assert judgement.observations == (Observation("order", "first"),)


def successes(given: Exchange) -> bool:
    """Every answer with 200."""
    return given.response is not None and given.response.status == 200


def invariant_that(judge) -> Invariant:
    return Invariant(
        id="resp.something",
        requirement="CC-RESP-001",
        rule="Something holds.",
        judge=judge,
        form=successes,
        provoked_by=(nothing,),
    )


def no_bad(given: Exchange) -> None:
    assert given.response is not None
    expect("bad" not in given.response.text, "no bad", came=given.response.text, at=AT)


def test_an_invariant_fails_for_one_exchange_of_many() -> None:
    """One exchange that breaks an invariant fails it, and the reason says how many did."""
    traffic = [exchange(body={"n": n if n != 3 else "bad"}, name=f"x{n}") for n in range(6)]

    judgement = judge_traffic(invariant_that(no_bad), [*traffic, exchange(404, name="x9")])

    assert judgement.verdict is Verdict.FAIL
    assert judgement.reason.startswith("1 of 6 exchanges")
    assert judgement.exchanges == ("x0", "x1", "x2", "x3", "x4", "x5")


def test_an_invariant_without_its_form_is_inconclusive() -> None:
    """No exchange of the form is no pass, and the reason says what would have been one."""
    judgement = judge_traffic(invariant_that(no_bad), [exchange(404)])

    assert judgement.verdict is Verdict.INCONCLUSIVE
    assert judgement.reason == "none was seen of what it judges: every answer with 200"


def test_a_form_that_cannot_be_read_is_not_judged() -> None:
    """A form that stumbles over hostile bytes excludes the exchange instead of breaking the run."""
    made = replace(invariant_that(no_bad), form=lambda given: bool(given.response.json))
    hostile = exchange()
    hostile = replace(hostile, response=replace(hostile.response, raw=b"\xff{"))

    assert judge_traffic(made, [hostile]).verdict is Verdict.INCONCLUSIVE


ILLNESS = "the target was given up: 500"


def ill(status: int = 500, body: object = None, *, name: str = "x0009", step: str = "answer") -> Exchange:
    return replace(exchange(status, body, name=name, step=step), illness=ILLNESS)


def test_an_invariant_keeps_the_verdict_of_the_traffic_before_an_illness() -> None:
    """What an ill target sends is not judged; what it sent before is, either way."""
    good, bad = exchange(body={"n": 1}), exchange(body={"n": "bad"}, name="x0002")
    spoilt = ill(200, {"n": "bad"})

    passed = judge_traffic(invariant_that(no_bad), [good, spoilt])
    failed = judge_traffic(invariant_that(no_bad), [good, bad, spoilt])

    assert (passed.verdict, passed.exchanges) == (Verdict.PASS, ("x0001",))
    assert (failed.verdict, failed.exchanges) == (Verdict.FAIL, ("x0001", "x0002"))


@pytest.mark.parametrize(
    "judge", [no_bad, raising(NotProvoked("not seen"))], ids=["nothing-to-judge", "nothing-seen"]
)
def test_an_invariant_that_an_illness_left_open_is_an_error(judge) -> None:
    """Where nothing settled the rule before the target fell ill, it was not measured, for that reason."""
    traffic = [exchange(404), *([] if judge is no_bad else [exchange()] * 3), ill()]

    judgement = judge_traffic(invariant_that(judge), traffic)

    assert judgement.verdict is Verdict.ERROR
    assert judgement.reason == ILLNESS
    assert judgement.evidence[0].exchange == "x0009"


def test_an_illness_that_was_made_up_for_leaves_nothing_open() -> None:
    """What was sent again is missing nowhere."""
    again = replace(ill(), sent_again=True)

    assert judge_traffic(invariant_that(no_bad), [exchange(404), again]).verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize("step", ["answer", "later"])
def test_a_step_that_met_an_ill_target_is_not_measured(step: str) -> None:
    """Neither is one that was not reached for that; the reason names the illness, and the evidence where."""
    made = check_that(lambda played: expect(played.response(step).status == 200, "200", came="500", at=AT))

    judgement = judge_plays(made, [play(exchange(step="first"), ill(), ended="no answer")])

    assert judgement.verdict is Verdict.ERROR
    assert ILLNESS in judgement.reason
    assert judgement.evidence[0].exchange == "x0009"


def test_a_control_that_met_an_ill_target_measures_nothing() -> None:
    """A comparison with a play that was cut short by an illness is as little measured."""

    def judge(played: Play) -> None:
        provoked(played.comparison.exchanges[0].step == "other", "there is nothing to compare with")

    compared = play(exchange()).compared_with(play(ill()))

    assert judge_plays(check_that(judge), [compared]).verdict is Verdict.ERROR


def test_steps_before_an_illness_are_judged() -> None:
    """A check that looks at what came before stands, whether it passed or failed."""
    played = play(exchange(step="first"), ill())
    broken = check_that(lambda told: expect(told.response("first").status == 404, "404", came="200", at=AT))

    assert (
        judge_plays(check_that(lambda told: told.response("first") and None), [played]).verdict
        is Verdict.PASS
    )
    assert judge_plays(broken, [played]).verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("raw", "verdict"),
    [(b"data: {}\n\n", Verdict.ERROR), (b"data: {}\n\ndata: [DONE]\n\n", Verdict.PASS), (b"", Verdict.ERROR)],
)
def test_an_answer_that_did_not_end_in_time_is_not_measured(raw: bytes, verdict: Verdict) -> None:
    """Half an answer is none, unless it is a stream that had its terminator."""
    late = exchange()
    assert late.response is not None
    headers = (("Content-Type", "text/event-stream"),)
    response = replace(
        late.response, headers=headers, raw=raw, arrivals=(Arrival(at=0.1, size=len(raw)),), complete=False
    )
    failure = Failure(kind=FailureKind.TIMEOUT, message="the answer did not end within 1 s", at=1.0)
    played = play(replace(late, response=response, failure=failure))

    judgement = judge_plays(check_that(lambda told: told.response("answer") and None), [played])

    assert judgement.verdict is verdict
    assert ("did not end within 1 s" in judgement.reason) is (verdict is Verdict.ERROR)


def test_the_worst_verdict_stands_for_several() -> None:
    """A failure outweighs everything, and what was not measured is not hidden behind a pass."""
    assert worst([Verdict.PASS, Verdict.FAIL, Verdict.ERROR]) is Verdict.FAIL
    assert worst([Verdict.PASS, Verdict.INCONCLUSIVE]) is Verdict.INCONCLUSIVE
    assert worst([Verdict.NOT_APPLICABLE, Verdict.PASS]) is Verdict.PASS


def by_attempt(*findings: Exception | None):
    """A judge that finds another thing in each attempt."""

    def judge(attempted: Play) -> None:
        found = findings[attempted.attempt - 1]
        if found is not None:
            raise found

    return judge


@pytest.mark.parametrize(
    ("findings", "sampling", "decided"),
    [
        ((None,), SINGLE, True),
        ((Broken("no"),), SINGLE, True),
        ((Broken("no"),), SWIFT, False),
        ((Broken("no"), None), SWIFT, False),
        ((Broken("no"), Broken("no")), SWIFT, True),
        ((Broken("no"), None, None, None, None), SWIFT, True),
        ((None,) * 29, RELIABLE, False),
        ((None,) * 30, RELIABLE, True),
        ((Broken("no"),), RELIABLE, True),
        ((NotProvoked("no"),), SINGLE, False),
        ((NotProvoked("no"), NotProvoked("no")), SINGLE, False),
        ((NotProvoked("no"),) * 3, SINGLE, True),
        ((NotProvoked("no"), None), SINGLE, True),
        ((Unmeasured("no"),), SINGLE, True),
    ],
)
def test_a_target_is_asked_again_only_in_doubt(
    findings: tuple[Exception | None, ...], sampling: Sampling, decided: bool
) -> None:
    """One more attempt is worth its request only where the judgement could still change."""
    attempts = Attempts(check_that(by_attempt(*findings), played=thrice), sampling)
    for number in range(1, len(findings) + 1):
        attempts.take(replace(play(exchange()), attempt=number))

    assert attempts.is_decided is decided


def test_a_scenario_that_broke_down_is_a_bug_of_ours() -> None:
    """A play with an error judges no target: the verdict is `error`, with the traceback for a report."""
    judgement = judge_plays(check_that(lambda _: None), [play(error="Traceback ...\nHarnessError: ours")])

    assert judgement.verdict is Verdict.ERROR
    assert "HarnessError: ours" in judgement.reason
    assert judgement.bug.startswith("Traceback")


def survey_that(judge) -> Survey:
    return Survey(
        id="resp.something",
        requirement="CC-RESP-002",
        rule="Something holds of all together.",
        form=lambda judged: judged.response is not None and judged.response.status == 200,
        provoked_by=(nothing,),
        judge=judge,
    )


def test_a_survey_sees_all_exchanges_of_its_form_at_once() -> None:
    """It is asked once, with every exchange of the form and no other."""
    seen: list[tuple[str, ...]] = []
    traffic = [exchange(name="x1"), exchange(400, name="x2"), exchange(name="x3")]

    judgement = judge_traffic(
        survey_that(lambda found: seen.append(tuple(each.id for each in found))), traffic
    )

    assert seen == [("x1", "x3")]
    assert (judgement.verdict, judgement.exchanges) == (Verdict.PASS, ("x1", "x3"))


def test_a_survey_of_nothing_is_inconclusive() -> None:
    """Without any exchange of its form a survey says nothing of the target."""

    def judge(_: object) -> None:
        raise Broken("no")

    assert judge_traffic(survey_that(judge), [exchange(400)]).verdict is Verdict.INCONCLUSIVE
    assert judge_traffic(survey_that(judge), [exchange()]).verdict is Verdict.FAIL
