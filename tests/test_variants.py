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
from chatconform.reference_server.variants.catalogue import REFERENCE
from chatconform.reference_server.variants.variant import Variant
from chatconform.running.catalogue import all_checks
from chatconform.tests.support.variants.catalogue import VARIANTS
from chatconform.tests.support.variants.replay import Recorded, is_of_answers, odd
from chatconform.tests.support.variants.runs import Ran, Runs

# What a variant may leave open without having declared it: single verdicts, never a whole area.
FEW = 2
# What a server may leave open that does without a feature on which much is built.
A_QUARTER = 0.25
ENOUGH = 100

CHECKS = {made.id: made for made in all_checks()}
COMBINED = [variant for variant in VARIANTS.values() if is_of_answers(variant)]
AT_ONCE = 12

each_variant = pytest.mark.parametrize("variant", VARIANTS.values(), ids=list(VARIANTS))


@pytest.fixture(scope="module")
def runs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    """All runs that the selected tests will want, started at once."""
    wanted = (getattr(item, "callspec", None) for item in request.session.items)
    variants = [spec.params["variant"] for spec in wanted if spec is not None and "variant" in spec.params]
    with Runs(tmp_path_factory.mktemp("variants")) as started:
        started.begin([REFERENCE, *variants])
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
    """Without a variant nothing fails, and there is enough that a variant could break."""
    counts = Counter(judgement.verdict for judgement in reference.verdicts.values())

    assert reference.code == 0, reference.told
    assert counts[Verdict.PASS] > ENOUGH
    assert counts[Verdict.FAIL] == counts[Verdict.ERROR] == 0


@each_variant
def test_nothing_fails_but_what_is_declared(runs: Runs, variant: Variant) -> None:
    """No verdict is `fail` but those of rules that the variant says it breaks, and none is `error`."""
    ran = runs.of(variant)
    of = {verdict: [each for each in ran.verdicts.values() if each.verdict is verdict] for verdict in Verdict}
    musts = [name for name in variant.breaks if load_ledger()[name].level is Level.MUST]

    assert [(each.check, each.path, each.reason) for each in of[Verdict.ERROR]] == []
    failed = {each.requirement: f"{each.check}: {each.reason}" for each in of[Verdict.FAIL]}
    assert failed.keys() == variant.breaks.keys(), failed
    assert ran.code == (1 if musts else 0), ran.told


@each_variant
def test_the_suites_go_on_judging(runs: Runs, reference: Ran, variant: Variant) -> None:
    """What passes on the reference server is still measured, but for what the variant names with a reason."""
    before = reference.verdicts
    passed = [
        (key, each)
        for key, each in runs.of(variant).verdicts.items()
        if key in before and before[key].verdict is Verdict.PASS and each.requirement not in variant.breaks
    ]
    lost = {key: each for key, each in passed if each.verdict is not Verdict.PASS}
    unexplained = {key: each.reason for key, each in lost.items() if each.requirement not in variant.silences}
    open_ = [each for each in lost.values() if each.verdict is Verdict.INCONCLUSIVE]

    assert passed
    if variant.lacks:
        assert len(open_) <= A_QUARTER * len(passed), unexplained
    else:
        assert len(unexplained) <= FEW, unexplained
        assert len(open_) == len(lost), lost


@each_variant
def test_the_variant_is_in_the_traffic(runs: Runs, reference: Ran, variant: Variant) -> None:
    """The record of the run bears the mark of its variant, and that of the reference server does not."""
    assert any(variant.shows(exchange) for exchange in runs.of(variant).record.exchanges)
    assert not any(variant.shows(exchange) for exchange in reference.record.exchanges)


def test_a_record_is_judged_as_the_run_was(reference: Ran, recorded: Recorded) -> None:
    """Answers that pass through the seams of no variant have the verdicts that the live ones had."""
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
@given(variants=combinations, cuts=cuts, places=places)
def test_no_combination_breaks_an_invariant(
    recorded: Recorded, variants: list[Variant], cuts: list[float], places: list[int]
) -> None:
    """Two or three variants at once, in packets of any size, break no more than each of them declares."""
    exchanges = recorded.record.exchanges
    traffic = [odd(exchanges[place % len(exchanges)], variants, cuts) for place in places]
    for made in CHECKS.values():
        # A survey needs all the traffic of a run; a part of it may show what the whole does not.
        if isinstance(made, Invariant):
            _expect_unbroken(judge_traffic(made, traffic), variants)


@unhurried
@given(variants=combinations, cuts=cuts, places=places)
def test_no_combination_breaks_a_check(
    recorded: Recorded, variants: list[Variant], cuts: list[float], places: list[int]
) -> None:
    """What passes on the reference server passes under two or three variants, unless one declares it."""
    of_plays = [each for each in recorded.passed if isinstance(CHECKS[each.check], Check)]
    silenced = {name for variant in variants for name in (*variant.breaks, *variant.silences)}
    lacking = any(variant.lacks for variant in variants)
    for place in places:
        live = of_plays[place % len(of_plays)]
        judgement = recorded.judged(CHECKS[live.check], live.path, variants, *cuts)
        _expect_unbroken(judgement, variants)
        measured = judgement.verdict is Verdict.PASS
        assert measured or lacking or judgement.requirement in silenced, (live, judgement.reason)


def _expect_unbroken(judgement: Judgement, variants: list[Variant]) -> None:
    declared = {name for variant in variants for name in variant.breaks}
    told = (judgement.check, judgement.path, judgement.reason, judgement.bug)
    assert judgement.verdict is not Verdict.ERROR, told
    assert judgement.verdict is not Verdict.FAIL or judgement.requirement in declared, told
