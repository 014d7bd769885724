"""How often a rule about a model's mood is tried, by Wald's sequential probability ratio test.

Whether a model calls the tool, keeps to the language or stops in time is a matter of chance. Each attempt
either keeps the rule or breaks it, and attempts are made until it is clear which of two things is so: the
target keeps the rule with a probability of `good` or more, or of `bad` or less. Clear cases end early,
doubtful ones get more attempts. Source: A. Wald, Sequential Tests of Statistical Hypotheses, 1945.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from difflib import get_close_matches
from itertools import count

from chatconform.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """A sequential test with its error rates.

    A target that keeps a rule with probability `good` or more is failed with probability `alpha` at most; one
    that keeps it with `bad` or less passes with `beta` at most. `least` attempts are made in any case; after
    `most` the nearer of the two decides, which is counted in the error rates.
    """

    name: str
    good: float
    bad: float
    alpha: float
    beta: float
    most: int
    least: int = 1

    def decision(self, kept: int, broken: int) -> bool | None:
        """Whether the rule counts as kept after so many attempts of either kind; None if that is open."""
        if kept + broken < self.least:
            return None
        ratio = self.log_ratio(kept, broken)
        if ratio <= math.log(self.beta / (1 - self.alpha)):
            return True
        if ratio >= math.log((1 - self.beta) / self.alpha):
            return False
        return self.leaning(kept, broken) if kept + broken >= self.most else None

    @property
    def fewest(self) -> int:
        """The attempts after which a target that always keeps the rule passes."""
        return next(number for number in count(1) if self.decision(number, 0) is not None)

    def leaning(self, kept: int, broken: int) -> bool:
        """Whether these attempts are likelier of a good target than of a bad one."""
        return self.log_ratio(kept, broken) < 0

    def log_ratio(self, kept: int, broken: int) -> float:
        """The logarithm of how much likelier these attempts are of a bad target than of a good one."""
        return kept * math.log(self.bad / self.good) + broken * math.log((1 - self.bad) / (1 - self.good))

    def repeated(self, times: int) -> Sampling:
        """The same test with so many attempts in any case."""
        return replace(self, least=times, most=max(self.most, times))


# For a rule that no mood can break: the first attempt that shows anything decides.
SINGLE = Sampling(name="single", good=0.98, bad=0.30, alpha=0.02, beta=0.30, most=1)
# Whether a target does it at all: what most targets keep to at once costs one attempt, and what a target
# broke once has to be broken again, or kept four times on end, before that counts.
SWIFT = Sampling(name="swift", good=0.98, bad=0.30, alpha=0.01, beta=0.32, most=12)
# Whether it can be relied on: 199 of 200, told from nine of ten.
RELIABLE = Sampling(name="reliable", good=0.995, bad=0.90, alpha=0.05, beta=0.05, most=120)
SAMPLINGS = (SWIFT, RELIABLE)


def sampling_named(name: str, repeat: int | None = None) -> Sampling:
    """The sampling of a name, with so many attempts in any case; raises `UsageError` for any other."""
    known = {sampling.name: sampling for sampling in SAMPLINGS}
    if name not in known:
        near = get_close_matches(name, known, n=1) or known
        raise UsageError(f"there is no sampling {name!r}", hint=f"Did you mean {' or '.join(near)}?")
    if repeat is None:
        return known[name]
    if repeat < 1:
        raise UsageError(f"--repeat {repeat} attempts nothing", hint="Give a number of 1 or more.")
    return known[name].repeated(repeat)
