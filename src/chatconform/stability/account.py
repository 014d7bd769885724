"""What one run says of a requirement on a path, with what was seen there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from chatconform.findings.verdict import Judgement, Verdict, worst
from chatconform.history.glance import Place
from chatconform.record.rows import Header, Row
from chatconform.stability.sight import Sight, sight_of
from chatconform.wire.exchange import Exchange


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The verdict of a run at a place, and what it rests on.

    Attributes:
        run: The number of the run, from 1.
        source: The file of its record.
        verdict: The worst of all checks there.
        reason: What the check says that gave it.
        sights: The exchanges that were judged, those that the check points at first.
        pointed: How many of them it points at.
        has_bug: Whether a check of ours broke down.
        timeout: How many seconds an exchange may take.
    """

    run: int
    source: Path
    verdict: Verdict
    reason: str
    sights: tuple[Sight, ...]
    pointed: int
    has_bug: bool
    timeout: float


def accounts_of(
    rows: Iterable[Row], places: Collection[Place], *, run: int, source: Path
) -> Mapping[Place, Account]:
    """The accounts that a record gives of these places; its rows are taken one by one and not kept."""
    sights: dict[str, Sight] = {}
    found: dict[Place, list[Judgement]] = {}
    timeout = 0.0
    for row in rows:
        match row:
            case Header():
                timeout = row.target.timeout
            case Exchange():
                sights[row.id] = sight_of(row)
            case Judgement():
                place = row.requirement, row.path
                if place in places:
                    found.setdefault(place, []).append(row)
    return {
        place: _account(judgements, sights, _Origin(run=run, source=source, timeout=timeout))
        for place, judgements in found.items()
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Origin:
    run: int
    source: Path
    timeout: float = field(default=0.0)


def _account(judgements: list[Judgement], sights: Mapping[str, Sight], origin: _Origin) -> Account:
    verdict = worst(each.verdict for each in judgements)
    decisive = [each for each in judgements if each.verdict is verdict]
    pointed = dict.fromkeys(
        evidence.exchange for each in decisive for evidence in each.evidence if evidence.exchange in sights
    )
    others = dict.fromkeys(
        name for each in judgements for name in each.exchanges if name in sights and name not in pointed
    )
    return Account(
        run=origin.run,
        source=origin.source,
        verdict=verdict,
        reason=next((each.reason for each in decisive if each.reason), ""),
        sights=tuple(sights[name] for name in (*pointed, *others)),
        pointed=len(pointed),
        has_bug=any(each.bug for each in judgements),
        timeout=origin.timeout,
    )
