"""How a client took a recorded answer: the values that a run record keeps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """What became of an answer in a client."""

    SAME = "same"
    LOSSY = "lossy"
    WRONG = "wrong"
    CRASH = "crash"


_SEVERITY = (Outcome.SAME, Outcome.LOSSY, Outcome.WRONG, Outcome.CRASH)


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """The outcome that stands for several; `same` where there is none."""
    return max(outcomes, key=_SEVERITY.index, default=Outcome.SAME)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that the wire said and the client hands over otherwise, each side quoted and bounded.

    `what` is a stable word for the thing, `outcome` whether it is missing (lossy) or false (wrong).
    """

    what: str
    outcome: Outcome
    wire: str
    client: str

    def __str__(self) -> str:
        if self.outcome is Outcome.LOSSY:
            return f"{self.what} lost"
        if not self.wire:
            return f"{self.what} {self.client} where none was said"
        if self.what == "error":
            return f"{self.client} instead of {self.wire}"
        return f"{self.what} {self.client} instead of {self.wire}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reception:
    """How a client took one exchange through one of its doors; `error` is what it raised in a crash."""

    exchange: str
    client: str
    version: str
    door: str
    outcome: Outcome
    differences: tuple[Difference, ...] = ()
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorCount:
    """How many exchanges came out in which way at one door of a client."""

    door: str
    outcomes: Mapping[Outcome, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a client did in a whole run, door by door.

    `unheard` exchanges could not be replayed; `reason` says why the last of them could not.
    """

    client: str
    version: str
    doors: tuple[DoorCount, ...] = ()
    unheard: int = 0
    reason: str = ""

    def __str__(self) -> str:
        counts = ", ".join(f"{self.count(outcome)} {outcome}" for outcome in Outcome)
        unheard = f"; {self.unheard} answers not replayed: {self.reason}" if self.unheard else ""
        return f"{self.client} {self.version}: {counts}{unheard}"

    def count(self, outcome: Outcome) -> int:
        """How often this came out, over all doors."""
        return sum(door.outcomes.get(outcome, 0) for door in self.doors)
