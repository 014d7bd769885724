"""The part of a report about clients: how each did, what it made of which answers, and what is broken there.

A pure function of the run record, as the report is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from chatconform.findings.verdict import Verdict
from chatconform.judging.conformance import Conformance
from chatconform.oracles.reception import Outcome, Reception, Standing
from chatconform.printable import printable
from chatconform.record import Record

GLYPHS = {
    Outcome.SAME: ("✓", "green"),
    Outcome.LOSSY: ("◐", "yellow"),
    Outcome.WRONG: ("✗", "bold red"),
    Outcome.CRASH: ("!", "bold magenta"),
}

_WORST_FIRST = (Outcome.CRASH, Outcome.WRONG, Outcome.LOSSY)
_GROUPS = 12
_DIFFERENCES = 3
_BESIDE = 5


@dataclass(slots=True)
class _Group:
    """The receptions of one client that differ in the same things."""

    first: Reception
    doors: dict[str, None] = field(default_factory=dict)
    exchanges: dict[str, None] = field(default_factory=dict)


def clients_section(record: Record, answer: Conformance) -> Iterator[RenderableType]:
    """The parts of the section; nothing where no client listened."""
    if not record.standings:
        return
    yield Text("\nclients that read the same answers", style="bold")
    yield _standings(record.standings)
    for standing in record.standings:
        if standing.unheard:
            yield Text(printable(f"! {standing.client}: {standing.unheard} not replayed: {standing.reason}"))
    beside = [(group, _beside(group, answer)) for group in _grouped(record.receptions)]
    explained = [(group, rows) for group, rows in beside if rows]
    for group, rows in explained[:_GROUPS]:
        yield from _group(group, rows)
    yield from _more(len(explained))
    own = [group for group, rows in beside if not rows]
    if own:
        yield Text("\n  where nothing is broken: the clients' own doing", style="dim")
        yield _own(own[:_GROUPS])
        yield from _more(len(own))


def _more(groups: int) -> Iterator[Text]:
    if groups > _GROUPS:
        yield Text(f"  … and {groups - _GROUPS} more kinds of difference, in the record", style="dim")


def _own(groups: Iterable[_Group]) -> Table:
    """A line for each: what a client makes of answers in which no requirement is broken."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for group in groups:
        glyph, style = GLYPHS[group.first.outcome]
        kind = Text.assemble("  ", (f"{glyph} {group.first.outcome}", style))
        made = f"{', '.join(group.doors)}: {_made(group.first, 1)}, of {_exchanges(list(group.exchanges))}"
        grid.add_row(kind, Text(printable(group.first.client)), Text(printable(made)))
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


def _grouped(receptions: Iterable[Reception]) -> list[_Group]:
    groups: dict[object, _Group] = {}
    for reception in receptions:
        group = groups.setdefault(_likeness(reception), _Group(first=reception))
        group.doors[reception.door] = None
        group.exchanges[reception.exchange] = None
    return sorted(groups.values(), key=lambda group: _WORST_FIRST.index(group.first.outcome))


def _likeness(reception: Reception) -> object:
    """What two receptions have in common that show the same: the things that differ, or the exception."""
    things = frozenset((each.what, each.outcome) for each in reception.differences)
    return reception.client, reception.outcome, things, reception.error.partition(":")[0]


def _group(group: _Group, beside: Iterable[Text]) -> Iterator[RenderableType]:
    first = group.first
    glyph, style = GLYPHS[first.outcome]
    doors = ", ".join(group.doors)
    yield Text.assemble(
        "\n", (f"{glyph} ", style), (printable(first.client), "bold"), f"  {first.outcome}  ", doors
    )
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row("raises" if first.error else "makes", Text(printable(_made(first, _DIFFERENCES))))
    grid.add_row("of", _exchanges(list(group.exchanges)))
    for row in beside:
        grid.add_row("beside", row)
    yield Padding(grid, (0, 0, 0, 2))


def _made(reception: Reception, differences: int) -> str:
    if reception.error:
        return reception.error
    told = [str(each) for each in reception.differences[:differences]]
    more = len(reception.differences) - len(told)
    return "; ".join(told) + (f"; and {more} more" if more else "")


def _exchanges(ids: list[str]) -> str:
    return ids[0] + (f" and {len(ids) - 1} more" if len(ids) > 1 else "")


def _beside(group: _Group, answer: Conformance) -> list[Text]:
    """The requirements that are broken in the same exchanges, those first whose evidence lies there most."""
    shared: dict[str, int] = {}
    for result in answer.results:
        if result.verdict is Verdict.FAIL:
            places = [each.exchange for judgement in result.decisive for each in judgement.evidence]
            shared[result.requirement.id] = sum(place in group.exchanges for place in places)
    titles = {result.requirement.id: result.requirement.title for result in answer.results}
    nearest = sorted((id_ for id_, n in shared.items() if n), key=lambda id_: -shared[id_])[:_BESIDE]
    return [Text.assemble((id_, "bold"), f"  {titles[id_]}") for id_ in nearest]
