"""How sure one can be of a share that was seen a few times: the exact interval of Clopper and Pearson.

Source: C. J. Clopper and E. S. Pearson, The use of confidence or fiducial limits illustrated in the case of
the binomial, 1934. It covers the true share with the confidence or more, however few the attempts are.
"""

from __future__ import annotations

CONFIDENCE = 0.95


def clopper_pearson(successes: int, attempts: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """The interval of the true share after so many successes in so many attempts; both ends are in [0, 1].

    Raises `ValueError` for successes that are no part of the attempts, or a confidence that is none.
    """
    # Scipy takes longer to load than a small run takes.
    from scipy.special import betaincinv

    if attempts < 1 or not 0 <= successes <= attempts:
        raise ValueError(f"{successes} successes in {attempts} attempts")
    if not 0 < confidence < 1:
        raise ValueError(f"a confidence of {confidence}")
    rest = (1 - confidence) / 2
    failures = attempts - successes
    low = float(betaincinv(successes, failures + 1, rest)) if successes else 0.0
    high = float(betaincinv(successes + 1, failures, 1 - rest)) if failures else 1.0
    return low, high
