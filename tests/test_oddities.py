"""Servers that differ legally from the reference server: nothing fails, and the suites go on judging."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatconform.findings.verdict import Judgement, Verdict
from chatconform.judging.check import Check, Invariant
from chatconform.judging.judge import judge_traffic
from chatconform.ledger import load_ledger
from chatconform.ledger.requirement import Level
from chatconform.running.catalogue import all_checks
from chatconform.tests.support.oddities.catalogue import ODDITIES, REFERENCE
from chatconform.tests.support.oddities.oddity import Oddity
from chatconform.tests.support.oddities.replay import Recorded, is_of_answers, odd
from chatconform.tests.support.oddities.runs import Ran, Runs

# What an oddity may leave open without having declared it: single verdicts, never a whole area.
FEW = 2
# What a server may leave open that does without a feature on which much is built.
A_QUARTER = 0.25
ENOUGH = 100

CHECKS = {made.id: made for made in all_checks()}
COMBINED = [oddity for oddity in ODDITIES.values() if is_of_answers(oddity)]
AT_ONCE = 12

each_oddity = pytest.mark.parametrize("oddity", ODDITIES.values(), ids=list(ODDITIES))


@pytest.fixture(scope="module")
def runs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    """All runs that the selected tests will want, started at once."""
    wanted = (getattr(item, "callspec", None) for item in request.session.items)
    oddities = [spec.params["oddity"] for spec in wanted if spec is not None and "oddity" in spec.params]
    with Runs(tmp_path_factory.mktemp("oddities")) as started:
        started.begin([REFERENCE, *oddities])
        yield started


@pytest.fixture(scope="module")
def reference(runs: Runs) -> Ran:
    """The run against the reference server, behind the gateway that makes others odd."""
    return runs.of(REFERENCE)


@pytest.fixture(scope="module")
def recorded(reference: Ran) -> Recorded:
    """What the reference server answered in that run."""
    return Recorded(reference.record)


def test_the_reference_server_conforms_behind_the_gateway(reference: Ran) -> None:
    """Without an oddity nothing fails, and there is enough that an oddity could break."""
    counts = Counter(judgement.verdict for judgement in reference.verdicts.values())

    assert reference.code == 0, reference.told
    assert counts[Verdict.PASS] > ENOUGH
    assert counts[Verdict.FAIL] == counts[Verdict.ERROR] == 0


@each_oddity
def test_nothing_fails_but_what_is_declared(runs: Runs, oddity: Oddity) -> None:
    """No verdict is `fail` but those of rules that the oddity says it breaks, and none is `error`."""
    ran = runs.of(oddity)
    of = {verdict: [each for each in ran.verdicts.values() if each.verdict is verdict] for verdict in Verdict}
    musts = [name for name in oddity.breaks if load_ledger()[name].level is Level.MUST]

    assert [(each.check, each.path, each.reason) for each in of[Verdict.ERROR]] == []
    failed = {each.requirement: f"{each.check}: {each.reason}" for each in of[Verdict.FAIL]}
    assert failed.keys() == oddity.breaks.keys(), failed
    assert ran.code == (1 if musts else 0), ran.told


@each_oddity
def test_the_suites_go_on_judging(runs: Runs, reference: Ran, oddity: Oddity) -> None:
    """What passes on the reference server is still measured, but for what the oddity names with a reason."""
    before = reference.verdicts
    passed = [
        (key, each)
        for key, each in runs.of(oddity).verdicts.items()
        if key in before and before[key].verdict is Verdict.PASS and each.requirement not in oddity.breaks
    ]
    lost = {key: each for key, each in passed if each.verdict is not Verdict.PASS}
    unexplained = {key: each.reason for key, each in lost.items() if each.requirement not in oddity.silences}
    open_ = [each for each in lost.values() if each.verdict is Verdict.INCONCLUSIVE]

    assert passed
    if oddity.lacks:
        assert len(open_) <= A_QUARTER * len(passed), unexplained
    else:
        assert len(unexplained) <= FEW, unexplained
        assert len(open_) == len(lost), lost


@each_oddity
def test_the_oddity_is_in_the_traffic(runs: Runs, reference: Ran, oddity: Oddity) -> None:
    """The record of the run bears the mark of its oddity, and that of the reference server does not."""
    assert any(oddity.shows(exchange) for exchange in runs.of(oddity).record.exchanges)
    assert not any(oddity.shows(exchange) for exchange in reference.record.exchanges)


def test_a_record_is_judged_as_the_run_was(reference: Ran, recorded: Recorded) -> None:
    """Answers that pass through the seams of no oddity have the verdicts that the live ones had."""
    for (check, path), live in reference.verdicts.items():
        if live.verdict is not Verdict.NOT_APPLICABLE:
            again = recorded.judged(CHECKS[check], path, [REFERENCE])
            assert again.verdict is live.verdict, (check, path, again.reason)


combinations = st.lists(st.sampled_from(COMBINED), min_size=2, max_size=3, unique=True)
cuts = st.lists(st.floats(0, 1), max_size=4)
# Places in something that only the run brings, counted round.
places = st.lists(st.integers(0, 9999), min_size=1, max_size=AT_ONCE)
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@unhurried
@given(oddities=combinations, cuts=cuts, places=places)
def test_no_combination_breaks_an_invariant(
    recorded: Recorded, oddities: list[Oddity], cuts: list[float], places: list[int]
) -> None:
    """Two or three oddities at once, in packets of any size, break no more than each of them declares."""
    exchanges = recorded.record.exchanges
    traffic = [odd(exchanges[place % len(exchanges)], oddities, cuts) for place in places]
    for made in CHECKS.values():
        # A survey needs all the traffic of a run; a part of it may show what the whole does not.
        if isinstance(made, Invariant):
            _expect_unbroken(judge_traffic(made, traffic), oddities)


@unhurried
@given(oddities=combinations, cuts=cuts, places=places)
def test_no_combination_breaks_a_check(
    recorded: Recorded, oddities: list[Oddity], cuts: list[float], places: list[int]
) -> None:
    """What passes on the reference server passes under two or three oddities, unless one declares it."""
    of_plays = [each for each in recorded.passed if isinstance(CHECKS[each.check], Check)]
    silenced = {name for oddity in oddities for name in (*oddity.breaks, *oddity.silences)}
    lacking = any(oddity.lacks for oddity in oddities)
    for place in places:
        live = of_plays[place % len(of_plays)]
        judgement = recorded.judged(CHECKS[live.check], live.path, oddities, *cuts)
        _expect_unbroken(judgement, oddities)
        measured = judgement.verdict is Verdict.PASS
        assert measured or lacking or judgement.requirement in silenced, (live, judgement.reason)


def _expect_unbroken(judgement: Judgement, oddities: list[Oddity]) -> None:
    declared = {name for oddity in oddities for name in oddity.breaks}
    told = (judgement.check, judgement.path, judgement.reason, judgement.bug)
    assert judgement.verdict is not Verdict.ERROR, told
    assert judgement.verdict is not Verdict.FAIL or judgement.requirement in declared, told
