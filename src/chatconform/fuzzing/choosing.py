"""Choosing some of many cases, so that few requests reach far."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator

from chatconform.fuzzing.case import Case


def chosen(cases: Iterable[Case], number: int, dice: random.Random) -> tuple[Case, ...]:
    """So many cases: for every member in turn one of each kind, at random within them.

    A member with five hundred cases gets no more than its turn, so that none is left out while another one is
    asked about the tenth time.
    """
    return tuple(case for case, _ in zip(_in_turn(cases, dice), range(number), strict=False))


def _in_turn(cases: Iterable[Case], dice: random.Random) -> Iterator[Case]:
    piles = _piles(cases, dice)
    while piles:
        for member in list(piles):
            yield piles[member].pop()
            if not piles[member]:
                del piles[member]


def _piles(cases: Iterable[Case], dice: random.Random) -> dict[str, list[Case]]:
    """The cases of each member, the one to be taken first last; of each kind one before a second of any."""
    mixed = list(cases)
    dice.shuffle(mixed)
    rounds: dict[tuple[str, str], int] = {}
    ranked: dict[str, list[tuple[int, Case]]] = {}
    for case in mixed:
        rank = rounds[case.member, case.kind] = rounds.get((case.member, case.kind), 0) + 1
        ranked.setdefault(case.member, []).append((rank, case))
    return {
        member: [case for _, case in sorted(pile, key=lambda pair: pair[0], reverse=True)]
        for member, pile in sorted(ranked.items())
    }
