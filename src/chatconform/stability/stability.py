"""Equal runs beside each other: which verdicts are not the same in all of them, how often, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from chatconform.findings.proportion import Proportion
from chatconform.findings.verdict import SEVERITY, Verdict
from chatconform.gating.baseline import place_of
from chatconform.history.glance import Glance, Place
from chatconform.ledger import Ledger
from chatconform.ledger.requirement import Requirement
from chatconform.stability.account import Account
from chatconform.stability.causes import Attribution, Cause, attribution, goes_by_time, usual_verdict

NumberedRun = tuple[int, Glance]
# Of so many runs with an unusual verdict the cause is looked for.
_EXAMINED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How often a verdict came, in which runs (from 1)."""

    verdict: Verdict
    runs: tuple[int, ...]
    proportion: Proportion


@dataclass(frozen=True, slots=True, kw_only=True)
class Unstable:
    """A requirement on a path whose verdict is not the same in all runs.

    `shares` has the most frequent verdict first, `attributions` one for each of the first runs with another.
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
    def unexamined(self) -> int:
        """Of how many runs with an unusual verdict nobody looked for the cause."""
        return self.shares[0].proportion.failures - len(self.attributions)

    @property
    def cause(self) -> Cause:
        """The cause of most runs."""
        return self.causes[0]

    @property
    def likeness(self) -> Hashable:
        """The same for verdicts that changed in the same runs, each by what the same exchanges show."""
        shown = [
            (each.cause, *((exhibit.run, exhibit.exchange) for exhibit in each.exhibits))
            for each in self.attributions
        ]
        return (*((share.verdict, share.runs) for share in self.shares), *shown)

    def attribution(self, cause: Cause) -> Attribution:
        """The first run that a cause explains."""
        return next(each for each in self.attributions if each.cause is cause)


def unstable_places(runs: Sequence[NumberedRun]) -> Mapping[Place, Mapping[int, Verdict]]:
    """Where not all runs that judged came to the same verdict: that of each, by its number."""
    seen: dict[Place, dict[int, Verdict]] = {}
    for number, run in runs:
        for place, verdict in run.places.items():
            seen.setdefault(place, {})[number] = verdict
    return {place: verdicts for place, verdicts in seen.items() if len(set(verdicts.values())) > 1}


def to_examine(places: Mapping[Place, Mapping[int, Verdict]]) -> Mapping[int, frozenset[Place]]:
    """Of which runs the records have to be read again, and for which places.

    At each place these are the first runs with an unusual verdict, for each of them the nearest run with the
    usual one, and the first with the usual one: a soak of a whole night has too many for all.
    """
    needed: dict[int, set[Place]] = {}
    for place, verdicts in places.items():
        pairs = (number for pair in _pairs(verdicts) for number in pair)
        for number in (*pairs, *_with_usual(verdicts)[:_EXAMINED]):
            needed.setdefault(number, set()).add(place)
    return {number: frozenset(found) for number, found in sorted(needed.items())}


def unstable_verdicts(
    places: Mapping[Place, Mapping[int, Verdict]],
    accounts: Mapping[int, Mapping[Place, Account]],
    ledger: Ledger,
) -> tuple[Unstable, ...]:
    """Each unstable place with its causes, in the ledger's order; accounts are by the number of the run."""
    order = {row.id: number for number, row in enumerate(ledger)}
    known = [place for place in places if place[0] in order]
    return tuple(
        _unstable(ledger[place[0]], place, places[place], accounts)
        for place in sorted(known, key=lambda place: (order[place[0]], place_of(place[1])))
    )


def _unstable(
    requirement: Requirement,
    place: Place,
    verdicts: Mapping[int, Verdict],
    accounts: Mapping[int, Mapping[Place, Account]],
) -> Unstable:
    pairs = [(accounts[odd][place], accounts[usual][place]) for odd, usual in _pairs(verdicts)]
    controls = [accounts[number][place] for number in _with_usual(verdicts)[:_EXAMINED]]
    by_time = goes_by_time([odd for odd, _ in pairs], controls)
    shares = sorted(
        _shares(verdicts), key=lambda share: (-share.proportion.successes, -SEVERITY.index(share.verdict))
    )
    return Unstable(
        requirement=requirement,
        path=place[1],
        shares=tuple(shares),
        attributions=tuple(attribution(odd, usual, place[1], by_time=by_time) for odd, usual in pairs),
    )


def _pairs(verdicts: Mapping[int, Verdict]) -> Iterator[tuple[int, int]]:
    """The first runs with an unusual verdict, each with the nearest of the usual one."""
    usual = _with_usual(verdicts)
    odd = [number for number, verdict in verdicts.items() if verdict is not verdicts[usual[0]]]
    for number in odd[:_EXAMINED]:
        yield number, min(usual, key=lambda other: abs(other - number))


def _with_usual(verdicts: Mapping[int, Verdict]) -> list[int]:
    usual = usual_verdict(list(verdicts.values()))
    return [number for number, verdict in verdicts.items() if verdict is usual]


def _shares(verdicts: Mapping[int, Verdict]) -> Iterator[Share]:
    for verdict in set(verdicts.values()):
        runs = tuple(number for number, each in verdicts.items() if each is verdict)
        proportion = Proportion(successes=len(runs), attempts=len(verdicts))
        yield Share(verdict=verdict, runs=runs, proportion=proportion)
