"""What every form of a history says in the same words."""

from __future__ import annotations

from chatconform.findings.verdict import Verdict
from chatconform.history.course import Change, Course, Shift
from chatconform.history.glance import Glance
from chatconform.history.history import TargetHistory
from chatconform.reports.told import line

_NAME = 120
_SHORT = 60
ABSENT = "not judged"


def name(target: TargetHistory) -> str:
    """What the target is called, on one line."""
    return line(target.name, _NAME)


def day(run: Glance) -> str:
    """When a run began, in words of ours whatever the record says."""
    return f"{run.began:%Y-%m-%d %H:%M} UTC" if run.is_dated else "on a day that nobody knows"


def file_of(run: Glance) -> str:
    """The name of the file of a run."""
    return line(run.source.name, _NAME)


def span(target: TargetHistory) -> str:
    """How many runs there are, and from when to when."""
    first, last = target.runs[0], target.runs[-1]
    if first is last:
        return f"one run ({day(first)}): there is no trend yet"
    return f"{len(target.runs)} runs, from {day(first)} to {day(last)}"


def changes_told(target: TargetHistory) -> str:
    """How many verdicts changed, in words."""
    judged, changed, unstable = len(target.courses), len(target.changed), len(target.unstable)
    if not changed:
        return f"None of {judged} rules changed its verdict."
    more = f"; {unstable} of them again and again" if unstable else ""
    return f"{changed} of {judged} rules changed their verdict{more}."


def times(course: Course) -> str:
    """How often a course changed; that it is unstable, if so."""
    count = len(course.changes)
    told = "changed once" if count == 1 else f"changed {count} times"
    return f"unstable: {told}" if course.is_unstable else told


def shift_told(shift: Shift) -> str:
    """What else changed: `tool 0.1.0 → 0.2.0`."""
    return f"{shift.what} {_or_none(shift.before)} → {_or_none(shift.after)}"


def shifts_told(change: Change) -> str:
    """Everything else that changed, empty where nothing did."""
    return "; ".join(map(shift_told, change.shifts))


def notes(run: Glance) -> str:
    """What makes a run another than a whole one."""
    header = run.header
    told = [
        "" if run.is_whole else "cut off" if run.footer is None else "not complete",
        f"shard {line(header.shard, _SHORT)}" if header.shard else "",
        "" if run.is_measured else "hardly measured",
    ]
    return ", ".join(filter(None, told))


def word(verdict: Verdict | None) -> str:
    """The verdict as a word."""
    return verdict.value if verdict else ABSENT


def _or_none(text: str) -> str:
    return line(text, _SHORT) or "none"
