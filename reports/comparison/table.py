"""Several runs beside each other: a line for each requirement, a column for each target."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from chatconform.findings.verdict import Verdict
from chatconform.judging.conformance import Result
from chatconform.ledger import Ledger
from chatconform.ledger.requirement import Kind, Requirement
from chatconform.reports import told
from chatconform.reports.comparison import noise
from chatconform.reports.findings import findings_of
from chatconform.reports.report import Report

_NAME = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One run with a name that no other column has."""

    name: str
    report: Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What one run says of a requirement; without a result where it did not ask."""

    result: Result | None

    @property
    def verdict(self) -> Verdict | None:
        """The verdict, if there is one."""
        return self.result.verdict if self.result else None

    @property
    def word(self) -> str:
        """The verdict as a word, `absent` where there is none."""
        return self.verdict.value if self.verdict else "absent"

    @property
    def brief(self) -> str:
        """What is wrong in a line; empty for a pass."""
        if self.result is None or self.verdict is Verdict.PASS:
            return ""
        return findings_of(self.result.decisive)[0].brief


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A requirement with a cell for each column."""

    requirement: Requirement
    cells: tuple[Cell, ...]

    @property
    def differs(self) -> bool:
        """Whether the columns do not all say the same."""
        return len({cell.verdict for cell in self.cells}) > 1

    @property
    def noise(self) -> str:
        """For a rule about a model's mood that differs, whether that is more than chance would bring."""
        if not self.differs or self.requirement.kind is not Kind.MODEL:
            return ""
        return noise.sentence(noise.chance(cell.result for cell in self.cells))


@dataclass(frozen=True, slots=True, kw_only=True)
class Camps:
    """What each column does in a matter where vendors may differ; empty where it was not seen."""

    requirement: Requirement
    topic: str
    camps: tuple[str, ...]

    @property
    def differs(self) -> bool:
        """Whether those that were seen do not all do the same."""
        return len({camp for camp in self.camps if camp}) > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The matrix: lines in the ledger's order, observations as lines of their own."""

    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    camps: tuple[Camps, ...]

    @property
    def source(self) -> Path:
        """The file beside which a page is written that was given no name."""
        return self.columns[0].report.source.with_name("comparison")

    @property
    def areas(self) -> Mapping[str, tuple[Line, ...]]:
        """The lines by area, in order."""
        grouped: dict[str, list[Line]] = {}
        for line in self.lines:
            grouped.setdefault(line.requirement.area, []).append(line)
        return {area: tuple(lines) for area, lines in grouped.items()}

    @property
    def different(self) -> tuple[Line, ...]:
        """The lines on which the columns do not agree."""
        return tuple(line for line in self.lines if line.differs)

    @property
    def is_of_one_target(self) -> bool:
        """Whether all runs are of the same target: then what differs has changed."""
        targets = [column.report.record.header.target for column in self.columns]
        # Who calls it nothing may mean any of those that have a name.
        names = {target.name for target in targets if target.name}
        return len({(target.url, target.model) for target in targets}) == 1 and len(names) < 2

    @property
    def is_of_one_ledger(self) -> bool:
        """Whether all runs were judged by the same rules."""
        return len({column.report.record.header.ledger_digest for column in self.columns}) == 1


def comparison_of(reports: Iterable[Report], ledger: Ledger, *, names: tuple[str, ...] = ()) -> Comparison:
    """The matrix of these runs in their order; `names` are for the first columns, others name themselves."""
    told = tuple(reports)
    columns = tuple(
        Column(name=name, report=report) for name, report in zip(_names(told, names), told, strict=True)
    )
    results = [{result.requirement.id: result for result in report.answer.results} for report in told]
    rows = [row for row in ledger if any(row.id in known for known in results)]
    lines = tuple(
        Line(requirement=row, cells=tuple(Cell(result=known.get(row.id)) for known in results))
        for row in rows
    )
    return Comparison(columns=columns, lines=lines, camps=tuple(_camps(rows, results)))


def _camps(rows: list[Requirement], results: list[dict[str, Result]]) -> Iterator[Camps]:
    for row in rows:
        seen = [_seen(known.get(row.id)) for known in results]
        for topic in dict.fromkeys(topic for each in seen for topic in each):
            camps = tuple(", ".join(each.get(topic, ())) for each in seen)
            yield Camps(requirement=row, topic=topic, camps=camps)


def _seen(result: Result | None) -> dict[str, list[str]]:
    """The camps of each topic, each once."""
    found: dict[str, list[str]] = {}
    for judgement in result.judgements if result else ():
        for each in judgement.observations:
            camps = found.setdefault(each.topic, [])
            if each.camp not in camps:
                camps.append(each.camp)
    return found


def _names(reports: tuple[Report, ...], given: tuple[str, ...]) -> list[str]:
    """A name for each: the model, with its place or the day where that is not enough to tell them apart."""
    return [told.line(name, _NAME) for name in _distinct(reports, given)]


def _distinct(reports: tuple[Report, ...], given: tuple[str, ...]) -> list[str]:
    for form in (_model, _with_place, _with_time):
        own = [form(report) for report in reports]
        names = [*given, *own[len(given) :]]
        if len(set(names)) == len(names):
            return names
    stems = [report.source.stem for report in reports]
    names = [*given, *stems[len(given) :]]
    return [name if names.count(name) == 1 else f"{name} ({place + 1})" for place, name in enumerate(names)]


def _model(report: Report) -> str:
    return report.record.header.target.model


def _with_place(report: Report) -> str:
    target = report.record.header.target
    return f"{target.model} at {target.name or urlsplit(target.url).netloc}"


def _with_time(report: Report) -> str:
    started = report.record.header.started
    try:
        return f"{_model(report)}, {datetime.fromisoformat(started):%Y-%m-%d %H:%M}"
    except ValueError:
        return f"{_model(report)}, {started}"
