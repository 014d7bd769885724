"""The part of a report about clients: how each did, what it made of which answers, and what is broken there.

A pure function of the run record, as the report is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from chatconform.findings.reception import Outcome, Standing
from chatconform.judging.conformance import Conformance
from chatconform.printable import printable
from chatconform.record import Record
from chatconform.reports.client_groups import ClientGroup, client_groups

GLYPHS = {
    Outcome.SAME: ("✓", "green"),
    Outcome.LOSSY: ("◐", "yellow"),
    Outcome.WRONG: ("✗", "bold red"),
    Outcome.CRASH: ("!", "bold magenta"),
}

_GROUPS = 12
_DIFFERENCES = 3


def clients_section(record: Record, answer: Conformance) -> Iterator[RenderableType]:
    """The parts of the section; nothing where no client listened."""
    if not record.standings:
        return
    yield Text("\nclients that read the same answers", style="bold")
    yield _standings(record.standings)
    for standing in record.standings:
        if standing.unheard:
            yield Text(printable(f"! {standing.client}: {standing.unheard} not replayed: {standing.reason}"))
    groups = client_groups(record.receptions, answer)
    titles = {result.requirement.id: result.requirement.title for result in answer.results}
    explained = [group for group in groups if group.beside]
    for group in explained[:_GROUPS]:
        yield from _group(group, titles)
    yield from _more(len(explained))
    own = [group for group in groups if not group.beside]
    if own:
        yield Text("\n  where nothing is broken: the clients' own doing", style="dim")
        yield _own(own[:_GROUPS])
        yield from _more(len(own))


def _more(groups: int) -> Iterator[Text]:
    if groups > _GROUPS:
        yield Text(f"  … and {groups - _GROUPS} more kinds of difference, in the record", style="dim")


def _own(groups: Iterable[ClientGroup]) -> Table:
    """A line for each: what a client makes of answers in which no requirement is broken."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for group in groups:
        glyph, style = GLYPHS[group.outcome]
        kind = Text.assemble("  ", (f"{glyph} {group.outcome}", style))
        made = f"{', '.join(group.doors)}: {group.made(1)}, of {_exchanges(group.exchanges)}"
        grid.add_row(kind, Text(printable(group.client)), Text(printable(made)))
    return grid


def _standings(standings: Iterable[Standing]) -> Table:
    grid = Table.grid(padding=(0, 2))
    for standing in standings:
        counts = [_count(standing.count(outcome), outcome) for outcome in Outcome]
        grid.add_row(Text(printable(f"  {standing.client} {standing.version}")), *counts)
    return grid


def _count(count: int, outcome: Outcome) -> Text:
    glyph, style = GLYPHS[outcome]
    return Text(f"{glyph} {count} {outcome}", style=style if count else "dim")


def _group(group: ClientGroup, titles: Mapping[str, str]) -> Iterator[RenderableType]:
    glyph, style = GLYPHS[group.outcome]
    doors = ", ".join(group.doors)
    yield Text.assemble(
        "\n", (f"{glyph} ", style), (printable(group.client), "bold"), f"  {group.outcome}  ", doors
    )
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row("raises" if group.first.error else "makes", Text(printable(group.made(_DIFFERENCES))))
    grid.add_row("of", _exchanges(group.exchanges))
    for id_ in group.beside:
        grid.add_row("beside", Text.assemble((id_, "bold"), f"  {titles[id_]}"))
    yield Padding(grid, (0, 0, 0, 2))


def _exchanges(ids: tuple[str, ...]) -> str:
    return ids[0] + (f" and {len(ids) - 1} more" if len(ids) > 1 else "")
