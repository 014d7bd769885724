"""Gateways in front of an upstream that records: honest ones pass, each broken one is caught by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatconform.findings.verdict import Verdict
from chatconform.judging.check import Check
from chatconform.judging.judge import judge_plays
from chatconform.ledger import load_ledger
from chatconform.record import Record
from chatconform.running.catalogue import all_checks
from chatconform.tests.support.gateway.broken import (
    AlwaysStops,
    BreaksOnArguments,
    ForwardsTheLastQuestion,
    IgnoresWhatNobodyAsserts,
    KnowsNoFilter,
    LosesParametersLater,
    NeverCalls,
    Retrying,
    Scrubbing,
    ScrubsTheLastMessage,
    StoresTheQuestionTwice,
)
from chatconform.tests.support.gateway.honest import Gateway
from chatconform.tests.support.gateway.runs import by_requirement, run

LEDGER = load_ledger()
NOT_APPLICABLE = Verdict.NOT_APPLICABLE
OF_BOTH_SIDES = [row.id for row in LEDGER if "recording-upstream" in row.declared_needs]
SCRUBBED = ("--declare", "scrubbing=email,phone")
# The number of each defect, the gateway that has it, and the requirements that must catch it.
DEFECTS = [
    (1, LosesParametersLater, ("CC-CONT-008", "CC-CONT-009", "CC-CONT-010", "CC-CONT-019")),
    (2, ForwardsTheLastQuestion, ("CC-CONT-002", "CC-CONT-005", "CC-GATE-001", "CC-GATE-002")),
    (3, AlwaysStops, ("CC-STREAM-014", "CC-STREAM-015", "CC-GATE-010")),
    (4, BreaksOnArguments, ("CC-CONT-011",)),
    (5, ScrubsTheLastMessage, ("CC-SAFETY-004",)),
    (6, StoresTheQuestionTwice, ("CC-CONT-006", "CC-CONT-007", "CC-GATE-001", "CC-GATE-002")),
    (7, KnowsNoFilter, ("CC-SAFETY-001", "CC-SAFETY-002")),
    (
        8,
        IgnoresWhatNobodyAsserts,
        (
            *("CC-REQ-001", "CC-STOP-001", "CC-LIMIT-001", "CC-LIMIT-002", "CC-LIMIT-003"),
            *("CC-FORMAT-001", "CC-CONT-010"),
        ),
    ),
]


def wanted(*requirements: str) -> list[str]:
    return [f"--requirement={each}" for each in requirements]


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Record:
    return run(Gateway, tmp_path_factory.mktemp("honest"))


def test_an_honest_gateway_conforms(honest: Record) -> None:
    """Nothing fails at a gateway that forwards, and nearly all that needs both sides is judged."""
    judged = by_requirement(honest)

    assert {name: each.reason for name, each in judged.items() if each.verdict is Verdict.FAIL} == {}
    assert {name: each.reason for name, each in judged.items() if each.verdict is Verdict.ERROR} == {}
    passed = {name for name, each in judged.items() if each.verdict is Verdict.PASS}
    scrubbing = {name for name in OF_BOTH_SIDES if "scrubbing" in LEDGER[name].declared_needs}
    # It does not try again.
    assert set(OF_BOTH_SIDES) - passed == {"CC-CONT-019", *scrubbing}
    assert {"CC-STREAM-014", "CC-STREAM-015", "CC-SAFETY-001", "CC-SAFETY-002"} <= passed


def test_a_record_is_judged_again_as_the_run_was(honest: Record) -> None:
    """What the upstream received is in the run's own record: no file is needed to judge it again."""
    made = {each.id: each for each in all_checks() if each.requirement in OF_BOTH_SIDES}
    live = [each for each in honest.judgements if each.check in made and each.verdict is not NOT_APPLICABLE]
    for each in live:
        check = made[each.check]
        assert isinstance(check, Check)
        key = (check.scenario.name, each.path)
        plays = [play for play in honest.plays if (play.scenario, play.path.name) == key]
        assert judge_plays(check, plays).verdict is each.verdict, each

    assert len(live) > 20


@pytest.mark.parametrize("gateway", [Retrying, Scrubbing])
def test_an_honest_gateway_that_does_more_conforms(gateway: type[Gateway], tmp_path: Path) -> None:
    """To try again with the whole request is legal, and so is masking what was declared."""
    declared = SCRUBBED if gateway is Scrubbing else ()
    judged = by_requirement(run(gateway, tmp_path, *wanted(*OF_BOTH_SIDES), *declared))

    needed = {"CC-CONT-019"} if gateway is Retrying else {"CC-SAFETY-004", "CC-SAFETY-005", "CC-SAFETY-006"}
    assert {name: each.reason for name, each in judged.items() if each.verdict is Verdict.FAIL} == {}
    assert {judged[name].verdict for name in needed} == {Verdict.PASS}


@pytest.mark.parametrize(("number", "gateway", "requirements"), DEFECTS, ids=lambda each: str(each)[:30])
def test_a_broken_gateway_is_caught_by_name(
    number: int, gateway: type[Gateway], requirements: tuple[str, ...], tmp_path: Path
) -> None:
    """Each reviewed defect turns the requirements red that name it, with evidence."""
    judged = by_requirement(run(gateway, tmp_path, *wanted(*requirements), *SCRUBBED))

    missed = {name: judged[name] for name in requirements if judged[name].verdict is not Verdict.FAIL}
    assert {name: f"{each.verdict}: {each.reason}" for name, each in missed.items()} == {}
    assert all(judged[name].evidence for name in requirements)
    assert number in {LEDGER[name].review_defect for name in requirements}


def test_the_eight_reviewed_defects_have_a_gateway_each() -> None:
    """No defect of the review is left out."""
    assert [number for number, _, _ in DEFECTS] == list(range(1, 9))


def test_a_gateway_that_never_calls_is_not_judged(tmp_path: Path) -> None:
    """Where nothing reaches the upstream, what is behind the gateway is not applicable, and never passed."""
    record = run(NeverCalls, tmp_path, *wanted(*OF_BOTH_SIDES), *SCRUBBED)

    assert {each.verdict for each in record.judgements} == {NOT_APPLICABLE}
    reasons = {each.reason for each in record.judgements}
    assert reasons == {"the target never called the upstream whose record was given"}
