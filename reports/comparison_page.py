"""The matrix as one HTML file: cells that open what they rest on, side by side and compared."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from markupsafe import Markup

from chatconform._version import __version__
from chatconform.findings.verdict import Judgement, Verdict
from chatconform.ledger.areas import AREAS
from chatconform.ledger.requirement import Level
from chatconform.reports.comparison import Cell, Column, Comparison, Line
from chatconform.reports.embedding import JsonObject, packed, to_page
from chatconform.reports.findings import Finding, Shown, findings_of
from chatconform.reports.pages import page
from chatconform.reports.run_view import moment
from chatconform.reports.sentences import level_sentence
from chatconform.reports.showing import pointed_at
from chatconform.reports.timings import timings_of
from chatconform.wire.exchange import Exchange
from chatconform.wire.jsontext import NotJson

SCRIPTS = (
    *("vendor/plot.js", "vendor/diff.js", "text.js", "json.js", "timeline.js", "exchange.js", "rules.js"),
    *("speed.js", "difference.js", "matrix.js"),
)
# Of all columns together: compressed it is a sixth of that, and pages of fifty runs stay below 20 MB.
_TOTAL = 48_000_000
_NARROW = 8
_FINDINGS = 4


def html_comparison(comparison: Comparison) -> str:
    """The page of a comparison; what a target sent is shown and never run."""
    cells = _Cells(comparison)
    told = {line.requirement.id: list(cells.told(line)) for line in _in_order(comparison)}
    return page(
        "compare.html",
        scripts=SCRIPTS,
        comparison=comparison,
        areas=[_area(name, lines) for name, lines in comparison.areas.items()],
        columns=[_column(column) for column in comparison.columns],
        narrow=len(comparison.columns) > _NARROW,
        matrix=_data(told),
        speed=_data([_speed(column) for column in comparison.columns]),
        exchanges=packed(cells.parts),
        left_out=cells.left_out,
        AREAS=AREAS,
        version=__version__,
    )


def _data(value: object) -> Markup:
    """JSON that can stand in an element: nothing in it begins a tag."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c").replace("&", "\\u0026").replace(">", "\\u003e"))  # noqa: S704 - no tag is left


def _in_order(comparison: Comparison) -> Iterator[Line]:
    """What differs first: should room be short, it is there."""
    yield from (line for line in comparison.lines if line.differs)
    yield from (line for line in comparison.lines if not line.differs)


def _column(column: Column) -> JsonObject:
    report = column.report
    header, footer = report.record.header, report.record.footer
    return {
        "name": column.name,
        "url": header.target.url,
        "model": header.target.model,
        "started": moment(header.started),
        "levels": [level_sentence(report.answer, level) for level in (Level.MUST, Level.SHOULD)],
        "counts": report.answer.count(),
        "code": report.answer.exit_code,
        "profile": header.profile,
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


@dataclass(slots=True)
class _Cells:
    """Tells cells for the page's script, and gathers the exchanges that they show."""

    comparison: Comparison
    parts: list[JsonObject] = field(default_factory=list)
    left_out: int = 0
    _size: int = 0
    _known: dict[str, bool] = field(default_factory=dict)
    _asked: dict[tuple[int, str], str] = field(default_factory=dict)

    def told(self, line: Line) -> Iterator[JsonObject]:
        """For each column: the verdict, what was found, and the exchanges to look at."""
        leading = self._leading(line)
        for place, cell in enumerate(line.cells):
            shown = self._shown(place, cell, leading)
            yield {
                "word": cell.word,
                "found": [_found(finding) for finding in _told(cell)],
                "shown": [{"key": self._keep(place, each), "marks": each.marks} for each in shown],
            }

    def _leading(self, line: Line) -> tuple[int, Judgement] | None:
        """The judgement that other columns are held against: the first that failed, else the first."""
        judged = [(place, cell.result) for place, cell in enumerate(line.cells) if cell.result]
        bad = [(place, result) for place, result in judged if result.verdict is Verdict.FAIL]
        for place, result in bad or judged:
            return place, result.decisive[0]
        return None

    def _shown(self, place: int, cell: Cell, leading: tuple[int, Judgement] | None) -> list[Shown]:
        if cell.result is None or leading is None:
            return []
        judgement = _counterpart(cell, leading[1])
        marks = {
            name: tuple(each.where for each in judgement.evidence if each.exchange == name)
            for name in judgement.exchanges
        }
        if judgement.verdict is Verdict.FAIL:
            return [_shown(judgement, name) for name in pointed_at(judgement)]
        wanted = [self._request(leading[0], name) for name in pointed_at(leading[1])[:1]]
        alike = [name for name in judgement.exchanges[:200] if self._request(place, name) in wanted]
        names = alike[:1] or list(judgement.exchanges[:1])
        return [Shown(exchange=name, marks=marks.get(name, ())) for name in names]

    def _request(self, place: int, name: str) -> str:
        """What an exchange asked, without what is of the target alone: address and model."""
        if (place, name) not in self._asked:
            exchange = self.comparison.columns[place].report.exchanges.get(name)
            self._asked[place, name] = _asked(exchange) if exchange else ""
        return self._asked[place, name]

    def _keep(self, place: int, shown: Shown) -> str:
        key = f"{place}:{shown.exchange}"
        if key not in self._known:
            self._known[key] = self._add(place, shown.exchange, key)
        return key

    def _add(self, place: int, name: str, key: str) -> bool:
        report = self.comparison.columns[place].report
        exchange = report.exchanges.get(name)
        if exchange is None:
            return False
        part = {**to_page(exchange, report.record.header.target.key_env), "key": key}
        size = len(str(part))
        if self._size + size > _TOTAL:
            self.left_out += 1
            return False
        self._size += size
        self.parts.append(part)
        return True


def _told(cell: Cell) -> tuple[Finding, ...]:
    """What made the verdict, unless that is a pass."""
    if cell.result is None or cell.verdict is Verdict.PASS:
        return ()
    return findings_of(cell.result.decisive)[:_FINDINGS]


def _found(finding: Finding) -> JsonObject:
    return {
        "check": finding.check,
        "paths": finding.paths,
        "brief": finding.brief,
        "attempts": finding.attempts,
    }


def _shown(judgement: Judgement, name: str) -> Shown:
    marks = [each.where for each in judgement.evidence if each.exchange == name]
    return Shown(exchange=name, marks=tuple(dict.fromkeys(marks)))


def _counterpart(cell: Cell, leading: Judgement) -> Judgement:
    """The judgement of a cell that made its verdict, of the same check and path where there is one."""
    assert cell.result is not None
    decisive = cell.result.decisive
    alike = [each for each in decisive if each.check == leading.check]
    return next((each for each in alike if each.path == leading.path), (alike or list(decisive))[0])


def _asked(exchange: Exchange) -> str:
    try:
        body = exchange.request.json
    except NotJson:
        return f"{exchange.request.method} {exchange.request.body[:500]!r}"
    told = (
        {name: value for name, value in body.items() if name != "model"} if isinstance(body, dict) else body
    )
    return f"{exchange.request.method} {json.dumps(told, sort_keys=True)}"
