"""What an update changed in a baseline, as a diff would show it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.text import Text

from chatconform.gating.acceptance import Edit
from chatconform.gating.baseline import Baseline, Entry, Flaky
from chatconform.ledger import Ledger
from chatconform.printable import printable
from chatconform.reports.gate.words import terms

_NAMED = 6


def print_update(
    edits: Sequence[Edit],
    baselines: tuple[Baseline | None, Baseline],
    *,
    file: Path,
    ledger: Ledger,
    today: date,
    console: Console,
) -> None:
    """Print each row that came, went or changed, and which requirements were exercised for the first time."""
    before, after = baselines
    told = [*_rows(edits, ledger, today), *_exercised(before.exercised if before else {}, after.exercised)]
    what = "written" if before is None else "updated" if told else "says all of this already"
    console.print(Text(f"baseline {printable(str(file))} {what}", style="bold"))
    for line, style in told:
        console.print(Text(printable(line), style=style))


def _rows(edits: Sequence[Edit], ledger: Ledger, today: date) -> Iterator[tuple[str, str]]:
    for edit in edits:
        if edit.before is not None:
            yield f"- {_row(edit.before, ledger)}", "red"
        if edit.after is not None:
            yield f"+ {_row(edit.after, ledger)}", "green"
            yield f"    {terms(edit.after, today)}", "green"


def _row(row: Entry | Flaky, ledger: Ledger) -> str:
    verdict = row.verdict.value if isinstance(row, Entry) else "flaky"
    on = f" on {', '.join(row.paths)}" if row.paths else ""
    of = f" of {row.check}" if isinstance(row, Entry) and row.check else ""
    return f"{row.requirement} {ledger[row.requirement].title}: {verdict}{on}{of}"


def _exercised(
    before: Mapping[str, tuple[str, ...]], after: Mapping[str, tuple[str, ...]]
) -> Iterator[tuple[str, str]]:
    others = [name for name in after if name in before and before[name] != after[name]]
    for sign, names, style in (
        ("-", [name for name in before if name not in after], "red"),
        ("+", [name for name in after if name not in before], "green"),
        ("~", others, "yellow"),
    ):
        if names:
            paths = " on other paths" if sign == "~" else ""
            yield f"{sign} exercised{paths}: {_named(names)}", style


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
