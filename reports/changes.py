"""Which verdicts of a record are others by the checks of today."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from chatconform.reports.terminal import GLYPHS

if TYPE_CHECKING:
    from chatconform.findings.verdict import Verdict
    from chatconform.running.rejudging import Change


def print_changes(changes: Sequence[Change], console: Console | None = None) -> None:
    """Print each change as `before -> now`."""
    screen = console or Console(highlight=False)
    if not changes:
        screen.print("no verdict has changed", style="dim")
        return
    told = "one verdict has changed" if len(changes) == 1 else f"{len(changes)} verdicts have changed"
    screen.print(told, style="bold")
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_column(no_wrap=True)
    for change in changes:
        before, now = _word(change.before, "not judged"), _word(change.now, "no longer judged")
        where = Text(f"{change.check} ({change.path})")
        grid.add_row(f"  {change.requirement}", where, Text.assemble(before, " → ", now))
    screen.print(grid)


def _word(verdict: Verdict | None, absent: str) -> Text:
    if verdict is None:
        return Text(absent, style="dim")
    glyph, style = GLYPHS[verdict]
    return Text(f"{glyph} {verdict}", style=style)
