"""The gate: what a run found against what its baseline expects, one class for each difference."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from chatconform.findings.verdict import Judgement, Verdict, worst
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
        _finding(ledger[name], path, judged.get((name, path), ()), baseline, today) for name, path in due
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


def _finding(
    requirement: Requirement, path: str, judgements: Sequence[Judgement], baseline: Baseline, today: date
) -> Finding:
    now = worst(judgement.verdict for judgement in judgements) if judgements else None
    entry, flake = baseline.entry(requirement.id, path), baseline.flake(requirement.id, path)
    known = path in baseline.exercised.get(requirement.id, ())
    before = entry.verdict if entry else Verdict.PASS if known else None
    row = entry or flake
    return Finding(
        kind=_kind(before, now, row, today),
        requirement=requirement,
        paths=(path,),
        before=before,
        now=now,
        row=row,
        judgement=next((each for each in judgements if each.verdict is now), None),
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
        grouped.setdefault((each.requirement.id, each.kind, each.before, each.now, line), []).append(each)
    order = _places(ledger)
    for alike in sorted(grouped.values(), key=lambda alike: order[alike[0].requirement.id]):
        paths = in_order(each.paths[0] for each in alike)
        first = next(each for each in alike if each.paths[0] == paths[0])
        yield replace(first, paths=paths)


def _places(ledger: Ledger) -> Mapping[str, int]:
    return {row.id: place for place, row in enumerate(ledger)}
