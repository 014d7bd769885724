"""What the judgements of one requirement say, put together where several paths say the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chatconform.findings.verdict import SEVERITY, Evidence, Judgement, Verdict
from chatconform.plays.path import EVERYWHERE
from chatconform.reports.attempts import kept
from chatconform.reports.showing import pointed_at
from chatconform.reports.told import line

_LISTED = 8
_BRIEF = 180


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An exchange to look at, with the places in it that are marked."""

    exchange: str
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One check's word on one or several paths.

    `expected` and `came` are empty for a rule about all traffic, whose `reason` counts; `exchanges` are the
    first of those that were judged, `judged` says how many there were; `shown` are those that show it.
    """

    verdict: Verdict
    check: str
    paths: tuple[str, ...]
    reason: str
    expected: str
    came: str
    evidence: tuple[Evidence, ...]
    attempts: str
    exchanges: tuple[str, ...]
    judged: str
    shown: tuple[Shown, ...]
    bug: str

    @property
    def brief(self) -> str:
        """It in one line."""
        told = f"expected {self.expected}, came {self.came}" if self.expected else self.reason
        return line(told, _BRIEF)


def findings_of(judgements: Iterable[Judgement]) -> tuple[Finding, ...]:
    """The findings, the worst first."""
    grouped: dict[tuple[object, ...], list[Judgement]] = {}
    for judgement in judgements:
        grouped.setdefault(_likeness(judgement), []).append(judgement)
    found = [_finding(alike) for alike in grouped.values()]
    return tuple(sorted(found, key=lambda finding: SEVERITY.index(finding.verdict)))


def _likeness(judgement: Judgement) -> tuple[object, ...]:
    return judgement.check, judgement.verdict, judgement.expected or judgement.reason


def _finding(alike: list[Judgement]) -> Finding:
    first = alike[0]
    named = list(dict.fromkeys(name for judgement in alike for name in judgement.exchanges))
    counts = first.path == EVERYWHERE
    return Finding(
        verdict=first.verdict,
        check=first.check,
        paths=tuple(judgement.path for judgement in alike),
        reason=first.reason,
        expected="" if counts else first.expected,
        came="" if counts else first.came,
        evidence=first.evidence,
        attempts=kept(first),
        exchanges=tuple(named[:_LISTED]),
        judged=_judged(len(named)),
        shown=tuple(_shown(first)),
        bug=first.bug,
    )


def _judged(count: int) -> str:
    if count > _LISTED:
        return f"Judged {count:,} exchanges, of which the first are"
    return "Judged one exchange:" if count == 1 else f"Judged {count} exchanges:"


def _shown(judgement: Judgement) -> Iterator[Shown]:
    """What is laid open: nothing where the rule always held, which a link shows as well."""
    if judgement.verdict is Verdict.PASS and not judgement.evidence:
        return
    for name in pointed_at(judgement):
        marks = [evidence.where for evidence in judgement.evidence if evidence.exchange == name]
        yield Shown(exchange=name, marks=tuple(dict.fromkeys(marks)))
