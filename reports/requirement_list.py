"""All requirements as one Markdown document, for readers of the repository."""

from __future__ import annotations

from chatconform.ledger import Ledger
from chatconform.ledger.areas import AREAS
from chatconform.ledger.requirement import Requirement

_INTRODUCTION = (
    "Made by `chatconform docs --list docs/requirements.md`; not to be edited. `chatconform explain ID` tells"
    " more of each, and `chatconform docs` makes a site of them."
)


def requirement_list(ledger: Ledger) -> str:
    """The document; a test holds it against the ledger."""
    parts = ["# The requirements", _INTRODUCTION]
    for area in ledger.areas:
        rows = [row for row in ledger if row.area == area]
        parts.append(f"## {area}: {AREAS[area]}")
        parts.append("\n".join(["| id | level | rule |", "|---|---|---|", *map(_row, rows)]))
    return "\n\n".join(parts) + "\n"


def _row(row: Requirement) -> str:
    unjudged = " (not judged)" if row.excluded else ""
    return f"| {row.id} | {row.level}{unjudged} | **{_cell(row.title)}.** {_cell(row.rule)} |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
