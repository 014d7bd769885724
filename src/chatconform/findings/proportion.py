"""How many of some attempts succeeded, and what that says of the probability behind it."""

from __future__ import annotations

from dataclasses import dataclass

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Proportion:
    """So many successes in so many attempts, of which there is at least one."""

    successes: int
    attempts: int

    @property
    def failures(self) -> int:
        """The other attempts."""
        return self.attempts - self.successes

    @property
    def interval(self) -> tuple[float, float]:
        """The Clopper-Pearson interval of the probability, of 95 % confidence.

        It is exact for a number of attempts that was fixed before. Where a sequential test decided when to
        stop it is an approximation, and the test's own error rates are what holds.
        """
        # It loads in a fifth of a second, which a run that has no doubts need not pay.
        from scipy.special import betaincinv

        tail = (1 - CONFIDENCE) / 2
        low = betaincinv(self.successes, self.failures + 1, tail) if self.successes else 0.0
        high = betaincinv(self.successes + 1, self.failures, 1 - tail) if self.failures else 1.0
        return float(low), float(high)

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.successes} of {self.attempts} attempts (95 % interval {low:.0%} to {high:.0%})"


def difference(before: Proportion, after: Proportion) -> float:
    """How likely two proportions differ by chance so much or more: two-sided p of Fisher's exact test."""
    import numpy as np
    from scipy.stats import fisher_exact

    table = np.array([[before.successes, before.failures], [after.successes, after.failures]])
    return float(fisher_exact(table).pvalue)
