"""What a position offers besides the intended token, and how much of it sampling keeps.

Twenty tokens follow the intended one by its margin, each a little less likely than the one before: first its
kin, which fit in its place, then common ones. All other tokens lie far below, and join only by a bias.
"""

import math
from collections.abc import Iterable
from functools import lru_cache

Candidate = tuple[bytes, float]

_COMMON = (
    b" the", b" and", b" of", b" a", b".", b",", b" to", b" in", b" is", b" it", b" that",
    b" with", b" one", b" so", b" but", b" or", b" as", b" at", b" on", b" by", b" we",
)  # fmt: skip
_KIN = {
    b" the": (b" this", b" that", b" each"), b"The": (b"This", b"That"), b" a": (b" one", b" this"),
    b" an": (b" one", b" this"), b" and": (b" then", b" yet"), b" of": (b" from", b" for"),
    b" in": (b" at", b" near"), b" with": (b" by", b" for"), b" about": (b" over", b" on"),
    b" that": (b" which", b" so"), b" it": (b" this", b" that"), b" is": (b" seems", b" feels"),
    b" was": (b" seems", b" felt"), b" for": (b" to", b" with"), b" to": (b" for", b" with"),
    b" on": (b" upon", b" over"), b" one": (b" some", b" each"), b" one of": (b" some",),
    b" their": (b" his", b" her"), b" each": (b" every", b" any"), b" every": (b" each", b" any"),
    b",": (b";", b" and"), b".": (b"!", b";"), b"In": (b"At", b"Near"),
}  # fmt: skip
_OFFERED = 20
_STEP = 0.25
_OUTSIDE = 20.0
"""How far below the offer every other token lies, before bias."""


def offer_of(intended: list[Candidate], margin: float, forced: Iterable[bytes]) -> list[Candidate]:
    """Return the intended tokens with all that follow them, and those that a bias may lift from far below."""
    chosen = {data for data, _ in intended}
    rivals = dict.fromkeys((*_kin(intended), *_COMMON))
    following = [data for data in rivals if data not in chosen][:_OFFERED]
    offer = [*intended, *((data, -margin - _STEP * rank) for rank, data in enumerate(following))]
    known = chosen.union(following)
    return [*offer, *((data, -margin - _OUTSIDE) for data in forced if data not in known)]


def _kin(intended: list[Candidate]) -> tuple[bytes, ...]:
    return _KIN.get(intended[0][0], ()) if len(intended) == 1 else ()


@lru_cache(maxsize=256)
def certainty(margin: float, temperature: float) -> tuple[float, float]:
    """Return the log probability of an intended token, and its share at a temperature."""

    def share(heat: float) -> float:
        return 1 / (1 + sum(math.exp((-margin - _STEP * rank) / heat) for rank in range(_OFFERED)))

    return min(0.0, math.log(share(1.0))), share(temperature)


def nucleus(weights: list[float], top_p: float) -> int:
    """Return how many of the likeliest tokens are needed to reach `top_p` of the mass; at least one."""
    if top_p >= 1:
        return len(weights)
    needed = top_p * sum(weights)
    for index, weight in enumerate(weights):
        needed -= weight
        if needed <= 0:
            return index + 1
    return len(weights)
