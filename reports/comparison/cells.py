"""The cells of a matrix as its page's script reads them, with the exchanges that they show.

Cells of one line show what can be compared: exchanges of the same check, of equal requests where possible.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from chatconform.findings.verdict import Judgement, Verdict
from chatconform.reports.comparison.table import Cell, Comparison, Line
from chatconform.reports.findings import Finding, Shown, findings_of
from chatconform.reports.pages.embedding import JsonObject, to_page
from chatconform.reports.showing import pointed_at
from chatconform.reports.told import line
from chatconform.wire.exchange import Exchange
from chatconform.wire.jsontext import NotJson

# Of all columns together: compressed it is a sixth of that, and pages of fifty runs stay below 20 MB.
TOTAL = 48_000_000
_FINDINGS = 4
_NAME, _PATHS = 120, 8


@dataclass(slots=True)
class Cells:
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
                "shown": [{"key": self._keep(place, each), "marks": _marks(each)} for each in shown],
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
        if self._size + size > TOTAL:
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
        "check": line(finding.check, _NAME),
        "paths": [line(path, _NAME) for path in finding.paths[:_PATHS]],
        "brief": finding.brief,
        "attempts": finding.attempts,
    }


def _marks(shown: Shown) -> list[str]:
    return [line(mark, _NAME) for mark in shown.marks]


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
