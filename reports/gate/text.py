"""The gate's answer as text: Markdown for the summary of a job, JSON for a program."""

from __future__ import annotations

import json
from collections.abc import Iterator

from chatconform.gating.answer import Class, Finding
from chatconform.reports.gate.words import (
    GLYPHS,
    NEXT,
    GateReport,
    before_and_now,
    came,
    headline,
    remark,
    terms,
)
from chatconform.reports.markdown import code
from chatconform.reports.run_facts import target_told
from chatconform.reports.told import line, told

BUDGET = 60_000
# What somebody has looked at before is folded.
_FOLDED = {Class.KNOWN_FAILURE, Class.ACCEPTED, Class.FLAKY, Class.ADDED}


def gate_summary(report: GateReport) -> str:
    """The document: the headline, then a table a class; what has no room is counted."""
    target = report.header.target
    parts = [
        f"### chatconform gate: {headline(report.answer)}",
        f"{code(target_told(target))}, model {code(target.model)}, baseline {code(str(report.baseline))}",
    ]
    for kind, findings in report.shown():
        parts.append(_class(kind, findings, report, BUDGET - sum(map(_size, parts))))
    return "\n\n".join(parts) + "\n"


def gate_json(report: GateReport) -> str:
    """Every finding, those that held too."""
    answer = report.answer
    document = {
        "exit_code": int(answer.exit_code),
        "headline": headline(answer),
        "baseline": str(report.baseline),
        "target": {
            "name": line(report.header.target.name),
            "url": line(report.header.target.url),
            "model": line(report.header.target.model),
        },
        "today": answer.today.isoformat(),
        "not_asked": answer.not_asked,
        "findings": [_row(finding, report) for finding in answer.findings],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _class(kind: Class, findings: tuple[Finding, ...], report: GateReport, room: int) -> str:
    glyph, _ = GLYPHS[kind]
    head = f"**{glyph} {kind}** ({len(findings)}): {NEXT[kind]}"
    rows, room = [], room - _size(head) - 400
    for number, finding in enumerate(findings):
        row = _line(finding, report)
        room -= _size(row)
        if room < 0:
            rows.append(f"| and {len(findings) - number} more | | | |")
            break
        rows.append(row)
    table = "\n".join(["| requirement | on | before → now | |", "|---|---|---|---|", *rows])
    if kind not in _FOLDED:
        return f"{head}\n\n{table}"
    folded = f"<details><summary>{glyph} {kind} ({len(findings)})</summary>"
    return f"{folded}\n\n{NEXT[kind]}\n\n{table}\n\n</details>"


def _line(finding: Finding, report: GateReport) -> str:
    row = finding.requirement
    before, now = before_and_now(finding)
    # A bar ends a cell, also in code.
    notes = "<br>".join(code(note).replace("|", "\\|") for note in _notes(finding, report))
    rule = f"{row.id} ({row.level}) {code(row.title)}"
    return f"| {rule} | {', '.join(finding.paths)} | {before} → {now} | {notes} |"


def _notes(finding: Finding, report: GateReport) -> Iterator[str]:
    if finding.check:
        yield f"check {line(finding.check)}"
    if finding.row is not None:
        yield f"{terms(finding.row, report.answer.today)} (line {finding.row.line})"
    yield from filter(None, (came(finding), remark(finding, report.answer)))


def _row(finding: Finding, report: GateReport) -> dict[str, object]:
    row, requirement = finding.row, finding.requirement
    return {
        "class": finding.kind.value,
        "fails": report.answer.fails(finding),
        "requirement": requirement.id,
        "level": requirement.level.value,
        "title": requirement.title,
        "paths": list(finding.paths),
        "check": line(finding.check),
        "before": finding.before.value if finding.before else None,
        "now": finding.now.value if finding.now else None,
        "came": told(came(finding)),
        "reason": told(row.reason) if row else "",
        "expires": row.expires.isoformat() if row and row.expires else None,
        "ticket": told(row.ticket) if row else "",
        "line": row.line if row else None,
    }


def _size(text: str) -> int:
    return len(text.encode("utf-8", "backslashreplace")) + 2
