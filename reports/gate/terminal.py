"""The gate's answer on a terminal: each class with what to do next, and one line that says it all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from chatconform.findings.verdict import Verdict
from chatconform.gating.answer import Class, Finding
from chatconform.printable import printable
from chatconform.reports.gate.words import (
    GLYPHS,
    NEXT,
    GateReport,
    acceptance,
    before_and_now,
    came,
    headline,
    remark,
    terms,
)
from chatconform.reports.run_facts import target_told
from chatconform.reports.terminal import GLYPHS as VERDICTS
from chatconform.reports.terminal import HEADLINES

# These are told in a line each: somebody has looked at them before.
_BRIEF = {Class.KNOWN_FAILURE, Class.ACCEPTED, Class.FLAKY, Class.ADDED}


def print_gate(report: GateReport, console: Console) -> None:
    """Print the whole answer."""
    console.print(Rule(style="dim"))
    for part in _parts(report):
        console.print(part)
    if command := acceptance(report):
        console.print(Text("\nto accept all of this as it is now", style="dim"))
        # Not wrapped: it is made to be copied into a shell.
        console.print(Text(printable(command), style="blue", no_wrap=True, overflow="ignore"), soft_wrap=True)
    style = HEADLINES[report.answer.exit_code][1]
    console.print(Text(headline(report.answer), style=style))


def _parts(report: GateReport) -> Iterator[RenderableType]:
    target = report.header.target
    where = f"baseline {report.baseline} for {target.model} at {target_told(target)}"
    yield Text(printable(where), style="dim", overflow="fold")
    for kind, findings in report.shown():
        glyph, style = GLYPHS[kind]
        yield Text.assemble((f"\n{glyph} {kind}", style), (f": {NEXT[kind]}", "dim"))
        if kind in _BRIEF:
            yield _brief(findings, report)
        else:
            for finding in findings:
                yield from _finding(finding, report)


def _finding(finding: Finding, report: GateReport) -> Iterator[RenderableType]:
    row = finding.requirement
    yield Text.assemble("  ", (row.id, "bold"), f"  {row.level}  ", (row.title, "bold"))
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row("on", ", ".join(finding.paths))
    if finding.check:
        grid.add_row("check", Text(printable(finding.check)))
    grid.add_row("verdict", _change(finding))
    for name, value in _details(finding, report):
        grid.add_row(name, Text(printable(value)))
    yield Padding(grid, (0, 0, 0, 4))


def _details(finding: Finding, report: GateReport) -> Iterator[tuple[str, str]]:
    if told := came(finding):
        yield "came", told
    if finding.row is not None:
        yield "accepted", terms(finding.row, report.answer.today)
        yield "entry", f"{report.baseline}:{finding.row.line}"
    if said := remark(finding, report.answer):
        yield "note", said


def _brief(findings: Sequence[Finding], report: GateReport) -> RenderableType:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for finding in findings:
        row = finding.requirement
        check = f", {printable(finding.check)}" if finding.check else ""
        grid.add_row(f"  {row.id}", row.level, Text(f"{row.title} ({', '.join(finding.paths)}{check})"))
        told = terms(finding.row, report.answer.today) if finding.row else came(finding)
        grid.add_row("", "", Text.assemble(_change(finding), f"  {printable(told)}"))
    return grid


def _change(finding: Finding) -> Text:
    before, now = before_and_now(finding)
    if before == now:
        return _word(finding.now, now)
    return Text.assemble(_word(finding.before, before), " → ", _word(finding.now, now))


def _word(verdict: Verdict | None, word: str) -> Text:
    if verdict is None:
        return Text(word, style="dim")
    glyph, style = VERDICTS[verdict]
    return Text(f"{glyph} {word}", style=style)
