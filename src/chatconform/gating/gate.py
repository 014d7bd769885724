"""The gate: what a run found against what its baseline expects, one class for each difference."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from chatconform.findings.verdict import Judgement, Verdict, worst
from chatconform.gating.baseline import Baseline, Entry, Flaky, in_order, is_expired
from chatconform.judging.conformance import Conformance, ExitCode
from chatconform.ledger import Ledger
from chatconform.ledger.requirement import Level, Requirement


class Class(StrEnum):
    """What a difference between run and baseline is; the first six shut the gate."""

    NEW_FAILURE = "new failure"
    EXPIRED = "expired"
    FIXED = "fixed"
    NEWLY_UNSUPPORTED = "newly unsupported"
    NEWLY_INCONCLUSIVE = "newly inconclusive"
    DISAPPEARED = "disappeared"
    NOT_MEASURED = "not measured"
    ADDED = "added"
    FLAKY = "flaky"
    KNOWN_FAILURE = "known failure"
    ACCEPTED = "accepted"
    HELD = "held"


# The baseline itself is out of date: that is put right, whatever the level of the requirement.
_STALE = {Class.EXPIRED, Class.FIXED}
_WORSE = {Class.NEW_FAILURE, Class.NEWLY_UNSUPPORTED, Class.NEWLY_INCONCLUSIVE, Class.DISAPPEARED}
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One class of one requirement, on all paths where it is the same.

    `before` is what the baseline expects, nothing where it does not know the requirement; `now` is the
    verdict of the run, nothing where it has none. `judgement` is the first that made it so.
    """

    kind: Class
    requirement: Requirement
    paths: tuple[str, ...]
    before: Verdict | None
    now: Verdict | None
    row: Entry | Flaky | None = None
    judgement: Judgement | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the gate says: every finding in the ledger's order, and what of the baseline was not asked for.

    With `strict` what is added and broken shuts the gate as well.
    """

    findings: tuple[Finding, ...]
    today: date
    not_asked: int = 0
    measured: bool = True
    bug: bool = False
    strict: bool = False

    def of(self, kind: Class) -> tuple[Finding, ...]:
        """The findings of a class."""
        return tuple(finding for finding in self.findings if finding.kind is kind)

    @property
    def failing(self) -> tuple[Finding, ...]:
        """The findings that shut the gate."""
        return tuple(finding for finding in self.findings if self.fails(finding))

    def fails(self, finding: Finding) -> bool:
        """Whether a finding shuts the gate.

        What was accepted as held may not get worse, be it a MUST or a SHOULD. A MAY never shuts it, as
        whoever leaves it out breaks nothing.
        """
        if finding.kind in _STALE:
            return True
        if finding.requirement.level is Level.MAY:
            return False
        is_added = self.strict and finding.kind is Class.ADDED and finding.now is Verdict.FAIL
        return finding.kind in _WORSE or is_added

    @property
    def exit_code(self) -> ExitCode:
        """What the gate says to a script: 0 open, 1 shut, 3 not measured, 4 a bug of ours."""
        if self.bug:
            return ExitCode.BUG
        if self.failing:
            return ExitCode.DOES_NOT_CONFORM
        missing = any(each.requirement.level is not Level.MAY for each in self.of(Class.NOT_MEASURED))
        return ExitCode.NOT_MEASURED if missing or not self.measured else ExitCode.CONFORMS


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
        yield Finding(
            kind=first.kind,
            requirement=first.requirement,
            paths=paths,
            before=first.before,
            now=first.now,
            row=first.row,
            judgement=first.judgement,
        )


def _places(ledger: Ledger) -> Mapping[str, int]:
    return {row.id: place for place, row in enumerate(ledger)}
