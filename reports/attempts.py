"""How often a rule about a model's mood was kept, where it was tried several times."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chatconform.findings.proportion import Proportion
from chatconform.findings.verdict import Judgement, Verdict
from chatconform.judging.conformance import Result
from chatconform.ledger.requirement import Requirement

_SEVERAL = 2


def kept(judgement: Judgement) -> str:
    """Successes, attempts and the interval in words; empty where there was one attempt."""
    tried = proportion(judgement)
    return f"kept in {tried}" if tried is not None else ""


def proportion(judgement: Judgement) -> Proportion | None:
    """In how many of the attempts that showed anything the rule was kept, where there were several."""
    held, failed = map(judgement.attempts.count, (Verdict.PASS, Verdict.FAIL))
    return Proportion(successes=held, attempts=held + failed) if held + failed >= _SEVERAL else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wavering:
    """A rule that passed on a path although an attempt, or an exchange, broke it.

    `told` is how often it was kept and what broke it: a stranger's text.
    """

    requirement: Requirement
    path: str
    told: str


def not_always(results: Iterable[Result]) -> Iterator[Wavering]:
    """What was kept, but not always, with how often and what broke it."""
    for result in results:
        for judgement in result.judgements:
            if judgement.verdict is Verdict.PASS and judgement.evidence:
                told = "; ".join(filter(None, (kept(judgement), judgement.reason)))
                yield Wavering(requirement=result.requirement, path=judgement.path, told=told)
