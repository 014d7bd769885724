"""Why a verdict is another in one run than in the next, as far as two records tell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from chatconform.findings.verdict import SEVERITY, Verdict
from chatconform.plays.path import EVERYWHERE
from chatconform.stability.account import Account
from chatconform.stability.sight import Sight

# An answer that takes this share of the time-out is near to meeting it.
_SLOW = 0.5


class Cause(StrEnum):
    """What kind of thing a change comes from; the earlier ones are asked for first: they hide the later."""

    BUG = "bug"
    ILL = "target-ill"
    SLOW = "slow"
    MOOD = "model-mood"
    ANSWERS = "answers-differ"
    REQUESTS = "requests-differ"
    UNKNOWN = "unknown"


MEANINGS = {
    Cause.BUG: "a check of ours broke down",
    Cause.ILL: "the target was ill or refused (429, 5xx, time-out, no connection)",
    Cause.SLOW: "the verdict goes with slow answers, near the time-out",
    Cause.MOOD: "the model did not play along",
    Cause.ANSWERS: "equal requests were answered differently",
    Cause.REQUESTS: "the requests differed, being built on earlier answers",
    Cause.UNKNOWN: "unknown: what the records tell of requests and answers is alike",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit:
    """An exchange that shows it: in which run and record, its id, and what it shows. The id may be empty."""

    run: int
    source: Path
    exchange: str
    shows: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """A cause of a run's verdict being another than that of a usual run, with what shows it in both."""

    run: int
    cause: Cause
    exhibits: tuple[Exhibit, ...]


def attribution(odd: Account, usual: Account, path: str, *, by_time: bool) -> Attribution:
    """Why `odd` has another verdict than `usual`; `by_time` says that the verdicts go with the slowness."""
    found = _Pair(odd, usual, path)
    for cause, exhibits in (
        (Cause.BUG, found.bug()),
        (Cause.ILL, found.illness()),
        (Cause.SLOW, found.slowness() if by_time else ()),
        # A refusal is no mood of a model, whatever it left unprovoked.
        (Cause.ANSWERS, found.answers(lambda sight, like: sight.status != like.status)),
        (Cause.MOOD, found.mood()),
        (Cause.ANSWERS, found.answers(lambda sight, like: sight.answer != like.answer)),
        (Cause.REQUESTS, found.requests()),
    ):
        if exhibits:
            return Attribution(run=odd.run, cause=cause, exhibits=tuple(exhibits))
    return Attribution(run=odd.run, cause=Cause.UNKNOWN, exhibits=found.both())


def goes_by_time(odd: Sequence[Account], usual: Sequence[Account]) -> bool:
    """Whether all runs have slow answers where the verdict is one, and none has where it is the other."""
    unusual, others = set(map(_is_slow, odd)), set(map(_is_slow, usual))
    return len(unusual) == len(others) == 1 and unusual != others


def usual_verdict(verdicts: Sequence[Verdict]) -> Verdict:
    """The verdict that came most often; of equals the least severe."""
    return max(set(verdicts), key=lambda verdict: (verdicts.count(verdict), SEVERITY.index(verdict)))


class _Pair:
    """Two runs that disagree, asked for one cause after the other; each gives its exhibits, or none."""

    def __init__(self, odd: Account, usual: Account, path: str) -> None:
        self._odd, self._usual = odd, usual
        # The worse verdict is the one that points at something.
        self._telling, self._other = sorted((odd, usual), key=lambda each: SEVERITY.index(each.verdict))
        self._is_of_all = path == EVERYWHERE

    def bug(self) -> list[Exhibit]:
        return [_reason(each) for each in (self._odd, self._usual) if each.has_bug]

    def illness(self) -> list[Exhibit]:
        """A request that met trouble in one of the two alone; or no answer at all in one of them."""
        for one, other in ((self._telling, self._other), (self._other, self._telling)):
            met = {sight.request for sight in other.sights if sight.trouble}
            for sight in self._candidates(one):
                if sight.trouble and sight.request not in met:
                    return [_exhibit(one, sight, sight.trouble)]
            if one.verdict is Verdict.ERROR:
                return [_reason(one)]
        return []

    def slowness(self) -> list[Exhibit]:
        return [
            _exhibit(each, slowest, f"{slowest.elapsed:.1f} s of {each.timeout:g} s")
            for each in (self._odd, self._usual)
            if each.sights
            for slowest in [max(each.sights, key=lambda sight: sight.elapsed)]
        ]

    def mood(self) -> list[Exhibit]:
        return [_reason(each) for each in (self._odd, self._usual) if each.verdict is Verdict.INCONCLUSIVE]

    def answers(self, differ: Callable[[Sight, Sight], bool]) -> list[Exhibit]:
        """A request that both sent, and whose answers differ so."""
        for sight in self._candidates(self._telling):
            for like in self._other.sights:
                if like.request == sight.request and differ(sight, like):
                    return [
                        _exhibit(self._telling, sight, sight.words),
                        _exhibit(self._other, like, _otherwise(sight, like)),
                    ]
        return []

    def requests(self) -> list[Exhibit]:
        """A request that one of them did not send."""
        sent = {sight.request for sight in self._other.sights}
        for sight in self._candidates(self._telling):
            if sight.request not in sent:
                return [_exhibit(self._telling, sight, "no request of the other run is equal to this one")]
        return []

    def both(self) -> tuple[Exhibit, ...]:
        return tuple(
            _exhibit(each, each.sights[0], each.reason or each.verdict) if each.sights else _reason(each)
            for each in (self._telling, self._other)
        )

    def _candidates(self, account: Account) -> Sequence[Sight]:
        """What may have made a verdict: of a rule about all traffic what the check points at, if anything."""
        pointed = self._telling.sights[: self._telling.pointed]
        if not self._is_of_all or not pointed:
            return account.sights
        if account is self._telling:
            return pointed
        about = {sight.request for sight in pointed}
        return [sight for sight in account.sights if sight.request in about]


def _is_slow(account: Account) -> bool:
    return any(sight.elapsed >= _SLOW * account.timeout for sight in account.sights)


def _otherwise(sight: Sight, like: Sight) -> str:
    if sight.said == like.said:
        return f"{like.words} (the same words in another form)"
    return like.words


def _exhibit(account: Account, sight: Sight, shows: str) -> Exhibit:
    return Exhibit(run=account.run, source=account.source, exchange=sight.exchange, shows=shows)


def _reason(account: Account) -> Exhibit:
    first = account.sights[0].exchange if account.sights else ""
    return Exhibit(
        run=account.run, source=account.source, exchange=first, shows=account.reason or account.verdict
    )
