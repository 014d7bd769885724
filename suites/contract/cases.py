"""Which generated requests are sent: some for every member, or all there are."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass

from chatconform.client.target import Target
from chatconform.fuzzing.case import Case
from chatconform.fuzzing.choosing import chosen
from chatconform.fuzzing.effort import Effort
from chatconform.fuzzing.generator import covering, drawn
from chatconform.fuzzing.taming import aimed, sensible
from chatconform.suites.contract.leniency import CORE


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """How the requests of an effort are divided; what is left makes failing ones smaller.

    `drawn` are random ones, as many that the contract forbids as it allows; what is `streamed` goes plain as
    well.
    """

    forbidden: float
    forbidden_streamed: float
    allowed: float
    odd: float
    odd_streamed: float
    drawn: float


TAME = Shares(forbidden=0.6, forbidden_streamed=0.06, allowed=0.155, odd=0.0, odd_streamed=0.0, drawn=0.0)
# Of ten thousand requests these are all that the coverage phase has, in both forms, and random ones.
WILD = Shares(
    forbidden=0.116, forbidden_streamed=0.2, allowed=0.012, odd=0.0125, odd_streamed=0.115, drawn=0.265
)
# So many times as many have to be drawn, as aiming mends some of what is wrong.
_MENDED = 1.5
METHODS, MEDIA = 0.04, 0.025


def shares(effort: Effort) -> Shares:
    """How the requests of an effort are divided."""
    return TAME if effort.tame else WILD


def forbidden_cases(effort: Effort, target: Target, dice: random.Random) -> tuple[Case, ...]:
    """Requests that the contract forbids: of the coverage phase, and with deep fuzzing random ones."""
    return (
        *chosen(
            _aimed((case for case in covering() if not case.allowed), target),
            effort.share(shares(effort).forbidden),
            dice,
            core=CORE,
        ),
        *_drawn(effort, target, dice, allowed=False),
    )


def allowed_cases(effort: Effort, target: Target, dice: random.Random) -> tuple[Case, ...]:
    """Requests that the contract allows, and that a real server can meet."""
    cases = [tamed for case in covering() if case.allowed and (tamed := sensible(case, target))]
    return chosen(cases, effort.share(shares(effort).allowed), dice)


def odd_cases(effort: Effort, target: Target, dice: random.Random) -> tuple[Case, ...]:
    """Requests that the contract allows, however odd; with deep fuzzing only."""
    cases = _aimed((case for case in covering() if case.allowed), target)
    return (
        *chosen(cases, effort.share(shares(effort).odd), dice),
        *_drawn(effort, target, dice, allowed=True),
    )


def _drawn(effort: Effort, target: Target, dice: random.Random, *, allowed: bool) -> tuple[Case, ...]:
    number = effort.share(shares(effort).drawn)
    if not number:
        return ()
    more = number if allowed else round(number * _MENDED)
    return tuple(_aimed(drawn(more, seed=dice.getrandbits(32), allowed=allowed), target)[:number])


def _aimed(cases: Iterable[Case], target: Target) -> list[Case]:
    return [aimed_one for case in cases if (aimed_one := aimed(case, target)) is not None]
