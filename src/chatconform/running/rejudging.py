"""Judges a run record again by the checks of today, and says which verdicts are others now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from types import MappingProxyType

from chatconform.findings.verdict import Judgement, Verdict
from chatconform.judging.check import AnyCheck, Invariant, OfTraffic, Survey
from chatconform.ledger import Ledger
from chatconform.record.recorded import RecordedPlays
from chatconform.record.rows import Record
from chatconform.running.catalogue import all_checks
from chatconform.running.hearing import Hearing, paths_judged


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A check whose verdict on a path is another one now; nothing where it was not, or is not, judged."""

    requirement: str
    check: str
    path: str
    before: Verdict | None
    now: Verdict | None


def judge_again(record: Record, ledger: Ledger, requirements: Iterable[str]) -> tuple[Judgement, ...]:
    """The judgements of all checks of these requirements on the plays and the traffic of a record."""
    return _judged(record, ledger, requirements, all_checks())


def judge_traffic_again(record: Record, ledger: Ledger, requirements: Iterable[str]) -> tuple[Judgement, ...]:
    """The judgements of the rules about traffic among these requirements, on the traffic of a record."""
    of_traffic = [made for made in all_checks() if isinstance(made, Invariant | Survey)]
    return _judged(record, ledger, requirements, of_traffic)


def _judged(
    record: Record, ledger: Ledger, requirements: Iterable[str], checks: Iterable[AnyCheck]
) -> tuple[Judgement, ...]:
    wanted = set(requirements)
    target = record.header.target
    hearing = Hearing(
        plays=RecordedPlays(record),
        ledger=ledger,
        declared=MappingProxyType(dict.fromkeys(target.declared, "")),
        lacks=target.lacks,
        paths=paths_judged(record.header.profile, ledger),
        sampling=record.header.policy.sampling,
    )
    return tuple(
        hearing.judge(made, path)
        for made in sorted(checks, key=lambda made: isinstance(made, OfTraffic))
        if made.requirement in wanted
        for path in made.path_names
        if isinstance(made, OfTraffic) or path in hearing.paths
    )


def changes(
    before: Iterable[Judgement], now: Iterable[Judgement], requirements: Iterable[str]
) -> tuple[Change, ...]:
    """The verdicts on these requirements that differ, those that are new or gone included."""
    wanted = set(requirements)
    was, have = (_verdicts(each for each in judged if each.requirement in wanted) for judged in (before, now))
    return tuple(
        Change(requirement=key[0], check=key[1], path=key[2], before=was.get(key), now=have.get(key))
        for key in sorted(was.keys() | have.keys())
        if was.get(key) is not have.get(key)
    )


def _verdicts(judgements: Iterable[Judgement]) -> dict[tuple[str, str, str], Verdict]:
    return {(each.requirement, each.check, each.path): each.verdict for each in judgements}
