"""The kill matrix as a picture: faults by the area that they break, against the areas that turn red."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from rich.console import Group
from rich.style import Style
from rich.text import Text

from chatconform.proving.matrix import Matrix, Row

_WIDE, _NARROW = 4, 3
# From little to much, on a dark and on a light ground alike; the number says the same without colour.
_SHADES = ("grey70", "gold3", "dark_orange3", "red3", "bold red3")


def heat(matrix: Matrix, *, width: int, announced: bool = False) -> Group:
    """One line for each area: how many of its faults turn red each area's requirements.

    Where the width is too little for three digits, 100 and more are `++`. With `announced` what a fault need
    not turn red is left out: it is not the same in each proof.
    """
    areas = _areas(matrix.rows, announced=announced)
    counts = {area: Counter[str]() for area in areas}
    for row in matrix.rows:
        reds = row.own if announced else row.reds
        for area in {_area(red.requirement) for red in reds}:
            counts[_own_area(row)][area] += 1
    label = max(map(len, areas), default=0) + 1
    cell = _WIDE if label + _WIDE * len(areas) <= width else _NARROW
    lines = [_line(area.ljust(label), counts[area], areas, cell) for area in areas]
    return Group(*_heading(areas, label, cell), *lines)


def _heading(areas: tuple[str, ...], label: int, cell: int) -> list[Text]:
    """The names of the areas, written downwards."""
    height = max(map(len, areas), default=0)
    return [
        Text(" " * label + "".join(name.rjust(height)[n].rjust(cell) for name in areas), style="dim")
        for n in range(height)
    ]


def _line(label: str, counts: Counter[str], areas: tuple[str, ...], cell: int) -> Text:
    line = Text(label, no_wrap=True)
    for other in areas:
        line.append(_told(counts[other], cell).rjust(cell), style=_style(counts[other]))
    return line


def _told(count: int, cell: int) -> str:
    # One column stays free, or the numbers of two neighbours would read as one.
    return ("++" if len(str(count)) >= cell else str(count)) if count else "·"


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
