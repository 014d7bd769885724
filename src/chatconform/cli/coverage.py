"""`chatconform list --coverage`: what is judged, what is not and why, and what nobody speaks for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich import box
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from chatconform.contract import ElementKind
from chatconform.ledger.coverage import Coverage, Share, standing
from chatconform.ledger.requirement import Requirement, Standing

FEW = 20
BAR = 24
PLURALS = {
    ElementKind.OPERATION: "operations",
    ElementKind.STATUS: "statuses",
    ElementKind.PARAMETER: "parameters",
    ElementKind.FIELD: "fields",
    ElementKind.VALUE: "values",
}
STYLES = {Standing.CHECKED: "green", Standing.EXCLUDED: "cyan", Standing.UNCHECKED: "bold red"}


def print_coverage(covered: Coverage, *, everything: bool, console: Console | None = None) -> None:
    """Print the whole coverage, with at most twenty elements a kind unless everything is asked for."""
    screen = console or Console(highlight=False)
    for part in _parts(covered, everything):
        # The line of totals is for eyes and for `grep` alike: it stays one line.
        screen.print(part, soft_wrap=isinstance(part, Text) and part.no_wrap is True)


def _parts(covered: Coverage, everything: bool) -> Iterator[RenderableType]:
    yield _areas(covered)
    yield from _unchecked(standing(covered.requirements, Standing.UNCHECKED))
    yield from _excluded(standing(covered.requirements, Standing.EXCLUDED))
    yield Text("contract elements that a requirement speaks for", style="bold")
    yield Padding(_shares(covered), (0, 0, 1, 2), expand=False)
    for kind, share in covered.shares.items():
        yield from _silent(kind, share, len(share.silent) if everything else FEW)
    yield _totals(covered)


def _areas(covered: Coverage) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("area", no_wrap=True)
    for name in ("requirements", *Standing):
        table.add_column(name, justify="right", no_wrap=True)
    for area, rows in covered.areas.items():
        table.add_row(area, *_counts(rows))
    table.add_section()
    table.add_row("all", *_counts(covered.requirements), style="bold")
    return table


def _counts(rows: tuple[Requirement, ...]) -> Iterator[Text]:
    yield Text(str(len(rows)))
    for wanted in Standing:
        count = len(standing(rows, wanted))
        yield Text(str(count), style=STYLES[wanted]) if count else Text("·", style="dim")


def _unchecked(rows: tuple[Requirement, ...]) -> Iterator[RenderableType]:
    if rows:
        yield Text("no check judges", style="bold")
        yield _listed((row.id, Text(row.title)) for row in rows)


def _excluded(rows: tuple[Requirement, ...]) -> Iterator[RenderableType]:
    if rows:
        yield Text("excluded, and why", style="bold")
        yield _listed((row.id, Text(f"{row.title}\n{row.excluded}")) for row in rows)


def _shares(covered: Coverage) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(justify="right", no_wrap=True)
    grid.add_column(justify="right", no_wrap=True)
    grid.add_column(no_wrap=True)
    for kind, share in covered.shares.items():
        grid.add_row(PLURALS[kind], *_share(share))
    grid.add_row("all", *_share(covered.share), style="bold")
    return grid


def _share(share: Share) -> tuple[str, str, Text]:
    filled = BAR * share.spoken // share.total if share.total else BAR
    bar = Text.assemble(("█" * filled, "green"), ("░" * (BAR - filled), "dim"))
    return f"{share.spoken} of {share.total}", f"{share.percent} %", bar


def _silent(kind: ElementKind, share: Share, most: int) -> Iterator[RenderableType]:
    if not share.silent:
        return
    yield Text(f"{PLURALS[kind]} that no requirement speaks for", style="bold")
    owners: dict[str, list[str]] = {}
    for element in share.silent[:most]:
        owners.setdefault(element.owner, []).append(element.name)
    for owner, names in owners.items():
        yield Padding(Text(owner, style="dim"), (0, 0, 0, 2), expand=False)
        yield Padding(Text(", ".join(names)), (0, 0, 0, 4), expand=False)
    left = len(share.silent) - most
    if left > 0:
        yield Text(f"  and {left} more (--all lists them)", style="dim")
    yield Text()


def _listed(entries: Iterable[tuple[str, Text]]) -> Padding:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, text in entries:
        grid.add_row(name, text)
    return Padding(grid, (0, 0, 1, 2), expand=False)


def _totals(covered: Coverage) -> Text:
    counts = {wanted: len(standing(covered.requirements, wanted)) for wanted in Standing}
    rows = ", ".join(f"{count} {wanted}" for wanted, count in counts.items())
    share = covered.share
    return Text(
        f"{len(covered.requirements)} requirements: {rows}; "
        f"contract: {share.spoken} of {share.total} elements ({share.percent} %)",
        style="bold",
        no_wrap=True,
    )
