"""Where a baseline says two things of one requirement on one path."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chatconform.gating.baseline import Baseline, Entry, Flaky, in_order
from chatconform.ledger.section import Flaw


def contradictions(baseline: Baseline) -> Iterator[Flaw]:
    """Every pair of rows that speak for the same requirement on the same path, of one check or of all."""
    yield from _within(baseline.entries, "entry")
    yield from _within(baseline.flaky, "row of the flaky list")
    for entry in baseline.entries:
        for flake in baseline.flaky:
            if _meet(entry, flake):
                yield Flaw(
                    line=entry.line,
                    reason=f"{_told(entry, flake)} is in the flaky list too (line {flake.line});"
                    " take it out of one of them",
                )


def _within(rows: Sequence[Entry | Flaky], what: str) -> Iterator[Flaw]:
    for place, row in enumerate(rows):
        for earlier in rows[:place]:
            if _meet(row, earlier):
                yield Flaw(
                    line=row.line,
                    reason=f"{_told(row, earlier)} has another {what} (line {earlier.line}); keep one",
                )


def _meet(one: Entry | Flaky, other: Entry | Flaky) -> bool:
    if not one.requirement or one.requirement != other.requirement or _are_of_two_checks(one, other):
        return False
    return not one.paths or not other.paths or bool(set(one.paths) & set(other.paths))


def _are_of_two_checks(one: Entry | Flaky, other: Entry | Flaky) -> bool:
    if not isinstance(one, Entry) or not isinstance(other, Entry):
        return False
    return bool(one.check and other.check) and one.check != other.check


def _told(one: Entry | Flaky, other: Entry | Flaky) -> str:
    shared = in_order(set(one.paths) & set(other.paths) or one.paths or other.paths)
    return f"{one.requirement} on {', '.join(shared)}" if shared else one.requirement
