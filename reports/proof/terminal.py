"""The result of a proof on a terminal: the score, every hole, and on demand the whole matrix."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from rich import box
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from chatconform.proving.matrix import Matrix, Row
from chatconform.proving.sites import Site
from chatconform.proving.trial import Seen
from chatconform.reports.proof.heat import heat
from chatconform.resources import folder

_MOST_STRAYS = 6
_ENOUGH_TO_SEE = 8
# The longest id of a requirement, with the comma behind it: in less room none could be read.
_ID = len("CC-LOGPROBS-003,")


def print_proof(matrix: Matrix, *, whole: bool, seconds: float, console: Console | None = None) -> None:
    """Print what was proven; with `whole`, one line for each fault besides."""
    screen = console or Console(highlight=False)
    if len(matrix.rows) >= _ENOUGH_TO_SEE:
        screen.print(Padding(heat(matrix, width=screen.width), (0, 0, 1, 0)))
    for part in _parts(matrix, whole=whole):
        screen.print(part)
    screen.print(_cost(matrix, seconds))
    screen.print(headline(matrix))


def headline(matrix: Matrix) -> Text:
    """The whole result in one line."""
    killed = len(matrix.rows) - len(matrix.survivors)
    green = len(matrix.variants) - len(matrix.false_reds)
    told = f"{killed} of {len(matrix.rows)} faults killed"
    told += f", {len(matrix.checks) - len(matrix.unkilled)} of {len(matrix.checks)} checks killed by a fault"
    if matrix.variants:
        told += f", {green} of {len(matrix.variants)} legal variants green"
    if matrix.assertions:
        needed = len(matrix.assertions) - len(matrix.needless)
        told += f", {needed} of {len(matrix.assertions)} assertions needed"
    if not matrix.is_proven:
        return Text.assemble(("✗ not proven", "bold red"), f"  {told}")
    return Text.assemble(("✓ proven", "bold green"), f"  mutation score {matrix.score:.0%}: {told}")


def _parts(matrix: Matrix, *, whole: bool) -> Iterator[RenderableType]:
    if whole:
        yield _table(matrix.rows)
    yield from _listed(
        "faults that nothing kills", ((row.fault.id, _missing(row)) for row in matrix.survivors)
    )
    yield from _listed(
        "faults that turn red what nobody declared",
        ((row.fault.id, _told(row.strays)) for row in matrix.strays),
    )
    yield from _listed(
        "checks that no fault kills", ((name, matrix.checks[name]) for name in matrix.unkilled)
    )
    yield from _listed(
        "not green without a fault",
        ((f"{each.check} ({each.path})", f"{each.verdict}: {each.reason}") for each in matrix.not_green),
    )
    yield from _variants(matrix.false_reds)
    yield from _listed(
        "assertions that no fault needs", ((str(site), _line(site)) for site in matrix.needless)
    )


def _variants(reds: Mapping[str, tuple[Seen, ...]]) -> Iterator[RenderableType]:
    yield from _listed("red under a legal variant", ((name, _told(seen)) for name, seen in reds.items()))


def _table(rows: Iterable[Row]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("", no_wrap=True)
    table.add_column("fault", overflow="fold")
    table.add_column("killed by", overflow="fold", min_width=_ID)
    table.add_column("also red", style="dim", overflow="fold", min_width=_ID)
    for row in rows:
        mark = Text("✓", style="green") if row.is_killed else Text("✗", style="bold red")
        own = Text(", ".join(dict.fromkeys(red.requirement for red in row.own)))
        others = (red.requirement for red in row.reds if red not in row.own)
        table.add_row(mark, row.fault.id, own, ", ".join(dict.fromkeys(others)))
    return table


def _line(site: Site) -> str:
    lines = (folder("suites") / site.file).read_text(encoding="utf-8").splitlines()
    return " ".join(line.strip() for line in lines[site.line - 1 : site.line + 2])


def _missing(row: Row) -> str:
    return f"{row.fault.defect}\nnot red: {', '.join(row.missed)}"


def _told(seen: tuple[Seen, ...]) -> str:
    lines = [f"{each.requirement} {each.check} ({each.path}): {each.reason}" for each in seen[:_MOST_STRAYS]]
    left = len(seen) - _MOST_STRAYS
    return "\n".join([*lines, *([f"and {left} more"] if left > 0 else [])])


def _listed(title: str, entries: Iterable[tuple[str, str]]) -> Iterator[RenderableType]:
    found = list(entries)
    if not found:
        return
    yield Text(f"{title} ({len(found)})", style="bold red")
    # One below the other: beside a long name there would be no room for what is told of it.
    for name, told in found:
        yield Padding(Text(name), (0, 0, 0, 2))
        yield Padding(Text(told, style="dim"), (0, 0, 0, 6))
    yield Text("")


def _cost(matrix: Matrix, seconds: float) -> Text:
    requests = sum(row.requests for row in matrix.rows)
    return Text(f"{requests:,} requests with a fault, {seconds:.0f} s", style="dim")
