"""All runs that were read, as one history for each target."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from chatconform.findings.verdict import Verdict
from chatconform.gating.baseline import target_name
from chatconform.history.course import Course, courses_of
from chatconform.history.glance import Glance
from chatconform.ledger import Ledger
from chatconform.record.rows import TargetInfo


@dataclass(frozen=True, kw_only=True)
class TargetHistory:
    """The runs of one target in the order of time, and the courses of what they judged."""

    name: str
    runs: tuple[Glance, ...]
    courses: tuple[Course, ...]

    @cached_property
    def changed(self) -> tuple[Course, ...]:
        """The courses with a change, the newest change first."""
        found = [course for course in self.courses if course.changes]
        return tuple(sorted(found, key=lambda course: -course.changes[0].place))

    @cached_property
    def alike(self) -> tuple[tuple[Course, ...], ...]:
        """The same courses, those together that changed in the same runs and way: they have one cause."""
        grouped: dict[tuple[tuple[int, Verdict, Verdict], ...], list[Course]] = {}
        for course in self.changed:
            key = tuple((change.place, change.before, change.after) for change in course.changes)
            grouped.setdefault(key, []).append(course)
        return tuple(map(tuple, grouped.values()))

    @property
    def unstable(self) -> tuple[Course, ...]:
        """The courses that changed again and again, the one that changed most first."""
        found = (course for course in self.changed if course.is_unstable)
        return tuple(sorted(found, key=lambda course: -len(course.changes)))


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The history of each target; `folder` is where a page is written that was given no name."""

    targets: tuple[TargetHistory, ...]
    folder: Path

    @property
    def source(self) -> Path:
        """The file beside which a page is written that was given no name."""
        return self.folder / "history"

    @property
    def runs(self) -> tuple[Glance, ...]:
        """All runs of all targets."""
        return tuple(run for target in self.targets for run in target.runs)


def history_of(runs: Iterable[Glance], ledger: Ledger, *, folder: Path) -> History:
    """The runs by target, the target of the newest run first."""
    grouped: dict[str, list[Glance]] = {}
    for run in sorted(runs, key=lambda run: (run.began, run.header.started, run.source.name)):
        grouped.setdefault(called(run.header.target), []).append(run)
    newest_first = sorted(grouped.items(), key=lambda group: group[1][-1].began, reverse=True)
    targets = tuple(
        TargetHistory(name=name, runs=tuple(found), courses=courses_of(found, ledger))
        for name, found in newest_first
    )
    return History(targets=targets, folder=folder)


def called(target: TargetInfo) -> str:
    """What a target is called among others: its name, or its model and where that is.

    Without a name a server on this machine is the same one whatever its port: a job that starts one for
    itself has another port every time.
    """
    if target.name:
        return target.name
    known = target_name(target)
    return f"{known.model} at {known.url}"
