"""Baselines and runs made by hand, and what the gate says of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

from chatconform.findings.verdict import Judgement, Verdict
from chatconform.gating.acceptance import Terms, accept
from chatconform.gating.answer import Answer
from chatconform.gating.baseline import Baseline, Entry, Origin, TargetName
from chatconform.gating.gate import Asked, gate
from chatconform.gating.reading import read_baseline
from chatconform.gating.updating import updated
from chatconform.gating.writing import first_text
from chatconform.judging.conformance import conformance
from chatconform.ledger import load_ledger
from chatconform.plays.path import EVERYWHERE
from chatconform.record import Record
from chatconform.tests.support.reports import HEADER, judgement, record_of

LEDGER = load_ledger()
TODAY = date(2026, 11, 26)
FILE = Path("baseline.yaml")
TARGET = TargetName(url="http://target/v1", model="m")
ORIGIN = Origin(tool="0.1.0", ledger="f" * 64, profile="standard")
# Two of each level that decides, in two areas, and one of level MAY.
MUST, OTHER_MUST, SHOULD = "CC-STOP-001", "CC-STREAM-001", "CC-STOP-003"
MAY = next(row.id for row in LEDGER if row.level == "MAY" and row.checks)
Verdicts = Mapping[tuple[str, str], Verdict]


def baseline(*entries: Entry, exercised: Mapping[str, tuple[str, ...]] | None = None) -> Baseline:
    """A baseline in which these are the entries; by default each of the three ran plain and streamed."""
    both = ("plain", "streamed")
    return Baseline(
        target=TARGET,
        origin=ORIGIN,
        entries=entries,
        exercised={MUST: both, SHOULD: both, OTHER_MUST: both} if exercised is None else exercised,
    )


def entry(requirement: str = MUST, verdict: Verdict = Verdict.FAIL, **more: object) -> Entry:
    """An entry with a reason."""
    made = Entry(requirement=requirement, verdict=verdict, since=date(2026, 11, 1), reason="known for long")
    return replace(made, **more)  # type: ignore[arg-type]


def judgements_of(verdicts: Verdicts) -> list[Judgement]:
    """A judgement for each requirement and path."""
    return [judgement(name, verdict, path=path) for (name, path), verdict in verdicts.items()]


def passing(expected: Baseline) -> dict[tuple[str, str], Verdict]:
    """Every place of a baseline as a pass."""
    return dict.fromkeys(expected.places, Verdict.PASS)


def answer(
    expected: Baseline,
    verdicts: Verdicts,
    *,
    today: date = TODAY,
    asked: Iterable[str] = (),
    strict: bool = False,
) -> Answer:
    """What the gate says of a run with these verdicts, that was asked for everything or for some."""
    names = frozenset(asked) or frozenset(row.id for row in LEDGER)
    paths = frozenset({"plain", "streamed", "after-tool-result", "later-turn-streamed", EVERYWHERE})
    return gate(
        expected,
        conformance(judgements_of(verdicts), LEDGER),
        LEDGER,
        asked=Asked(requirements=names, paths=paths),
        today=today,
        strict=strict,
    )


def classes(answered: Answer) -> dict[tuple[str, str], str]:
    """The class of each requirement and path, of those that did not simply hold."""
    return {
        (finding.requirement.id, path): finding.kind.value
        for finding in answered.findings
        for path in finding.paths
        if finding.kind != "held"
    }


def text_of(made: Baseline) -> str:
    """How a baseline is written for the first time."""
    return first_text(made, LEDGER)


def read(text: str) -> Baseline:
    """What a text says."""
    return read_baseline(text, FILE, LEDGER)


def accepted(text: str, verdicts: Verdicts, terms: Terms | None = None, **more: object) -> str:
    """The text of a baseline after a run with these verdicts was accepted."""
    before = read(text)
    answered = answer(before, verdicts, **more)  # type: ignore[arg-type]
    acceptance = accept(before, answered, terms or Terms(reason="a new reason"), ORIGIN)
    after = updated(text, before, acceptance, LEDGER)
    assert read(after).says_the_same_as(acceptance.applied_to(before))
    return after


def run_of(verdicts: Verdicts, *, requirements: Iterable[str] = (), complete: bool = True) -> Record:
    """The record of a run with these verdicts."""
    names = tuple(requirements) or tuple(dict.fromkeys(name for name, _ in verdicts))
    return record_of(judgements_of(verdicts), header=replace(HEADER, requirements=names), complete=complete)
