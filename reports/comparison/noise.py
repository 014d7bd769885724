"""Whether runs differ on a rule about a model's mood by more than chance."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

from chatconform.findings.proportion import Proportion, difference
from chatconform.findings.verdict import Judgement, Verdict
from chatconform.judging.conformance import Result
from chatconform.plays.path import EVERYWHERE

SIGNIFICANCE = 0.05


def chance(results: Iterable[Result | None]) -> float | None:
    """How likely equal runs would be as far apart on a rule; None where fewer than two measured it.

    Of more than two runs it is the pair that differs most, weighed by the number of pairs (Bonferroni).
    """
    measured = [kept for result in results if (kept := _kept(result)) is not None]
    pairs = list(combinations(measured, 2))
    if not pairs:
        return None
    return min(1.0, len(pairs) * min(difference(one, other) for one, other in pairs))


def sentence(likelihood: float | None) -> str:
    """What that says of the difference, in words; empty where nothing is known."""
    if likelihood is None:
        return ""
    word = "more than noise" if likelihood <= SIGNIFICANCE else "may be noise"
    return f"{word} (p = {likelihood:.2g})"


def _kept(result: Result | None) -> Proportion | None:
    """In how many of all attempts, on every path, a rule was kept."""
    verdicts = [verdict for each in (result.judgements if result else ()) for verdict in _attempts(each)]
    kept, broken = map(verdicts.count, (Verdict.PASS, Verdict.FAIL))
    return Proportion(successes=kept, attempts=kept + broken) if kept + broken else None


def _attempts(judgement: Judgement) -> tuple[Verdict, ...]:
    if judgement.path == EVERYWHERE:
        return ()
    return judgement.attempts or (judgement.verdict,)
