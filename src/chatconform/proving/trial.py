"""One trial: the suites, or some of their checks, against one server with or without a fault."""

from __future__ import annotations

from dataclasses import dataclass

from chatconform.findings.verdict import Judgement, Verdict
from chatconform.proving.sites import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to try: a fault on a stand, a variant, or with neither the faultless server.

    Attributes:
        checks: The checks to judge, each on one path, by check id and path. The rules about all traffic are
            judged besides, for they cost nothing.
        thorough: Whether every case is sent that the scenarios have.
    """

    stand: str
    fault: str = ""
    variant: str = ""
    checks: tuple[tuple[str, str], ...]
    thorough: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The verdict of one check on one path in a trial."""

    requirement: str
    check: str
    path: str
    verdict: Verdict
    reason: str

    @property
    def is_red(self) -> bool:
        """Whether the check found the rule broken."""
        return self.verdict is Verdict.FAIL


@dataclass(frozen=True, slots=True, kw_only=True)
class Deciding:
    """A red verdict, and the assertions without each of which it would not have been red."""

    seen: Seen
    sites: frozenset[Site]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What was seen in a trial, and how many requests and seconds it took.

    `deciding` is empty unless the suites were compiled so that assertions can be taken out.
    """

    order: Order
    seen: tuple[Seen, ...]
    requests: int
    seconds: float
    deciding: tuple[Deciding, ...] = ()

    @property
    def reds(self) -> tuple[Seen, ...]:
        """The verdicts that are failures."""
        return tuple(each for each in self.seen if each.is_red)

    @property
    def errors(self) -> tuple[Seen, ...]:
        """The verdicts that are bugs of ours, or measured nothing."""
        return tuple(each for each in self.seen if each.verdict is Verdict.ERROR)


def seen(judgement: Judgement) -> Seen:
    """A judgement without its evidence."""
    return Seen(
        requirement=judgement.requirement,
        check=judgement.check,
        path=judgement.path,
        verdict=judgement.verdict,
        reason=judgement.reason,
    )
