"""The matrix as text: Markdown for a README or an issue, CSV for a spreadsheet, JSON for a program."""

from __future__ import annotations

import json
from collections.abc import Iterator

from chatconform.findings.verdict import Verdict
from chatconform.ledger.areas import AREAS
from chatconform.ledger.requirement import Level
from chatconform.reports.comparison.table import Cell, Column, Comparison, Line
from chatconform.reports.markdown import code, in_table
from chatconform.reports.pages.page import GLYPHS, MEANINGS
from chatconform.reports.run_facts import decided_by
from chatconform.reports.sentences import level_sentence
from chatconform.reports.spreadsheet import spreadsheet
from chatconform.reports.told import line as one_line


def markdown(comparison: Comparison) -> str:
    """The targets, how they did by area, what differs with its reasons, and what the words mean."""
    parts = [
        f"### {len(comparison.columns)} runs compared by chatconform",
        _targets(comparison),
        _areas(comparison),
        _differences(comparison),
        _camps(comparison),
        "; ".join(f"{glyph} {verdict}: {MEANINGS[verdict]}" for verdict, glyph in GLYPHS.items()),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _targets(comparison: Comparison) -> str:
    rows = ["| target | MUST | SHOULD | run |", "|---|---|---|---|"]
    for column in comparison.columns:
        header, answer = column.report.record.header, column.report.answer
        told = " | ".join(level_sentence(answer, level) for level in (Level.MUST, Level.SHOULD))
        policy = in_table(decided_by(header, strict=answer.strict))
        rows.append(f"| {in_table(column.name)} | {told} | {in_table(header.started)}, {policy} |")
    return "\n".join(rows)


def _areas(comparison: Comparison) -> str:
    rows = _head("area", comparison)
    for area, lines in comparison.areas.items():
        cells = " | ".join(_share(lines, place) for place in range(len(comparison.columns)))
        rows.append(f"| {AREAS[area]} | {cells} |")
    return "\n".join(rows)


def _share(lines: tuple[Line, ...], place: int) -> str:
    """How many rules of an area held, of those that were measured."""
    verdicts = [line.cells[place].verdict for line in lines]
    held, broken = verdicts.count(Verdict.PASS), verdicts.count(Verdict.FAIL)
    return f"{held} of {held + broken}" if held + broken else "·"


def _differences(comparison: Comparison) -> str:
    if not comparison.different:
        return "Every rule came out the same."
    rows = _head("rule that differs", comparison)
    for line in comparison.different:
        cells = " | ".join(_told(cell) for cell in line.cells)
        row = line.requirement
        noise = f"; {line.noise}" if line.noise else ""
        rows.append(f"| {row.id} ({row.level}) {code(row.title)}{noise} | {cells} |")
    return "\n".join(rows)


def _told(cell: Cell) -> str:
    if cell.verdict is None:
        return "not asked"
    brief = f": {in_table(cell.brief)}" if cell.verdict is Verdict.FAIL else ""
    return f"{GLYPHS[cell.verdict]} {cell.verdict}{brief}"


def _camps(comparison: Comparison) -> str:
    different = [camps for camps in comparison.camps if camps.differs]
    if not different:
        return ""
    rows = _head("where vendors may differ", comparison)
    for camps in different:
        cells = " | ".join(in_table(camp) if camp else "·" for camp in camps.camps)
        rows.append(f"| {camps.topic.replace('-', ' ')} ({camps.requirement.id}) | {cells} |")
    return "\n".join(rows)


def _head(first: str, comparison: Comparison) -> list[str]:
    names = " | ".join(in_table(column.name) for column in comparison.columns)
    return [f"| {first} | {names} |", "|---|" + "---|" * len(comparison.columns)]


def as_csv(comparison: Comparison) -> str:
    """A row for each requirement, a column for each target."""
    head = ["requirement", "level", "area", "title", *_columns(comparison)]
    return spreadsheet([head, *map(_row, comparison.lines)])


def _row(line: Line) -> list[str]:
    row = line.requirement
    return [row.id, row.level, row.area, row.title, *(cell.word for cell in line.cells)]


def _columns(comparison: Comparison) -> Iterator[str]:
    return (one_line(column.name) for column in comparison.columns)


def as_json(comparison: Comparison) -> str:
    """Everything in the matrix, with the reasons; keys are stable."""
    told = {
        "targets": [_target(column) for column in comparison.columns],
        "requirements": [
            {
                "id": line.requirement.id,
                "level": line.requirement.level,
                "area": line.requirement.area,
                "title": line.requirement.title,
                "differs": line.differs,
                "noise": line.noise,
                "verdicts": [cell.verdict for cell in line.cells],
                "reasons": [cell.brief for cell in line.cells],
            }
            for line in comparison.lines
        ],
        "observations": [
            {"requirement": camps.requirement.id, "topic": camps.topic, "camps": camps.camps}
            for camps in comparison.camps
        ],
    }
    return json.dumps(told, indent=2) + "\n"


def _target(column: Column) -> dict[str, object]:
    report = column.report
    header = report.record.header
    counts = report.answer.count()
    return {
        "name": column.name,
        "target": header.target.name,
        "url": header.target.url,
        "model": header.target.model,
        "started": header.started,
        "profile": header.profile,
        "profile_version": header.profile_version,
        "policy": decided_by(header, strict=report.answer.strict),
        "tool": header.tool,
        "ledger": header.ledger_digest,
        "complete": report.record.footer is not None and report.record.footer.complete,
        "verdicts": {verdict.value: counts[verdict] for verdict in counts},
        "exit_code": int(report.answer.exit_code),
    }
