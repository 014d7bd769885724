"""Choosing some of many cases, so that few requests reach far."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Collection, Iterable

from chatconform.fuzzing.case import Case

# How much sooner a case of the core has its turn than another one.
_CORE = 3


def chosen(
    cases: Iterable[Case], number: int, dice: random.Random, *, core: Collection[str] = ()
) -> tuple[Case, ...]:
    """So many cases, at random within their turns.

    The first of a kind at a place comes before the second one there, what lies near the top of a body before
    what lies deeper, and members of the `core` before others: five hundred ways to break a message leave room
    for the one way to break a temperature.
    """
    mixed = list(cases)
    dice.shuffle(mixed)
    met: Counter[tuple[tuple[str, ...], str]] = Counter()
    turns: list[float] = []
    for case in mixed:
        met[case.place, case.kind] += 1
        sooner = _CORE if case.member in core else 1
        turns.append(met[case.place, case.kind] * max(1, len(case.place)) / sooner)
    ranked = sorted(range(len(mixed)), key=turns.__getitem__)
    return tuple(mixed[n] for n in ranked[:number])
