"""Which generated requests are sent: some for every member, or all there are."""

from __future__ import annotations

import random
from collections.abc import Iterable

from chatconform.client.target import Target
from chatconform.fuzzing.case import Case
from chatconform.fuzzing.choosing import chosen
from chatconform.fuzzing.effort import Effort
from chatconform.fuzzing.generation import covering, drawn
from chatconform.fuzzing.taming import aimed, sensible

# How the requests of an effort are divided; what is left makes failing requests smaller.
FORBIDDEN, STREAMED, ALLOWED, METHODS, MEDIA = 0.48, 0.1, 0.2, 0.06, 0.04
# Of an effort beyond what the coverage of the contract takes, random requests in both forms.
DRAWN = 0.22


def forbidden_cases(effort: Effort, target: Target, dice: random.Random) -> tuple[Case, ...]:
    """Requests that the contract forbids: chosen ones of the coverage phase, or all of it and random ones."""
    cases = [aimed(case, target) for case in covering() if not case.allowed]
    if effort.tame:
        return chosen(cases, effort.share(FORBIDDEN), dice)
    return _with_drawn(cases, effort, target, dice, allowed=False)


def allowed_cases(effort: Effort, target: Target, dice: random.Random) -> tuple[Case, ...]:
    """Requests that the contract allows, and that a real server can meet."""
    cases = [tamed for case in covering() if case.allowed and (tamed := sensible(case, target))]
    return chosen(cases, effort.share(ALLOWED) if effort.tame else len(cases), dice)


def odd_cases(effort: Effort, target: Target, dice: random.Random) -> tuple[Case, ...]:
    """Requests that the contract allows, however odd; none where they have to be tame."""
    if effort.tame:
        return ()
    cases = [aimed(case, target) for case in covering() if case.allowed]
    return _with_drawn(cases, effort, target, dice, allowed=True)


def _with_drawn(
    cases: Iterable[Case], effort: Effort, target: Target, dice: random.Random, *, allowed: bool
) -> tuple[Case, ...]:
    more = drawn(effort.share(DRAWN), seed=dice.getrandbits(32), allowed=allowed)
    return (*cases, *(aimed(case, target) for case in more))
