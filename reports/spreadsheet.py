"""CSV for a spreadsheet, in which nothing that a stranger wrote is calculated."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

# Spreadsheets take a cell that begins like this for a formula, whoever wrote it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def spreadsheet(rows: Iterable[Iterable[str]]) -> str:
    """The rows as CSV; a cell that would be a formula stands behind a quote."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([_inert(cell) for cell in row] for row in rows)
    return out.getvalue()


def _inert(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
