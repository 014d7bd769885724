"""What a sampling does to targets of a given probability: exactly, by walking through all that can happen."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count

from chatconform.judging.sampling import Sampling


@dataclass(frozen=True, slots=True, kw_only=True)
class Characteristics:
    """Of targets that keep a rule with some probability: which share passes, and after how many attempts."""

    passes: float
    attempts: float


def characteristics(sampling: Sampling, probability: float) -> Characteristics:
    """The share of such targets that pass, and the mean number of attempts until one is decided."""
    passes = attempts = 0.0
    # How likely each number of broken attempts is, among the undecided.
    undecided = {0: 1.0}
    for made in count(1):
        after: dict[int, float] = {}
        for broken, likelihood in undecided.items():
            for more, chance in ((0, probability), (1, 1 - probability)):
                after[broken + more] = after.get(broken + more, 0.0) + likelihood * chance
        attempts += sum(undecided.values())
        undecided = {}
        for broken, likelihood in after.items():
            decision = sampling.decision(made - broken, broken)
            if decision is None:
                undecided[broken] = likelihood
            elif decision:
                passes += likelihood
        if not undecided:
            break
    return Characteristics(passes=passes, attempts=attempts)


def fixed_attempts(sampling: Sampling) -> int:
    """The fewest attempts with which a test that always makes as many has the same error rates."""
    from scipy.stats import binom

    for attempts in count(1):
        for allowed in range(attempts):
            fails_good = binom.sf(allowed, attempts, 1 - sampling.good)
            passes_bad = binom.cdf(allowed, attempts, 1 - sampling.bad)
            if fails_good <= sampling.alpha and passes_bad <= sampling.beta:
                return attempts
    raise AssertionError("there always is one")
