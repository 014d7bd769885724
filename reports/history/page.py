"""A history as one HTML file: trends as plots, and each rule whose verdict changed, with every change."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from chatconform._version import __version__
from chatconform.findings.verdict import Verdict
from chatconform.history.course import Change, Course
from chatconform.history.glance import Glance
from chatconform.history.history import History, TargetHistory
from chatconform.reports.history.words import (
    changes_told,
    day,
    file_of,
    name,
    notes,
    shifts_told,
    span,
    times,
    word,
)
from chatconform.reports.pages.embedding import JsonObject
from chatconform.reports.pages.page import GLYPHS, data, page

SCRIPTS = ("vendor/plot.js", "text.js", "rules.js", "history.js")
_ABSENT = "-"


def html_history(history: History) -> str:
    """The page of a history; what a target or a record says is shown and never run."""
    changed = [course for target in history.targets for course in target.changed]
    return page(
        "history.html",
        scripts=SCRIPTS,
        targets=list(map(_target, history.targets)),
        changed=len(changed),
        unstable=sum(course.is_unstable for course in changed),
        areas=sorted({course.requirement.area for course in changed}),
        trends=data([list(map(_trend, target.runs)) for target in history.targets]),
        records=len(history.runs),
        version=__version__,
    )


def _target(target: TargetHistory) -> JsonObject:
    return {
        "name": name(target),
        "span": span(target),
        "changes_told": changes_told(target),
        "changed": list(map(_course, target.changed)),
        "runs": [_run(run) for run in reversed(target.runs)],
    }


def _course(course: Course) -> JsonObject:
    return {
        "row": course.requirement,
        "now": course.changes[0].after,
        "unstable": course.is_unstable,
        "times": times(course),
        "pieces": list(_pieces(course)),
        "changes": list(map(_change, course.changes)),
    }


def _pieces(course: Course) -> Iterator[JsonObject]:
    """The verdicts in the order of the runs, those together that are the same."""
    for verdict, group in groupby(course.verdicts):
        count = len(list(group))
        glyph = GLYPHS[verdict] if verdict else _ABSENT
        yield {"verdict": verdict, "word": word(verdict), "count": count, "glyphs": glyph * count}


def _change(change: Change) -> JsonObject:
    return {
        "before": change.before,
        "after": change.after,
        "day": day(change.run),
        "file": file_of(change.run),
        "shifts": shifts_told(change),
    }


def _run(run: Glance) -> JsonObject:
    return {
        "day": day(run),
        "notes": notes(run),
        "counts": run.counts,
        "requests": run.requests,
        "tokens": run.tokens,
        "wall": run.wall,
        "tool": run.header.tool,
        "file": file_of(run),
    }


def _trend(run: Glance) -> JsonObject:
    counts = {verdict.value: run.counts[verdict] for verdict in Verdict}
    return {
        "day": day(run),
        "requests": run.requests,
        "tokens": run.tokens,
        "wall": run.wall,
        **counts,
    }
