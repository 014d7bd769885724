"""The kill matrix: what the trials prove, and where the proof has holes. Values in, values out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

from chatconform.findings.verdict import Verdict
from chatconform.proving.sites import Site
from chatconform.proving.trial import Seen, Trial


class AnyFault(Protocol):
    """What the proof has to know of a fault."""

    @property
    def id(self) -> str:
        """Its name."""

    @property
    def defect(self) -> str:
        """What it is, as a sentence."""

    @property
    def kills(self) -> tuple[str, ...]:
        """The requirements that it has to turn red, with `@path` where it has to be on that path."""

    @property
    def breaks(self) -> frozenset[str]:
        """The ids of these requirements."""

    @property
    def collateral(self) -> Mapping[str, str]:
        """What else it may turn red, with the reasons."""

    @property
    def thorough(self) -> bool:
        """Whether only a run that sends every case meets it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One fault and all that was seen under it."""

    fault: AnyFault
    reds: tuple[Seen, ...]
    errors: tuple[Seen, ...]
    requests: int
    seconds: float

    @property
    def own(self) -> tuple[Seen, ...]:
        """The reds that it is there for."""
        return tuple(each for each in self.reds if each.requirement in self.fault.breaks)

    @property
    def missed(self) -> tuple[str, ...]:
        """The requirements that it should have turned red, and did not."""
        return tuple(kill for kill in self.fault.kills if not any(is_met(kill, red) for red in self.reds))

    @property
    def is_killed(self) -> bool:
        """Whether everything that it should turn red was red."""
        return not self.missed

    @property
    def strays(self) -> tuple[Seen, ...]:
        """The reds that nobody declared."""
        declared = {*self.fault.breaks, *self.fault.collateral}
        return tuple(each for each in self.reds if each.requirement not in declared)


@dataclass(frozen=True, kw_only=True)
class Matrix:
    """All trials of a proof.

    Attributes:
        rows: One for each fault that was tried.
        faultless: What was seen without any fault.
        variants: What was seen of each legal variant, less what it declares to break.
        checks: The checks that some fault has to kill, by check id, each with its requirement.
        assertions: Every assertion of the suites with a fault that would survive without it, if there is one;
            empty where that was not asked.
    """

    rows: tuple[Row, ...]
    faultless: tuple[Seen, ...]
    variants: Mapping[str, tuple[Seen, ...]]
    checks: Mapping[str, str]
    assertions: Mapping[Site, str] = field(default_factory=dict)

    @property
    def score(self) -> float:
        """The part of the faults that were killed; 1 where all were."""
        return sum(row.is_killed for row in self.rows) / len(self.rows) if self.rows else 0.0

    @property
    def survivors(self) -> tuple[Row, ...]:
        """The faults that did not turn red what they should."""
        return tuple(row for row in self.rows if not row.is_killed)

    @property
    def strays(self) -> tuple[Row, ...]:
        """The faults that turned red what nobody declared, or met a bug of ours."""
        return tuple(row for row in self.rows if row.strays)

    @cached_property
    def killed_checks(self) -> frozenset[str]:
        """The checks that a fault of their own requirement turned red."""
        return frozenset(each.check for row in self.rows for each in row.own)

    @property
    def unkilled(self) -> tuple[str, ...]:
        """The checks that no fault kills."""
        return tuple(name for name in self.checks if name not in self.killed_checks)

    @property
    def needless(self) -> tuple[Site, ...]:
        """The assertions without which every fault is killed all the same."""
        return tuple(site for site, fault in self.assertions.items() if not fault)

    @property
    def not_green(self) -> tuple[Seen, ...]:
        """What did not pass without any fault."""
        return tuple(each for each in self.faultless if each.verdict is not Verdict.PASS)

    @property
    def false_reds(self) -> Mapping[str, tuple[Seen, ...]]:
        """The variants under which something is red, or an error."""
        bad = {Verdict.FAIL, Verdict.ERROR}
        found = {
            name: tuple(each for each in all_seen if each.verdict in bad)
            for name, all_seen in self.variants.items()
        }
        return {name: reds for name, reds in found.items() if reds}

    @property
    def is_proven(self) -> bool:
        """Whether nothing is left open."""
        return not (self.survivors or self.strays or self.unkilled or self.not_green or self.false_reds)


def is_met(kill: str, red: Seen) -> bool:
    """Whether a red is the one that a fault announces."""
    requirement, _, path = kill.partition("@")
    return red.requirement == requirement and path in ("", red.path)


def row_of(fault: AnyFault, trials: Iterable[Trial]) -> Row:
    """All that was seen under a fault, on whichever stands it was tried."""
    together = tuple(trials)
    return Row(
        fault=fault,
        reds=tuple(red for trial in together for red in trial.reds),
        errors=tuple(error for trial in together for error in trial.errors),
        requests=sum(trial.requests for trial in together),
        seconds=sum(trial.seconds for trial in together),
    )
