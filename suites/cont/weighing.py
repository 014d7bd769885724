"""The arithmetic of the weighing: how often each place of a conversation was counted, read from one sum.

As on a balance with weights of powers of three: the same filler is put once into the first place, three times
into the second, nine times into the third and so on. By how many fillers the prompt has grown, written in
base 3, has a digit for each place: 1 where it was counted once, 0 where it was lost, 2 where it was sent
twice. A lost place and a doubled one cannot hide each other.
"""

from __future__ import annotations

from collections.abc import Sequence

BASE = 3
# A sum further than this from a whole number of fillers, in fillers, tells nothing.
FARTHEST = 1 / 3
# A filler of less than this many tokens would weigh nothing.
LIGHTEST = 1


def copies(place: int) -> int:
    """How many fillers go into a place; places are numbered from 0, the lightest."""
    return int(BASE**place)


def counted(growth: int, *, filler: float, places: Sequence[str]) -> dict[str, int] | None:
    """How often each place was counted, lightest first; None where the sum is not near a whole number.

    `growth` are the tokens by which the weighted prompt exceeds the one without weights, `filler` those of
    one filler. The heaviest place takes whatever is left, so that no sum is too great.
    """
    if filler < LIGHTEST or not places:
        return None
    total = round(growth / filler)
    if total < 0 or abs(growth - total * filler) > FARTHEST * filler:
        return None
    counts: dict[str, int] = {}
    for place in places[:-1]:
        total, counts[place] = divmod(total, BASE)
    return {**counts, places[-1]: total}
