"""What the gate says, as annotations of a job of GitHub Actions: what shuts it, and what was not measured.

What was accepted has none. What is wrong with an entry points at its line in the baseline.
"""

from __future__ import annotations

from collections.abc import Iterator

from chatconform.gating.answer import Class, Finding
from chatconform.ledger.requirement import Level
from chatconform.reports.gate.words import NEXT, GateReport, before_and_now, came, headline, terms
from chatconform.reports.machine.annotations import Annotation, commands
from chatconform.reports.told import line


def gate_commands(report: GateReport) -> str:
    """The lines that a job prints."""
    missing = [each for each in report.answer.of(Class.NOT_MEASURED) if _counts(each)]
    found = [
        *(_annotation("error", finding, report) for finding in report.answer.failing),
        *(_annotation("warning", finding, report) for finding in missing),
    ]
    return commands(found, headline(report.answer))


def _counts(finding: Finding) -> bool:
    return finding.requirement.level is not Level.MAY


def _annotation(kind: str, finding: Finding, report: GateReport) -> Annotation:
    row, requirement = finding.row, finding.requirement
    return Annotation(
        kind=kind,
        name=requirement.id,
        title=f"{requirement.id} {requirement.level} {finding.kind}: {requirement.title}",
        message="\n".join(_lines(finding, report)),
        # Only a path of the repository is one that GitHub can show.
        file="" if report.baseline.is_absolute() else report.baseline.as_posix(),
        line=row.line if row else 0,
    )


def _lines(finding: Finding, report: GateReport) -> Iterator[str]:
    yield NEXT[finding.kind]
    yield f"on: {', '.join(line(path, 60) for path in finding.paths)}"
    yield "verdict: {} → {}".format(*before_and_now(finding))
    if told := came(finding):
        yield f"came: {line(told)}"
    if finding.row is not None:
        yield f"accepted: {terms(finding.row, report.answer.today)}"
