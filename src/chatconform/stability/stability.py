"""Equal runs beside each other: which verdicts are not the same in all of them, how often, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from chatconform.findings.verdict import SEVERITY, Verdict
from chatconform.gating.baseline import place_of
from chatconform.history.glance import Glance, Place
from chatconform.ledger import Ledger
from chatconform.ledger.requirement import Requirement
from chatconform.stability.account import Account
from chatconform.stability.causes import Attribution, Cause, attribution, goes_by_time, usual_verdict
from chatconform.stability.interval import clopper_pearson


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How often a verdict came, in which runs (from 1), and between which bounds its true share lies."""

    verdict: Verdict
    runs: tuple[int, ...]
    attempts: int
    low: float
    high: float

    @property
    def successes(self) -> int:
        """In how many runs it came."""
        return len(self.runs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unstable:
    """A requirement on a path whose verdict is not the same in all runs.

    `shares` has the most frequent verdict first, `attributions` one for each run with another than that.
    """

    requirement: Requirement
    path: str
    shares: tuple[Share, ...]
    attributions: tuple[Attribution, ...]

    @property
    def causes(self) -> tuple[Cause, ...]:
        """The causes that were found, that of most runs first."""
        found = Counter(each.cause for each in self.attributions)
        return tuple(sorted(found, key=lambda cause: (-found[cause], list(Cause).index(cause))))

    @property
    def cause(self) -> Cause:
        """The cause of most runs."""
        return self.causes[0]

    def attribution(self, cause: Cause) -> Attribution:
        """The first run that a cause explains."""
        return next(each for each in self.attributions if each.cause is cause)


def unstable_places(runs: Sequence[Glance]) -> frozenset[Place]:
    """Where not all runs that judged came to the same verdict."""
    seen: dict[Place, set[Verdict]] = {}
    for run in runs:
        for place, verdict in run.places.items():
            seen.setdefault(place, set()).add(verdict)
    return frozenset(place for place, verdicts in seen.items() if len(verdicts) > 1)


def unstable_verdicts(accounts: Mapping[Place, Sequence[Account]], ledger: Ledger) -> tuple[Unstable, ...]:
    """Each unstable place with its causes, in the ledger's order; accounts are in the order of the runs."""
    order = {row.id: number for number, row in enumerate(ledger)}
    known = [place for place in accounts if place[0] in order]
    return tuple(
        _unstable(ledger[requirement], path, accounts[requirement, path])
        for requirement, path in sorted(known, key=lambda place: (order[place[0]], place_of(place[1])))
        if len({each.verdict for each in accounts[requirement, path]}) > 1
    )


def _unstable(requirement: Requirement, path: str, accounts: Sequence[Account]) -> Unstable:
    usual = usual_verdict([each.verdict for each in accounts])
    by_time = goes_by_time(accounts, usual)
    attributions = tuple(
        attribution(each, _nearest(each, accounts, usual), path, by_time=by_time)
        for each in accounts
        if each.verdict is not usual
    )
    shares = sorted(_shares(accounts), key=lambda share: (-share.successes, -SEVERITY.index(share.verdict)))
    return Unstable(requirement=requirement, path=path, shares=tuple(shares), attributions=attributions)


def _nearest(odd: Account, accounts: Sequence[Account], usual: Verdict) -> Account:
    """The run with the usual verdict that is nearest in time."""
    return min((each for each in accounts if each.verdict is usual), key=lambda each: abs(each.run - odd.run))


def _shares(accounts: Sequence[Account]) -> Iterator[Share]:
    attempts = len(accounts)
    for verdict in Verdict:
        runs = tuple(each.run for each in accounts if each.verdict is verdict)
        if runs:
            low, high = clopper_pearson(len(runs), attempts)
            yield Share(verdict=verdict, runs=runs, attempts=attempts, low=low, high=high)
