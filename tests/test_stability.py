"""Which verdicts of equal runs are unstable, how often each came, and which cause the records tell."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chatconform.findings.interval import clopper_pearson
from chatconform.findings.proportion import Proportion
from chatconform.findings.verdict import Judgement, Verdict
from chatconform.gating.baseline import Flaky
from chatconform.gating.reading import read_baseline
from chatconform.gating.writing import block, first_text
from chatconform.history.glance import glance_of
from chatconform.ledger import load_ledger
from chatconform.oracles.wire import said
from chatconform.plays.path import EVERYWHERE
from chatconform.stability.account import accounts_of
from chatconform.stability.causes import Cause, usual_verdict
from chatconform.stability.likeness import form_key, request_key, said_key
from chatconform.stability.proposals import proposals_for
from chatconform.stability.sight import sight_of
from chatconform.stability.stability import Unstable, to_examine, unstable_places, unstable_verdicts
from chatconform.tests.support.exchanges import (
    chunks,
    completion,
    exchange,
    hung,
    request_body,
    sse,
    streamed,
)
from chatconform.tests.support.gating import baseline, entry
from chatconform.tests.support.history import LETTERS, rows_of
from chatconform.tests.support.reports import ERROR, FAIL, PASS, judgement, record_of
from chatconform.wire.exchange import Exchange, Failure, FailureKind

LEDGER = load_ledger()
RULE = "CC-STOP-001"
INCONCLUSIVE = Verdict.INCONCLUSIVE
Run = tuple[Judgement, Sequence[Exchange]]


def judged(
    verdict: Verdict, *exchanges: Exchange, path: str = "plain", shown: int = 0, **more: object
) -> Run:
    """A run in which the rule was judged by these exchanges, of which the check points at one."""
    named = [replace(each, id=f"x{number:04}") for number, each in enumerate(exchanges, 1)]
    made = judgement(RULE, verdict, path=path, shown=named[shown].id if named else "x0001")
    ids = tuple(each.id for each in named)
    return replace(made, exchanges=ids, **more), named  # type: ignore[arg-type]


def unstable(*runs: Run) -> tuple[Unstable, ...]:
    records = [record_of([made], exchanges=tuple(exchanges)) for made, exchanges in runs]
    files = {number: Path(f"{number}.jsonl") for number, _ in enumerate(records, 1)}
    written = {number: rows_of(record) for number, record in enumerate(records, 1)}
    places = unstable_places([(number, glance_of(written[number], files[number])) for number in files])
    accounts = {
        number: accounts_of(written[number], wanted, run=number, source=files[number])
        for number, wanted in to_examine(places).items()
    }
    return unstable_verdicts(places, accounts, LEDGER)


def only(*runs: Run) -> Unstable:
    (found,) = unstable(*runs)
    return found


def causes(*runs: Run) -> list[Cause]:
    return [each.cause for each in only(*runs).attributions]


def late(seconds: float, text: str = "Hello!") -> Exchange:
    return exchange(completion(text), elapsed=seconds)


GOOD = judged(PASS, exchange(completion()))


def test_equal_verdicts_are_stable() -> None:
    """Whatever the answers were."""
    assert unstable(GOOD, judged(PASS, exchange(completion("Other words.")))) == ()
    assert unstable(GOOD) == ()


def test_each_verdict_is_counted_with_its_runs() -> None:
    """The most frequent first, with successes, attempts and the interval."""
    found = only(GOOD, judged(FAIL, exchange(completion("x"))), GOOD, GOOD)

    first, second = found.shares
    proportion = Proportion(successes=3, attempts=4)
    assert (first.verdict, first.runs, first.proportion) == (PASS, (1, 3, 4), proportion)
    assert (second.verdict, second.runs) == (FAIL, (2,))
    # R: binom.test(3, 4)$conf.int
    assert first.proportion.interval == pytest.approx((0.1941204, 0.9936905), abs=1e-6)


@pytest.mark.parametrize(
    ("odd", "cause"),
    [
        (judged(ERROR, hung()), Cause.ILL),
        (judged(ERROR, exchange({}, status=503)), Cause.ILL),
        (judged(ERROR, exchange({}, status=429)), Cause.ILL),
        (judged(FAIL, exchange({}, status=500)), Cause.ILL),
        (judged(ERROR, hung(FailureKind.CONNECT)), Cause.ILL),
        (judged(ERROR), Cause.ILL),
        (judged(ERROR, replace(exchange(completion()), illness="it was down")), Cause.ILL),
        (judged(ERROR, exchange(completion()), bug="Traceback"), Cause.BUG),
        (judged(INCONCLUSIVE, exchange(completion("I would rather not."))), Cause.MOOD),
        (judged(INCONCLUSIVE, exchange({}, status=400)), Cause.ANSWERS),
        (judged(FAIL, exchange(completion("Other words."))), Cause.ANSWERS),
        (judged(FAIL, exchange({}, status=400)), Cause.ANSWERS),
        (judged(FAIL, exchange(completion(usage=None))), Cause.ANSWERS),
        (judged(FAIL, exchange(completion(service_tier=7))), Cause.ANSWERS),
        (judged(FAIL, exchange(completion(), sent=request_body(n=2))), Cause.REQUESTS),
        (judged(FAIL, exchange(completion())), Cause.UNKNOWN),
        (judged(FAIL, late(40)), Cause.SLOW),
        (judged(Verdict.UNSUPPORTED, exchange({}, status=501)), Cause.ANSWERS),
    ],
)
def test_the_cause_is_read_from_the_records(odd: Run, cause: Cause) -> None:
    """Of a run among three that is otherwise; the evidence is in it."""
    found = only(GOOD, odd, GOOD)

    assert found.causes == (cause,)
    (told,) = found.attributions
    assert told.run == 2
    assert any(exhibit.run == 2 and exhibit.source == Path("2.jsonl") for exhibit in told.exhibits)
    assert all(exhibit.shows for exhibit in told.exhibits)


def test_it_does_not_matter_which_verdict_is_the_usual_one() -> None:
    """A target that is mostly ill, and once is not, has the same cause."""
    ill = judged(ERROR, hung())

    assert causes(ill, GOOD, ill) == [Cause.ILL]
    assert causes(judged(FAIL, late(40)), GOOD, judged(FAIL, late(50))) == [Cause.SLOW]


def test_slow_answers_explain_only_what_goes_with_them() -> None:
    """Where a run with the usual verdict was as slow, or another was fast, time is not the cause."""
    slow, fast = judged(FAIL, late(40, "x")), judged(FAIL, late(1, "x"))

    assert causes(GOOD, slow, GOOD) == [Cause.SLOW]
    assert causes(GOOD, slow, judged(PASS, late(40)), GOOD) == [Cause.ANSWERS]
    assert causes(GOOD, slow, fast, GOOD, GOOD) == [Cause.ANSWERS, Cause.ANSWERS]


def test_a_provoked_failure_of_the_server_is_no_illness() -> None:
    """A request that is answered 500 in both runs tells nothing of the difference."""
    crash = exchange({}, status=500, sent=request_body(crash=True))

    assert causes(
        judged(PASS, crash, exchange(completion())), judged(FAIL, crash, exchange(completion("x")), shown=1)
    ) == [Cause.ANSWERS]


def test_an_answer_goes_before_the_requests_that_are_built_on_it() -> None:
    """A later turn differs because an earlier answer did: that is the cause."""

    def turn(text: str, verdict: Verdict) -> Run:
        history = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": text}]
        return judged(
            verdict,
            exchange(completion(text)),
            exchange(completion("end"), sent=request_body(messages=history)),
            shown=1,
        )

    assert causes(turn("a", PASS), turn("b", FAIL)) == [Cause.ANSWERS]


def test_a_rule_about_all_traffic_is_explained_by_what_its_check_points_at() -> None:
    """That some other request was answered otherwise explains nothing."""
    asked = request_body(n=1)
    other = exchange(completion("other words"), sent=asked)
    same = exchange(completion("same words"), sent=asked)

    assert causes(
        judged(PASS, exchange(completion()), same, path=EVERYWHERE),
        judged(FAIL, exchange(completion()), other, path=EVERYWHERE),
    ) == [Cause.UNKNOWN]
    assert causes(
        judged(PASS, exchange(completion()), same, path=EVERYWHERE),
        judged(FAIL, exchange(completion()), other, path=EVERYWHERE, shown=1),
    ) == [Cause.ANSWERS]


def test_trouble_elsewhere_explains_no_rule_about_all_traffic() -> None:
    """A 503 to some request of a run that passed is not why another run failed by another request."""
    spared = judged(
        PASS, exchange(completion()), exchange({}, status=503, sent=request_body(n=1)), path=EVERYWHERE
    )
    failed = judged(FAIL, exchange(completion("x")), path=EVERYWHERE)

    assert causes(spared, failed) == [Cause.ANSWERS]


def test_several_causes_are_told_the_most_frequent_first() -> None:
    """Each odd run has its own."""
    ill, words = judged(ERROR, hung()), judged(FAIL, exchange(completion("x")))

    found = only(GOOD, words, GOOD, ill, GOOD, words, GOOD)

    assert [each.cause for each in found.attributions] == [Cause.ANSWERS, Cause.ILL, Cause.ANSWERS]
    assert found.causes == (Cause.ANSWERS, Cause.ILL)
    assert found.attribution(Cause.ILL).run == 4


def test_a_long_soak_is_examined_in_part() -> None:
    """All runs are counted, the cause is looked for in the first twenty, and how many are left is said."""
    found = only(GOOD, *[judged(FAIL, exchange(completion("x")))] * 30, *[GOOD] * 40)

    assert [share.proportion.successes for share in found.shares] == [41, 30]
    assert {share.proportion.attempts for share in found.shares} == {71}
    assert len(found.attributions) == 20
    assert found.unexamined == 10


@pytest.mark.parametrize(("letters", "usual"), [("PPF", PASS), ("PFF", FAIL), ("PF", PASS), ("EF", ERROR)])
def test_the_usual_verdict_is_the_most_frequent(letters: str, usual: Verdict) -> None:
    """Of equals the least severe."""
    verdicts = [verdict for letter in letters if (verdict := LETTERS[letter])]

    assert usual_verdict(verdicts) is usual


CALL = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}


def after_call(name: str) -> Exchange:
    messages = [
        {"role": "assistant", "content": None, "tool_calls": [{**CALL, "id": name}]},
        {"role": "tool", "tool_call_id": name, "content": "3"},
    ]
    return exchange(completion(), sent=request_body(messages=messages))


def test_ids_of_calls_do_not_make_requests_differ() -> None:
    """They are new in every run; which call a result belongs to still counts."""
    one, other = after_call("call_1"), after_call("call_7")
    crossed = request_body(messages=[{"role": "tool", "tool_call_id": "call_9", "content": "3"}])

    assert request_key(one.request) == request_key(other.request)
    assert request_key(one.request) != request_key(exchange({}, sent=crossed).request)
    assert request_key(one.request) != request_key(replace(one.request, method="PUT"))


def test_the_host_does_not_make_requests_differ() -> None:
    """A server that a job starts for itself has another port each time; the path counts."""
    request = GOOD[1][0].request

    assert request_key(request) == request_key(replace(request, url="http://other:9/v1/chat/completions"))
    assert request_key(request) != request_key(replace(request, url="http://target/v1/models"))


@given(st.binary(max_size=200))
def test_any_bytes_can_be_compared(body: bytes) -> None:
    """Requests and answers of any bytes are like themselves."""
    for kind in ("application/json", "text/event-stream", "application/octet-stream"):
        seen = exchange(body, media_type=kind, sent=body)
        assert sight_of(seen) == sight_of(seen)
        assert request_key(seen.request) == request_key(seen.request)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=10,
    )
)
def test_any_json_is_like_itself_and_its_form_has_no_values(value: object) -> None:
    """What a target sends may be anything."""
    answer = exchange({"x": value})
    assert answer.response is not None

    assert form_key(answer.response) == form_key(exchange({"x": value}).response)  # type: ignore[arg-type]
    assert said_key(said(answer)) == said_key(said(exchange({"x": value})))


def test_what_is_new_in_every_answer_does_not_count() -> None:
    """Ids and moments; how a stream is cut into chunks does not either."""
    one, other = exchange(completion()), exchange(completion(created=7, system_fingerprint="fp"))
    assert sight_of(exchange(completion())).answer == sight_of(one).answer
    assert sight_of(other).said == sight_of(one).said
    assert sight_of(streamed(chunks("Hel", "lo"))).answer == sight_of(streamed(chunks("Hello"))).answer
    assert sight_of(streamed(done=False)).answer != sight_of(streamed()).answer


def test_what_came_is_told_in_a_few_words() -> None:
    """The text and its finish reason, a refusal by its body, and of nothing why."""
    assert sight_of(exchange(completion("Hello, you!"))).words == '200: "Hello, you!", finish_reason stop'
    assert sight_of(exchange({"error": {"message": "No."}}, status=400)).words.startswith('400: {"error"')
    assert sight_of(hung()).words == "no answer"
    assert len(sight_of(exchange(completion("x" * 10**6))).words) < 200
    long = sight_of(replace(exchange(sse(chunks("a")))))
    assert long.words == '200: "a", finish_reason stop'


@given(st.integers(1, 200), st.data(), st.sampled_from([0.5, 0.9, 0.95, 0.99]))
def test_the_interval_is_exact(attempts: int, data: st.DataObject, confidence: float) -> None:
    """At its ends the chance of what was seen, or of something further away, is half of what is left over."""
    successes = data.draw(st.integers(0, attempts))
    low, high = clopper_pearson(successes, attempts, confidence)
    rest = (1 - confidence) / 2

    def chance(share: float, counts: range) -> float:
        return math.fsum(math.comb(attempts, k) * share**k * (1 - share) ** (attempts - k) for k in counts)

    assert 0 <= low <= successes / attempts <= high <= 1
    if successes:
        assert chance(low, range(successes, attempts + 1)) == pytest.approx(rest, rel=1e-6)
    if successes < attempts:
        assert chance(high, range(successes + 1)) == pytest.approx(rest, rel=1e-6)


@given(st.integers(-3, 10), st.integers(-3, 10))
def test_shares_that_are_none_are_refused(successes: int, attempts: int) -> None:
    """More successes than attempts, or no attempt at all."""
    assume(attempts < 1 or not 0 <= successes <= attempts)

    with pytest.raises(ValueError, match="attempts"):
        clopper_pearson(successes, attempts)


TODAY = date(2026, 11, 26)


def of(rule: str, path: str, cause: Cause) -> Unstable:
    """An unstable verdict of this cause, made of the one that the records of two runs tell."""
    found = only(GOOD, judged(FAIL, exchange(completion("x"))), GOOD)
    attributions = tuple(replace(each, cause=cause) for each in found.attributions)
    return replace(found, requirement=LEDGER[rule], path=path, attributions=attributions)


def test_what_is_unstable_is_proposed_for_the_flaky_list() -> None:
    """A row for each requirement, with its paths and why; a baseline with it can be read and says so."""
    told = proposals_for(
        [
            of(RULE, "plain", Cause.ANSWERS),
            of(RULE, "streamed", Cause.MOOD),
            of("CC-STOP-002", "plain", Cause.MOOD),
        ],
        TODAY,
    )

    assert [(row.requirement, row.paths) for row in told.rows] == [
        (RULE, ("plain", "streamed")),
        ("CC-STOP-002", ("plain",)),
    ]
    assert told.rows[0].reason == "equal requests were answered differently; of 3 equal runs: pass 2, fail 1"
    rows = "\n".join(line for row in told.rows for line in block(row, LEDGER))
    text = first_text(baseline(), LEDGER) + "flaky:\n" + rows + "\n"
    assert read_baseline(text, Path("b.yaml"), LEDGER).flaky == told.rows


def test_an_ill_target_is_to_be_mended_and_not_listed() -> None:
    """A night of time-outs would put every rule into the list; so would a bug of ours."""
    ill, bug = of(RULE, "plain", Cause.ILL), of("CC-STOP-002", "plain", Cause.BUG)

    told = proposals_for([ill, bug], TODAY)

    assert told.rows == ()
    assert told.left_out == (ill, bug)


def test_what_the_baseline_has_already_is_not_proposed() -> None:
    """On that path alone; an entry about the same stands in the way."""
    known = replace(
        baseline(entry("CC-STOP-002", line=9)),
        flaky=(Flaky(requirement=RULE, reason="known", paths=("plain",)),),
    )
    plain, stream = of(RULE, "plain", Cause.ANSWERS), of(RULE, "streamed", Cause.ANSWERS)
    blocked = of("CC-STOP-002", "plain", Cause.ANSWERS)

    told = proposals_for([plain, stream, blocked], TODAY, known)

    assert told.listed == (plain,)
    assert [(row.requirement, row.paths) for row in told.rows] == [
        (RULE, ("streamed",)),
        ("CC-STOP-002", ("plain",)),
    ]
    assert [each.line for each in told.in_the_way] == [9]


def test_a_failure_of_ours_is_no_trouble_of_the_target() -> None:
    """That we ended an exchange after the events that we wanted says nothing of its health."""
    ended = replace(streamed(), failure=Failure(kind=FailureKind.ABORTED, message="enough was read", at=0.1))

    assert sight_of(ended).trouble == ""
    assert sight_of(hung()).trouble == "timeout: no answer"
