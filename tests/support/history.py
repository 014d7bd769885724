"""Runs made by hand, seen from far: a string of letters is the course of a requirement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from chatconform.findings.verdict import Verdict
from chatconform.history.glance import Glance, glance_of
from chatconform.record import Header, Record, Row
from chatconform.tests.support.reports import HEADER, judgement, record_of

LETTERS = {
    "P": Verdict.PASS,
    "F": Verdict.FAIL,
    "E": Verdict.ERROR,
    "I": Verdict.INCONCLUSIVE,
    "U": Verdict.UNSUPPORTED,
    "N": Verdict.NOT_APPLICABLE,
    "-": None,
}


def rows_of(record: Record) -> Iterable[Row]:
    """The rows of a record in the order in which they are written."""
    rows = (record.header, *record.exchanges, *record.judgements)
    return (*rows, *((record.footer,) if record.footer else ()))


def started(day: int) -> str:
    """The moment at which the run of a day begins."""
    return f"2026-{1 + day // 28:02}-{1 + day % 28:02}T20:00:00.000Z"


def record_on(day: int, verdicts: Mapping[str, Verdict | None], *, header: Header = HEADER) -> Record:
    """The record of a run on a day that gave these verdicts."""
    judged = [judgement(name, verdict) for name, verdict in verdicts.items() if verdict is not None]
    return record_of(judged, header=replace(header, started=started(day)))


def run_of(
    verdicts: Mapping[str, Verdict | None], *, day: int = 0, header: Header = HEADER, cut: bool = False
) -> Glance:
    """A glance at such a run."""
    record = record_on(day, verdicts, header=header)
    whole = replace(record, footer=None) if cut else record
    return glance_of(rows_of(whole), Path(f"run{day:03}.jsonl"))


def verdicts_on(courses: Mapping[str, str], day: int) -> dict[str, Verdict | None]:
    """The verdicts of a day in courses told by letters."""
    return {name: LETTERS[letters[day]] for name, letters in courses.items()}


def runs_of(courses: Mapping[str, str], *, headers: Mapping[int, Header] | None = None) -> list[Glance]:
    """A run a day; `headers` are those of the days on which they are not the usual one."""
    days = len(next(iter(courses.values())))
    return [
        run_of(verdicts_on(courses, day), day=day, header=(headers or {}).get(day, HEADER))
        for day in range(days)
    ]
