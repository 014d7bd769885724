"""Choosing some of many cases, so that few requests reach far."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Iterable
from operator import itemgetter

from chatconform.fuzzing.case import Case


def chosen(cases: Iterable[Case], number: int, dice: random.Random) -> tuple[Case, ...]:
    """So many cases: for every member some, and more for those with many, each kind before a second of any.

    A member with a hundred times the cases of another one gets ten times as many turns: it has more in which
    a server may go wrong, but is no reason to leave others out.
    """
    piles = _piles(cases, dice)
    turns = sorted(
        (turn / math.sqrt(len(pile)), member, turn)
        for member, pile in piles.items()
        for turn in range(len(pile))
    )
    return tuple(piles[member][turn] for _, member, turn in turns[:number])


def _piles(cases: Iterable[Case], dice: random.Random) -> dict[str, list[Case]]:
    """The cases of each member in random order, one of each kind before a second of any."""
    mixed = list(cases)
    dice.shuffle(mixed)
    met: Counter[tuple[str, str]] = Counter()
    ranked: dict[str, list[tuple[int, Case]]] = {}
    for case in mixed:
        met[case.member, case.kind] += 1
        ranked.setdefault(case.member, []).append((met[case.member, case.kind], case))
    return {
        member: [case for _, case in sorted(pile, key=itemgetter(0))]
        for member, pile in sorted(ranked.items())
    }
