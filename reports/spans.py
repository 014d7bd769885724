"""When a judgement's exchanges took place.

Plays share exchanges, so the times of several judgements add up to more than the run took. What hears the
traffic of others (invariants and surveys) takes no time of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from chatconform.findings.verdict import Judgement
from chatconform.plays.path import EVERYWHERE
from chatconform.record import Record
from chatconform.reports.report import Report

# No exchange of a run takes longer than a year; a record that says so holds nonsense.
_LONGEST = 31_536_000.0


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when, in Unix time."""

    start: float
    stop: float

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.stop - self.start


def span_of(report: Report, judgement: Judgement) -> Span:
    """The first beginning and the last end of a judgement's own exchanges; without any, the run's."""
    begin = run_span(report.record).start
    found = [report.exchanges[each] for each in judgement.exchanges if each in report.exchanges]
    dated = [each for each in found if not each.undated and each.started >= 0]
    if judgement.path == EVERYWHERE or not dated:
        return Span(begin, begin)
    start = min(each.started for each in dated)
    return _span(start, max(each.started + each.elapsed for each in dated) - start)


def run_span(record: Record) -> Span:
    """When a run began and ended; a run that was cut off ends with its last exchange."""
    start = _moment(record.header.started)
    if record.footer is not None:
        return _span(start, record.footer.wall)
    ends = [each.started + each.elapsed for each in record.exchanges if not each.undated]
    return _span(start, max(ends, default=start) - start)


def iso(moment: float) -> str:
    """A moment in ISO 8601, in UTC."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _span(start: float, seconds: float) -> Span:
    return Span(start, start + min(max(seconds, 0.0), _LONGEST))


def _moment(text: str) -> float:
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        return 0.0
