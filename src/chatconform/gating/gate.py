"""The gate: what a run found against what its baseline expects, one class for each difference."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from chatconform.findings.verdict import SEVERITY, Judgement, Verdict, worst
from chatconform.gating.answer import Answer, Class, Finding
from chatconform.gating.baseline import Baseline, Entry, Flaky, in_order, is_expired
from chatconform.judging.conformance import Conformance
from chatconform.ledger import Ledger
from chatconform.ledger.requirement import Requirement

_NEWLY = {
    Verdict.FAIL: Class.NEW_FAILURE,
    Verdict.UNSUPPORTED: Class.NEWLY_UNSUPPORTED,
    Verdict.INCONCLUSIVE: Class.NEWLY_INCONCLUSIVE,
    Verdict.ERROR: Class.NOT_MEASURED,
    Verdict.NOT_APPLICABLE: Class.DISAPPEARED,
    Verdict.PASS: Class.FIXED,
}
_WORSE_THAN_A_PASS = SEVERITY[: SEVERITY.index(Verdict.PASS)]
_SAME = {Verdict.PASS: Class.HELD, Verdict.FAIL: Class.KNOWN_FAILURE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a run was asked to judge: only what it did not answer has disappeared."""

    requirements: frozenset[str]
    paths: frozenset[str]

    def includes(self, requirement: str, path: str) -> bool:
        """Whether the run should have judged a requirement on a path."""
        return requirement in self.requirements and path in self.paths


def gate(
    baseline: Baseline,
    run: Conformance,
    ledger: Ledger,
    *,
    asked: Asked,
    today: date,
    strict: bool = False,
) -> Answer:
    """Hold a run against its baseline; `run` may say more than was asked, which is left out."""
    judged = dict(_judged(run, asked))
    expected = list(baseline.places)
    due = {place for place in expected if asked.includes(*place)} | judged.keys()
    findings = [
        finding
        for name, path in due
        for finding in _Place(ledger[name], path, baseline, today).findings(judged.get((name, path), ()))
    ]
    return Answer(
        findings=tuple(_together(findings, ledger)),
        today=today,
        not_asked=sum(not asked.includes(*place) for place in expected),
        measured=run.is_measured,
        bug=run.has_bug,
        strict=strict,
    )


def _judged(run: Conformance, asked: Asked) -> Iterator[tuple[tuple[str, str], tuple[Judgement, ...]]]:
    """The judgements by requirement and path: several checks may be about one requirement."""
    for result in run.results:
        grouped: dict[str, tuple[Judgement, ...]] = {}
        for judgement in result.judgements:
            grouped[judgement.path] = (*grouped.get(judgement.path, ()), judgement)
        if result.requirement.id in asked.requirements:
            yield from (((result.requirement.id, path), found) for path, found in grouped.items())


class _Place:
    """A requirement on a path, with what the baseline says of it.

    A known failure of one check hides nothing of another: where several judge, each that is worse than a
    pass is found by itself, unless a row speaks for all of them.
    """

    def __init__(self, requirement: Requirement, path: str, baseline: Baseline, today: date) -> None:
        self._requirement = requirement
        self._path = path
        self._today = today
        entries = baseline.entries_on(requirement.id, path)
        self._of_checks = {entry.check: entry for entry in entries if entry.check}
        of_all = next((entry for entry in entries if not entry.check), None)
        self._of_all: Entry | Flaky | None = of_all or baseline.flake(requirement.id, path)
        self._is_known = path in baseline.exercised.get(requirement.id, ())

    def findings(self, judgements: Sequence[Judgement]) -> Iterator[Finding]:
        """What is found here: one for all checks, or one for each of which there is something to say."""
        if self._of_all is not None:
            yield self._finding(judgements, self._of_all)
            return
        by_check: dict[str, list[Judgement]] = {check: [] for check in self._of_checks}
        for judgement in judgements:
            by_check.setdefault(judgement.check, []).append(judgement)
        told = {check: found for check, found in by_check.items() if self._is_told(check, found)}
        others = [judgement for judgement in judgements if judgement.check not in told]
        if not told or (others and not any(told.values())):
            yield self._finding(others, None)
        for check, found in told.items():
            name = check if len(by_check) > 1 or check in self._of_checks else ""
            yield self._finding(found, self._of_checks.get(check), check=name)

    def _is_told(self, check: str, judgements: Sequence[Judgement]) -> bool:
        return check in self._of_checks or any(each.verdict in _WORSE_THAN_A_PASS for each in judgements)

    def _finding(
        self, judgements: Sequence[Judgement], row: Entry | Flaky | None, *, check: str = ""
    ) -> Finding:
        now = worst(judgement.verdict for judgement in judgements) if judgements else None
        before = row.verdict if isinstance(row, Entry) else Verdict.PASS if self._is_known else None
        return Finding(
            kind=_kind(before, now, row, self._today),
            requirement=self._requirement,
            paths=(self._path,),
            before=before,
            now=now,
            row=row,
            judgement=next((each for each in judgements if each.verdict is now), None),
            check=check,
        )


def _kind(before: Verdict | None, now: Verdict | None, row: Entry | Flaky | None, today: date) -> Class:
    is_fixed = isinstance(row, Entry) and now is Verdict.PASS
    if row is not None and not is_fixed and is_expired(row, today):
        return Class.EXPIRED
    if isinstance(row, Flaky):
        return Class.FLAKY
    if now is None:
        return Class.DISAPPEARED
    if before is None:
        return Class.ADDED
    return _SAME.get(now, Class.ACCEPTED) if now is before else _NEWLY[now]


def _together(findings: Collection[Finding], ledger: Ledger) -> Iterator[Finding]:
    """One finding where several paths say the same."""
    grouped: dict[tuple[object, ...], list[Finding]] = {}
    for each in findings:
        line = each.row.line if each.row else 0
        alike = each.requirement.id, each.check, each.kind, each.before, each.now, line
        grouped.setdefault(alike, []).append(each)
    order = _places(ledger)
    for same in sorted(grouped.values(), key=lambda same: order[same[0].requirement.id]):
        paths = in_order(each.paths[0] for each in same)
        first = next(each for each in same if each.paths[0] == paths[0])
        yield replace(first, paths=paths)


def _places(ledger: Ledger) -> Mapping[str, int]:
    return {row.id: place for place, row in enumerate(ledger)}
