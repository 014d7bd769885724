"""Conversations that nobody wrote down, held by a state machine."""

from __future__ import annotations

import asyncio

from chatconform.client.target import Target
from chatconform.suite import Stage, provoked, scenario
from chatconform.suites import basics
from chatconform.suites.cont.places import so_far
from chatconform.suites.talk.asking import CODES
from chatconform.suites.talk.held import LONGER, SHORT, code_note, is_counted, turn_step
from chatconform.suites.talk.line import Bounds, Line
from chatconform.suites.talk.turns import talk_of, transcript

FEATURE = "long-conversations"
# Where a user declares the feature without a number.
USUAL_REQUESTS = 60
# How much more is sent where every case is wanted.
THOROUGH = 5
SECONDS = 180.0


@scenario(requests=USUAL_REQUESTS)
async def conversations(stage: Stage) -> None:
    """Conversations with tools that a state machine makes up, and the shortest that breaks a rule.

    They send as many requests as the target's feature says; twice as many at most shorten what breaks.
    """
    await stage.post(SHORT, basics.greeting(stage))
    await stage.post(LONGER, basics.longer_greeting(stage))
    codes = [stage.code(code_note(number)) for number in range(CODES)]
    line = Line(
        stage,
        asyncio.get_running_loop(),
        bounds=bounds(stage.target, thorough=stage.thorough),
        codes=codes,
        is_counted=is_counted(so_far(stage)),
    )
    number = stage.dice.getrandbits(64)
    try:
        await asyncio.to_thread(_converse, line, number)
    except asyncio.CancelledError:
        # Whoever ends the run does not wait for the thread.
        line.hang_up("the run has ended")
        raise
    _tell(stage, line)


def bounds(target: Target, *, thorough: bool) -> Bounds:
    """What conversations with a target may cost."""
    declared = target.declared.get(FEATURE, "")
    provoked(
        not declared or declared.isdecimal(), f"{FEATURE} is declared as {declared!r}, which is no number"
    )
    requests = int(declared or USUAL_REQUESTS) * (THOROUGH if thorough else 1)
    seconds = SECONDS * (THOROUGH if thorough else 1)
    return Bounds(requests=requests, shortening=2 * max(requests, USUAL_REQUESTS), seconds=seconds)


def _converse(line: Line, number: int) -> None:
    # Hypothesis takes its time to start, and most runs hold no conversation.
    from chatconform.suites.talk.machine import converse

    converse(line, number)


def _tell(stage: Stage, line: Line) -> None:
    """Leave the shortest conversation that breaks a rule as steps of its own, with a transcript."""
    stage.note("requests", str(line.sent))
    if line.ended:
        stage.note("ended", line.ended)
    shortest = min(line.broken.values(), key=len, default=())
    for turn, exchange in enumerate(shortest, 1):
        stage.keep(turn_step(turn), exchange)
    if shortest:
        stage.note("transcript", transcript(talk_of(shortest, codes=line.codes, is_counted=False)))
