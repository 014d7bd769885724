"""How many of some attempts succeeded, and what that says of the probability behind it."""

from __future__ import annotations

from dataclasses import dataclass

from chatconform.findings.interval import clopper_pearson


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
        return clopper_pearson(self.successes, self.attempts)

    def __str__(self) -> str:
        low, high = (100 * bound for bound in self.interval)
        return f"{self.successes} of {self.attempts} attempts (95 % interval {low:.0f} to {high:.0f} %)"


def difference(before: Proportion, after: Proportion) -> float:
    """How likely two proportions differ by chance so much or more: two-sided p of Fisher's exact test."""
    import numpy as np
    from scipy.stats import fisher_exact

    table = np.array([[before.successes, before.failures], [after.successes, after.failures]])
    return float(fisher_exact(table).pvalue)
