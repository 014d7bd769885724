"""What every form of the gate's answer says in the same words."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from chatconform.findings.verdict import Verdict
from chatconform.gating.acceptance import unreasoned
from chatconform.gating.answer import Answer, Class, Finding
from chatconform.gating.baseline import Entry, Flaky
from chatconform.judging.conformance import ExitCode
from chatconform.ledger.requirement import Level
from chatconform.record import Header
from chatconform.reports.findings import findings_of
from chatconform.reports.told import line

# A glyph and a word for each: nothing is told by colour alone.
GLYPHS = {
    Class.NEW_FAILURE: ("✗", "bold red"),
    Class.EXPIRED: ("†", "bold red"),
    Class.FIXED: ("✓", "bold green"),
    Class.NEWLY_UNSUPPORTED: ("○", "bold cyan"),
    Class.NEWLY_INCONCLUSIVE: ("?", "bold yellow"),
    Class.DISAPPEARED: ("−", "bold yellow"),  # noqa: RUF001 - a minus, as wide as the plus below
    Class.NOT_MEASURED: ("!", "bold magenta"),
    Class.ADDED: ("+", "bold cyan"),
    Class.FLAKY: ("~", "yellow"),
    Class.KNOWN_FAILURE: ("=", "red"),
    Class.ACCEPTED: ("=", "cyan"),
    Class.HELD: ("✓", "green"),
}

_ACCEPT = "accept it with --baseline-update --reason TEXT"
NEXT = {
    Class.NEW_FAILURE: f"mend the target, or {_ACCEPT}",
    Class.EXPIRED: "mend the target, or accept it again with --baseline-update --reason TEXT --expires DATE",
    Class.FIXED: "take the entry out, by hand or with --baseline-update",
    Class.NEWLY_UNSUPPORTED: f"it was better before; mend the target, or {_ACCEPT}",
    Class.NEWLY_INCONCLUSIVE: f"run again; if it stays, {_ACCEPT}, or put it into the flaky list",
    Class.DISAPPEARED: "the run was to judge it, and did not; accept that with --baseline-update",
    Class.NOT_MEASURED: f"run again when the target answers; if it stays, {_ACCEPT}",
    Class.ADDED: "the baseline does not know it yet; accept it with --baseline-update",
    Class.FLAKY: "logged only: it is in the flaky list",
    Class.KNOWN_FAILURE: "accepted",
    Class.ACCEPTED: "not passed, and accepted as it is",
}

_HEADLINES = {
    ExitCode.CONFORMS: "✓ the gate is open",
    ExitCode.DOES_NOT_CONFORM: "✗ the gate is shut",
    ExitCode.NOT_MEASURED: "! not measured well enough to say",
    ExitCode.BUG: "! a bug in chatconform, please report the record",
}
_PLURALS = {Class.NEW_FAILURE: "new failures", Class.KNOWN_FAILURE: "known failures"}


@dataclass(frozen=True, slots=True, kw_only=True)
class GateReport:
    """The gate's answer with where it comes from: the baseline's file, and the record at `source`.

    `any_target` says that the baseline was taken though it may be that of another target.
    """

    answer: Answer
    baseline: Path
    header: Header
    source: Path
    any_target: bool = False

    def shown(self) -> Iterator[tuple[Class, tuple[Finding, ...]]]:
        """The findings of each class that are told one by one; of what holds only how many."""
        for kind in Class:
            found = tuple(each for each in self.answer.of(kind) if not is_only_counted(each))
            if found:
                yield kind, found


def is_only_counted(finding: Finding) -> bool:
    """Whether there is nothing to tell of a finding beside its class."""
    is_known_not_to_apply = finding.kind is Class.ACCEPTED and finding.now is Verdict.NOT_APPLICABLE
    holds_too = finding.kind is Class.ADDED and finding.now is Verdict.PASS
    return finding.kind is Class.HELD or holds_too or is_known_not_to_apply


def headline(answer: Answer) -> str:
    """The answer in one line: what shuts the gate first, and how much held."""
    told = [
        f"{len(ids)} {_PLURALS.get(kind, kind) if len(ids) > 1 else kind}"
        for kind in Class
        if (ids := {finding.requirement.id for finding in answer.of(kind)})
    ]
    if answer.not_asked:
        told.append("a part of the baseline was not asked for")
    return f"{_HEADLINES[answer.exit_code]}: {', '.join(told) or 'nothing was judged'}"


def before_and_now(finding: Finding) -> tuple[str, str]:
    """The two verdicts, in words where there is none."""
    before = finding.before.value if finding.before else "unknown"
    return before, finding.now.value if finding.now else "not judged"


def came(finding: Finding) -> str:
    """What the run found, in a line, where it is not a pass."""
    judgement = finding.judgement
    return "" if judgement is None or finding.now is Verdict.PASS else findings_of([judgement])[0].brief


def acceptance(report: GateReport) -> str:
    """The command that accepts what shuts the gate; nothing where it is open."""
    if report.answer.exit_code is not ExitCode.DOES_NOT_CONFORM:
        return ""
    names = [shlex.quote(str(file)) for file in (report.source, report.baseline)]
    needs = " --any-target" if report.any_target else ""
    needs += " --reason TEXT --expires DATE" if unreasoned(report.answer) else ""
    return f"chatconform gate {names[0]} --baseline {names[1]} --baseline-update{needs}"


def terms(row: Entry | Flaky, today: date) -> str:
    """On which terms a row was accepted."""
    told = [line(row.reason) or "no reason given"]
    if row.since:
        told.append(f"since {row.since}")
    if row.expires:
        told.append(remaining(row.expires, today))
    if row.ticket:
        told.append(line(row.ticket))
    return "; ".join(told)


def remaining(expires: date, today: date) -> str:
    """How long a row still counts; its last day counts too."""
    days = (expires - today).days
    if days < 0:
        return f"expired {_days(-days)} ago ({expires})"
    return f"expires today ({expires})" if days == 0 else f"expires in {_days(days)} ({expires})"


def remark(finding: Finding, answer: Answer) -> str:
    """What keeps a difference from shutting the gate, where one would expect it to."""
    worse = finding.kind not in {Class.ADDED, Class.FLAKY, Class.KNOWN_FAILURE, Class.ACCEPTED, Class.HELD}
    is_may = finding.requirement.level is Level.MAY
    return "a MAY does not shut the gate" if worse and is_may and not answer.fails(finding) else ""


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"
