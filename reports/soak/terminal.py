"""The report of a soak on a terminal: each unstable verdict, how often it came, and what it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from chatconform.gating.baseline import in_order
from chatconform.judging.conformance import ExitCode
from chatconform.reports.soak.words import (
    SoakReport,
    alike,
    exhibit_told,
    headline,
    numbers,
    proposed_lines,
    remarks,
    share_told,
    title,
)
from chatconform.reports.terminal import GLYPHS
from chatconform.reports.told import line
from chatconform.reports.told import told as told_safely
from chatconform.stability.causes import MEANINGS, Attribution, Cause
from chatconform.stability.stability import Unstable

# What fits on a screen; the other forms have everything.
_MOST = 12
_RULES = 3
_ROWS = 25
_STYLES = {
    ExitCode.CONFORMS: "bold green",
    ExitCode.DOES_NOT_CONFORM: "bold yellow",
}


def print_soak(report: SoakReport, console: Console) -> None:
    """Print the whole report."""
    for part in _parts(report):
        console.print(part, soft_wrap=isinstance(part, Text) and part.no_wrap is True)


def _parts(report: SoakReport) -> Iterator[RenderableType]:
    for cause, found in report.by_cause:
        yield from _group(cause, found)
    yield from _flaky_list(report)
    yield Rule(style="dim")
    for number, reason in report.failures:
        yield Text(f"! run {number} came to nothing: {line(reason)}", style="bold magenta")
    if report.ended:
        yield Text(report.ended, style="bold magenta")
    yield Text(title(report), style="dim")
    yield Text(headline(report), style=_STYLES.get(report.exit_code, "bold magenta"))


def _group(cause: Cause, found: Sequence[Unstable]) -> Iterator[RenderableType]:
    count = len(found)
    yield Text(f"\n{MEANINGS[cause]}: {count} verdict{'' if count == 1 else 's'}", style="bold yellow")
    groups = alike(found)
    for group in groups[:_MOST]:
        yield from _unstable(group)
    rest = [each.requirement.id for group in groups[_MOST:] for each in group]
    if rest:
        yield Text(f"\nand {len(rest)} more: {', '.join(dict.fromkeys(rest))}", style="dim")


def _unstable(group: Sequence[Unstable]) -> Iterator[RenderableType]:
    """What changed in the same runs for the same reason, and the rules that did."""
    unstable = group[0]
    rules = {each.requirement.id: each.requirement for each in group}
    yield Text()
    for row in list(rules.values())[:_RULES]:
        yield Text.assemble((row.id, "bold"), f"  {row.level}  ", (row.title, "bold"))
    if len(rules) > _RULES:
        names = ", ".join(list(rules)[_RULES:])
        yield Text(f"and, in the same way, {len(rules) - _RULES} more: {names}", style="dim")
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row("on", Text(", ".join(line(path) for path in in_order(each.path for each in group))))
    for share in unstable.shares:
        glyph, style = GLYPHS[share.verdict]
        told = Text.assemble((f"{glyph} {share.verdict}", style), f"  {share_told(share)}, ")
        grid.add_row("", told.append(numbers(share.runs)))
    for cause in unstable.causes:
        runs = [each.run for each in unstable.attributions if each.cause is cause]
        if len(unstable.causes) > 1:
            grid.add_row("cause", Text(f"{MEANINGS[cause]}, in {numbers(runs)}"))
        for name, text in _exhibits(unstable.attribution(cause)):
            grid.add_row(name, text)
    if unstable.unexamined:
        grid.add_row("", Text(f"of {unstable.unexamined} more runs nobody looked for the cause", style="dim"))
    yield Padding(grid, (0, 0, 0, 2))


def _exhibits(attribution: Attribution) -> Iterator[tuple[str, Text]]:
    for exhibit in attribution.exhibits:
        told = Text(exhibit_told(exhibit))
        yield f"run {exhibit.run}", told.append(f"\n{line(exhibit.source.name)}", style="dim")


def _flaky_list(report: SoakReport) -> Iterator[Text]:
    rows, told = list(proposed_lines(report)), list(remarks(report))
    if not rows and not told:
        return
    yield Text("\nfor the flaky list of a baseline", style="bold")
    count = len(report.proposals.rows)
    if count > _ROWS:
        yield Text(
            f"{count} rules would be listed, and --format summary has the rows; so many at once have few"
            " causes, and it is better to mend those"
        )
    for row in rows if count <= _ROWS else ():
        # Not wrapped: it is made to be copied.
        yield Text(told_safely(row), style="blue", no_wrap=True, overflow="ignore")
    for remark in told:
        yield Text(line(remark))
