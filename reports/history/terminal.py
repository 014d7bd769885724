"""A history on a terminal: a line with bars for each run, and what changed, the newest first."""

from __future__ import annotations

from collections.abc import Iterator

from rich import box
from rich.bar import Bar
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from chatconform.findings.verdict import Verdict
from chatconform.history.course import Change, Course
from chatconform.history.glance import Glance
from chatconform.history.history import History, TargetHistory
from chatconform.reports.history.words import (
    changes_told,
    day,
    file_of,
    name,
    notes,
    shifts_told,
    span,
    times,
)
from chatconform.reports.terminal import GLYPHS

# What fits on a screen; the other forms have everything.
_RUNS = 40
_COURSES = 30
_CHANGES = 3
_RULES = 3
_BAR = 8
_WIDE = 100
_MEDIUM = 72
_ABSENT = ("-", "dim")


def print_history(history: History, console: Console | None = None) -> None:
    """Print the history of each target."""
    screen = console or Console(highlight=False)
    for target in history.targets:
        for part in _target(target, screen.width):
            screen.print(part)
    legend = [Text.assemble((glyph, style), f" {verdict}") for verdict, (glyph, style) in GLYPHS.items()]
    screen.print(Text("   ", style="dim").join([*legend, Text.assemble(_ABSENT, " not judged")]))


def _target(target: TargetHistory, width: int) -> Iterator[RenderableType]:
    yield Rule(Text(name(target), style="bold"))
    yield Text(span(target))
    yield _runs(target, width)
    hidden = len(target.runs) - _RUNS
    if hidden > 0:
        yield Text(f"and {hidden} earlier runs; the page has them all (--format html)", style="dim")
    if len(target.runs) < 2:
        return
    yield Text(changes_told(target), style="bold")
    for courses in target.alike[:_COURSES]:
        yield from _course(courses)
    more = sum(map(len, target.alike[_COURSES:]))
    if more:
        yield Text(f"and {more} more rules; every other form has them all (--format html)", style="dim")
    yield Text()


def _runs(target: TargetHistory, width: int) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("run", no_wrap=True)
    for glyph, style in GLYPHS.values():
        table.add_column(Text(glyph, style=style), justify="right", no_wrap=True)
    measures = _Measures(target.runs[-_RUNS:], width)
    measures.add_columns(table)
    for run in target.runs[-_RUNS:]:
        table.add_row(day(run).removesuffix(" UTC"), *_counts(run), *measures.cells(run))
    return table


class _Measures:
    """The columns of what runs cost, each number with its bar where there is room."""

    def __init__(self, runs: tuple[Glance, ...], width: int) -> None:
        self._has_bars = width >= _WIDE
        self._has_tokens = width >= _MEDIUM
        self._has_notes = any(map(notes, runs))
        self._most = [max(values) for values in zip(*map(self._values, runs), strict=True)]

    def add_columns(self, table: Table) -> None:
        for title in ("requests", "tokens", "seconds") if self._has_tokens else ("sent", "sec."):
            table.add_column(title, justify="right", no_wrap=True)
            if self._has_bars:
                table.add_column("", width=_BAR)
        if self._has_notes:
            table.add_column("", overflow="fold")

    def cells(self, run: Glance) -> Iterator[RenderableType]:
        for text, value, most in zip(self._texts(run), self._values(run), self._most, strict=True):
            yield text
            if self._has_bars:
                yield Bar(size=most or 1.0, begin=0.0, end=value, width=_BAR, color="cyan")
        if self._has_notes:
            yield Text(notes(run), style="bold magenta")

    def _values(self, run: Glance) -> tuple[float, ...]:
        values = (float(run.requests), float(run.tokens or 0), run.wall or 0.0)
        return values if self._has_tokens else (values[0], values[2])

    def _texts(self, run: Glance) -> tuple[str, ...]:
        tokens = "" if run.tokens is None else str(run.tokens)
        wall = "" if run.wall is None else f"{run.wall:.1f}"
        return (str(run.requests), tokens, wall) if self._has_tokens else (str(run.requests), wall)


def _counts(run: Glance) -> Iterator[Text]:
    for verdict, (_, style) in GLYPHS.items():
        count = run.counts[verdict]
        yield Text(str(count), style=style) if count else Text("·", style="dim")


def _course(courses: tuple[Course, ...]) -> Iterator[RenderableType]:
    """What changed in one way, and the rules that did."""
    course = courses[0]
    style = "bold yellow" if course.is_unstable else "dim"
    yield Text()
    for each in courses[:_RULES]:
        row = each.requirement
        yield Text.assemble((row.id, "bold"), f"  {row.level}  ", (row.title, "bold"))
    if courses[_RULES:]:
        others = ", ".join(each.requirement.id for each in courses[_RULES:])
        yield Text(f"and, in the same way, {len(courses) - _RULES} more: {others}", style="dim")
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row("runs", _strip(course))
    grid.add_row("", Text(times(course), style=style))
    for change in course.changes[:_CHANGES]:
        grid.add_row(day(change.run).removesuffix(" UTC"), _change(change))
    earlier = len(course.changes) - _CHANGES
    if earlier > 0:
        grid.add_row("", Text(f"and {earlier} earlier", style="dim"))
    yield Padding(grid, (0, 0, 0, 2))


def _change(change: Change) -> Text:
    told = Text.assemble(_word(change.before), " → ", _word(change.after), f"  {file_of(change.run)}")
    shifts = shifts_told(change)
    return told.append(f"\nwith {shifts}", style="yellow") if shifts else told


def _strip(course: Course) -> Text:
    """One glyph a run: the eye finds where it changed."""
    shown = course.verdicts[-_RUNS:]
    strip = Text("… " if len(course.verdicts) > _RUNS else "")
    for verdict in shown:
        glyph, style = GLYPHS[verdict] if verdict else _ABSENT
        strip.append(glyph, style=style)
    return strip


def _word(verdict: Verdict) -> Text:
    glyph, style = GLYPHS[verdict]
    return Text(f"{glyph} {verdict}", style=style)
