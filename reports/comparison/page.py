"""The matrix as one HTML file: cells that open what they rest on, side by side and compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from chatconform._version import __version__
from chatconform.findings.verdict import Verdict
from chatconform.ledger.areas import AREAS
from chatconform.ledger.requirement import Level
from chatconform.reports.comparison.cells import Cells
from chatconform.reports.comparison.speed import timings_of
from chatconform.reports.comparison.table import Column, Comparison, Line
from chatconform.reports.pages.embedding import JsonObject, packed
from chatconform.reports.pages.page import data, page
from chatconform.reports.run_facts import decided_by, moment, target_told
from chatconform.reports.sentences import level_sentence

SCRIPTS = (
    *("vendor/plot.js", "vendor/diff.js", "text.js", "json.js", "timeline.js", "exchange.js", "rules.js"),
    *("speed.js", "difference.js", "matrix.js"),
)
_NARROW = 8


def html_comparison(comparison: Comparison) -> str:
    """The page of a comparison; what a target sent is shown and never run."""
    cells = Cells(comparison)
    told = {line.requirement.id: list(cells.told(line)) for line in _in_order(comparison)}
    return page(
        "compare.html",
        scripts=SCRIPTS,
        comparison=comparison,
        areas=[_area(name, lines) for name, lines in comparison.areas.items()],
        columns=[_column(column) for column in comparison.columns],
        narrow=len(comparison.columns) > _NARROW,
        matrix=data(told),
        speed=data([_speed(column) for column in comparison.columns]),
        exchanges=packed(cells.parts),
        left_out=cells.left_out,
        AREAS=AREAS,
        version=__version__,
    )


def _in_order(comparison: Comparison) -> Iterator[Line]:
    """What differs first: should room be short, it is there."""
    yield from (line for line in comparison.lines if line.differs)
    yield from (line for line in comparison.lines if not line.differs)


def _column(column: Column) -> JsonObject:
    report = column.report
    header, footer = report.record.header, report.record.footer
    return {
        "name": column.name,
        "target": target_told(header.target),
        "model": header.target.model,
        "started": moment(header.started),
        "levels": [level_sentence(report.answer, level) for level in (Level.MUST, Level.SHOULD)],
        "counts": report.answer.count(),
        "code": report.answer.exit_code,
        "policy": decided_by(header, strict=report.answer.strict),
        "requests": footer.requests if footer else len(report.record.exchanges),
        "tokens": footer.tokens if footer else None,
        "wall": footer.wall if footer else None,
        "whole": footer is not None and footer.complete,
        "source": report.source.name,
    }


def _area(name: str, lines: tuple[Line, ...]) -> JsonObject:
    columns = range(len(lines[0].cells))
    return {
        "name": name,
        "title": AREAS[name],
        "lines": lines,
        "counts": [_counts(lines, n) for n in columns],
    }


def _counts(lines: tuple[Line, ...], column: int) -> Mapping[Verdict, int]:
    words = [line.cells[column].verdict for line in lines]
    return {verdict: words.count(verdict) for verdict in Verdict}


def _speed(column: Column) -> JsonObject:
    timings = timings_of(column.report.record.exchanges)
    footer = column.report.record.footer
    return {
        "name": column.name,
        "first": timings.first,
        "between": timings.between,
        "total": timings.total,
        "prompt": footer.tokens.prompt if footer else 0,
        "completion": footer.tokens.completion if footer else 0,
    }
