"""The kill matrix as a picture: faults by the area that they break, against the areas that turn red."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from rich.console import Group
from rich.style import Style
from rich.text import Text

from chatconform.proving.matrix import Matrix, Row

_CELL = 3
# From little to much, on a dark and on a light ground alike; the number says the same without colour.
_SHADES = ("grey70", "gold3", "dark_orange3", "red3", "bold red3")


def heat(matrix: Matrix, *, announced: bool = False) -> Group:
    """One line for each area: how many of its faults turn red each area's requirements.

    With `announced` what a fault need not turn red is left out: it is not the same in each proof.
    """
    areas = _areas(matrix.rows, announced=announced)
    counts = {area: Counter[str]() for area in areas}
    for row in matrix.rows:
        reds = row.own if announced else row.reds
        for area in {_area(red.requirement) for red in reds}:
            counts[_own_area(row)][area] += 1
    label = max(map(len, areas), default=0) + 1
    lines = [_line(area, counts[area], areas, label) for area in areas]
    return Group(*_heading(areas, label), *lines)


def _heading(areas: tuple[str, ...], label: int) -> list[Text]:
    """The names of the areas, written downwards."""
    height = max(map(len, areas), default=0)
    return [
        Text(" " * label + "".join(name.rjust(height)[n].rjust(_CELL) for name in areas), style="dim")
        for n in range(height)
    ]


def _line(area: str, counts: Counter[str], areas: tuple[str, ...], label: int) -> Text:
    line = Text(area.ljust(label))
    for other in areas:
        count = counts[other]
        line.append(str(count).rjust(_CELL) if count else "·".rjust(_CELL), style=_style(count))
    return line


def _style(count: int) -> Style:
    if not count:
        return Style.parse("grey50")
    return Style.parse(_SHADES[min(len(str(count)) + (count > 3), len(_SHADES)) - 1])


def _areas(rows: Iterable[Row], *, announced: bool) -> tuple[str, ...]:
    found = {_own_area(row) for row in rows}
    for row in rows:
        found |= {_area(red.requirement) for red in (row.own if announced else row.reds)}
    return tuple(sorted(found))


def _own_area(row: Row) -> str:
    return _area(row.fault.kills[0])


def _area(requirement: str) -> str:
    return requirement.split("-")[1]
