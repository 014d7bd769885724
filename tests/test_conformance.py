"""From judgements to an answer: what decides, and with which exit code."""

import pytest

from chatconform.findings.verdict import Judgement, Verdict
from chatconform.judging.conformance import ExitCode, conformance
from chatconform.ledger import load_ledger
from chatconform.ledger.requirement import Level

LEDGER = load_ledger()
MUSTS = [row.id for row in LEDGER if row.level is Level.MUST][:4]
SHOULD = next(row.id for row in LEDGER if row.level is Level.SHOULD)
MAY = next(row.id for row in LEDGER if row.level is Level.MAY)


def judged(*pairs: tuple[str, Verdict], bug: str = "") -> list[Judgement]:
    return [
        Judgement(requirement=requirement, check=f"c{n}", path="plain", verdict=verdict, bug=bug)
        for n, (requirement, verdict) in enumerate(pairs)
    ]


def all_musts(verdict: Verdict) -> list[tuple[str, Verdict]]:
    return [(requirement, verdict) for requirement in MUSTS]


@pytest.mark.parametrize(
    ("pairs", "code"),
    [
        (all_musts(Verdict.PASS), ExitCode.CONFORMS),
        ([*all_musts(Verdict.PASS), (MUSTS[0], Verdict.FAIL)], ExitCode.DOES_NOT_CONFORM),
        ([*all_musts(Verdict.PASS), (SHOULD, Verdict.FAIL)], ExitCode.CONFORMS),
        ([*all_musts(Verdict.PASS), (MAY, Verdict.FAIL)], ExitCode.CONFORMS),
        ([*all_musts(Verdict.PASS), (SHOULD, Verdict.ERROR)], ExitCode.CONFORMS),
        ([*all_musts(Verdict.PASS), (MUSTS[1], Verdict.ERROR)], ExitCode.NOT_MEASURED),
        ([*all_musts(Verdict.PASS), (MUSTS[1], Verdict.INCONCLUSIVE)], ExitCode.CONFORMS),
        (all_musts(Verdict.INCONCLUSIVE), ExitCode.NOT_MEASURED),
        (all_musts(Verdict.ERROR), ExitCode.NOT_MEASURED),
        (all_musts(Verdict.NOT_APPLICABLE), ExitCode.NOT_MEASURED),
        ([], ExitCode.NOT_MEASURED),
        ([*all_musts(Verdict.NOT_APPLICABLE)[1:], (MUSTS[0], Verdict.PASS)], ExitCode.CONFORMS),
        ([*all_musts(Verdict.ERROR), (SHOULD, Verdict.FAIL)], ExitCode.NOT_MEASURED),
        ([*all_musts(Verdict.ERROR), (MUSTS[0], Verdict.FAIL)], ExitCode.DOES_NOT_CONFORM),
    ],
)
def test_what_decides(pairs: list[tuple[str, Verdict]], code: ExitCode) -> None:
    """A broken MUST decides; a target that could not be measured never conforms."""
    assert conformance(judged(*pairs), LEDGER).exit_code is code


def test_strict_counts_should() -> None:
    """In strict mode a broken SHOULD decides as well, a MAY never."""
    pairs = [*all_musts(Verdict.PASS), (SHOULD, Verdict.FAIL)]

    assert conformance(judged(*pairs), LEDGER, strict=True).exit_code is ExitCode.DOES_NOT_CONFORM


def test_a_bug_of_ours_outweighs_everything() -> None:
    """A check that broke down makes the answer unusable, whatever else was found."""
    found = judged((MUSTS[0], Verdict.ERROR), bug="Traceback ...") + judged((MUSTS[1], Verdict.FAIL))

    assert conformance(found, LEDGER).exit_code is ExitCode.BUG


def test_results_stand_in_the_ledgers_order_by_area() -> None:
    """Whatever the order of the judgements, results follow the ledger, with the worst verdict of each."""
    pairs = [(MUSTS[2], Verdict.PASS), (MUSTS[0], Verdict.PASS), (MUSTS[0], Verdict.INCONCLUSIVE)]

    answer = conformance(judged(*pairs), LEDGER)

    assert [result.requirement.id for result in answer.results] == [MUSTS[0], MUSTS[2]]
    assert answer.results[0].verdict is Verdict.INCONCLUSIVE
    assert len(answer.results[0].decisive) == 1
