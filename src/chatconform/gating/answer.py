"""What the gate says: findings with their classes, and whether it is open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from chatconform.findings.verdict import Judgement, Verdict
from chatconform.gating.baseline import Entry, Flaky
from chatconform.judging.conformance import ExitCode
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One class of one requirement, on all paths where it is the same; of one `check` of several, or of all.

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
    check: str = ""


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
