"""A history as text: Markdown for an issue, CSV for a spreadsheet, JSON for a program."""

from __future__ import annotations

import json
from collections.abc import Iterator

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
from chatconform.reports.markdown import code, in_table
from chatconform.reports.pages.page import GLYPHS, MEANINGS
from chatconform.reports.spreadsheet import spreadsheet
from chatconform.reports.told import line as one_line


def markdown(history: History) -> str:
    """For each target its runs, and what changed in which of them."""
    parts = [part for target in history.targets for part in _target(target)]
    parts.append("; ".join(f"{glyph} {verdict}: {MEANINGS[verdict]}" for verdict, glyph in GLYPHS.items()))
    return "\n\n".join(parts) + "\n"


def _target(target: TargetHistory) -> Iterator[str]:
    yield f"### {code(name(target))}: {span(target)}"
    yield "\n".join(_runs(target))
    if len(target.runs) > 1:
        yield changes_told(target)
    if target.changed:
        yield "\n".join(_changes(target))


def _runs(target: TargetHistory) -> Iterator[str]:
    glyphs = " | ".join(GLYPHS.values())
    yield f"| run | {glyphs} | requests | tokens | seconds | record |"
    yield "|---|" + "--:|" * (len(GLYPHS) + 3) + "---|"
    for run in target.runs:
        counts = " | ".join(str(run.counts[verdict]) for verdict in GLYPHS)
        tokens = "" if run.tokens is None else str(run.tokens)
        wall = "" if run.wall is None else f"{run.wall:.1f}"
        note = f" {in_table(notes(run))}" if notes(run) else ""
        record = in_table(file_of(run))
        yield f"| {day(run)}{note} | {counts} | {run.requests} | {tokens} | {wall} | {record} |"


def _changes(target: TargetHistory) -> Iterator[str]:
    yield "| rule | changed | first run with it | what else changed |"
    yield "|---|---|---|---|"
    for course in target.changed:
        row = course.requirement
        for place, change in enumerate(course.changes):
            rule = f"{row.id} ({row.level}) {in_table(row.title)}; {times(course)}" if not place else ""
            told = f"{_glyph(change.before)} → {_glyph(change.after)}"
            shifts = in_table(shifts_told(change)) if change.shifts else ""
            yield f"| {rule} | {told} | {day(change.run)}, {in_table(file_of(change.run))} | {shifts} |"


def _glyph(verdict: Verdict) -> str:
    return f"{GLYPHS[verdict]} {verdict}"


def as_csv(history: History) -> str:
    """A row for each verdict of each run."""
    head = ("target", "started", "record", "tool", "requirement", "level", "area", "title", "verdict")
    return spreadsheet([head, *_verdicts(history)])


def _verdicts(history: History) -> Iterator[tuple[str, ...]]:
    for target in history.targets:
        for place, run in enumerate(target.runs):
            where = (one_line(run.header.started), file_of(run), one_line(run.header.tool))
            for course in target.courses:
                verdict, row = course.verdicts[place], course.requirement
                if verdict is not None:
                    yield name(target), *where, row.id, row.level, row.area, row.title, verdict.value


def as_json(history: History) -> str:
    """Runs and courses of each target; keys are stable."""
    return json.dumps({"targets": list(map(_target_json, history.targets))}, indent=2) + "\n"


def _target_json(target: TargetHistory) -> dict[str, object]:
    return {
        "name": target.name,
        "runs": list(map(_run_json, target.runs)),
        "changed": [course.requirement.id for course in target.changed],
        "unstable": [course.requirement.id for course in target.unstable],
        "requirements": list(map(_course_json, target.courses)),
    }


def _run_json(run: Glance) -> dict[str, object]:
    header = run.header
    return {
        "record": str(run.source),
        "started": header.started,
        "url": header.target.url,
        "model": header.target.model,
        "profile": header.profile,
        "tool": header.tool,
        "contract": {"version": header.contract_version, "digest": header.contract_digest},
        "ledger": header.ledger_digest,
        "shard": header.shard,
        "complete": run.is_whole,
        "verdicts": {verdict.value: run.counts[verdict] for verdict in Verdict},
        "requests": run.requests,
        "tokens": run.tokens,
        "wall": run.wall,
    }


def _course_json(course: Course) -> dict[str, object]:
    row = course.requirement
    return {
        "id": row.id,
        "level": row.level,
        "area": row.area,
        "title": row.title,
        "verdicts": [verdict and word(verdict) for verdict in course.verdicts],
        "unstable": course.is_unstable,
        "changes": list(map(_change_json, course.changes)),
    }


def _change_json(change: Change) -> dict[str, object]:
    return {
        "before": change.before,
        "after": change.after,
        "run": change.place,
        "started": change.run.header.started,
        "record": str(change.run.source),
        "since": str(change.since.source),
        "also_changed": [
            {"what": shift.what, "before": shift.before, "after": shift.after} for shift in change.shifts
        ],
    }
