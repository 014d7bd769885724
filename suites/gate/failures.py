"""Upstreams that fail behind a gateway, each in its own way, at texts that the upstream's record names.

All of it comes last: many gateways leave an upstream alone for a while that has failed.
"""

from __future__ import annotations

from chatconform.suite import BOTH_FORMS, PLAIN, STREAMED, Body, Stage, prompt, scenario
from chatconform.suites.gate.conversations import asking
from chatconform.suites.gate.forwarded import trigger_note
from chatconform.suites.gate.parameters import SAMPLING, whole
from chatconform.suites.gate.sending import forward

OUTAGE, OVERLOAD, STALL, HICCUP = "outage", "overload", "stall", "hiccup"
# In which way a plain answer fails, by the feature that has its text.
MIDWAY = {"failed": "fault-injection", "cut": "truncation", "stalled": STALL}


@scenario(paths=BOTH_FORMS, patience=False, last=True)
async def down(stage: Stage) -> None:
    """A question at which the upstream answers 503, as if nobody were there."""
    await _repeat_around(stage, "down", OUTAGE)


@scenario(paths=BOTH_FORMS, patience=False, last=True)
async def overloaded(stage: Stage) -> None:
    """A question at which the upstream answers 429, with the seconds to wait."""
    await _repeat_around(stage, "overloaded", OVERLOAD)


@scenario(paths=(PLAIN,), requests=3, patience=False, last=True)
async def failing_midway(stage: Stage) -> None:
    """Questions at which the upstream fails, breaks off, or falls silent, after a part of its answer."""
    for step, feature in MIDWAY.items():
        if feature in stage.target.declared:
            await _repeat_around(stage, step, feature)


@scenario(paths=(STREAMED,), patience=False, last=True)
async def stalling(stage: Stage) -> None:
    """A question at which the upstream falls silent in the middle of its stream, and then breaks off."""
    await _repeat_around(stage, "answer", STALL)


@scenario(paths=BOTH_FORMS, patience=False, last=True)
async def hiccup(stage: Stage) -> None:
    """A conversation with every parameter, which the upstream answers 503, and serves when it comes again."""
    question = f"{prompt('greeting-as-json')} {stage.target.declared[HICCUP]}"
    parameters = whole(SAMPLING)
    await forward(stage, "hiccup", lambda code: asking(stage, code, question, parameters, limited=False))


async def _repeat_around(stage: Stage, step: str, feature: str) -> None:
    trigger = stage.target.declared[feature]
    asked = prompt("repeat-around").format(text=trigger)
    stage.note(trigger_note(step), trigger)

    def build(code: str) -> Body:
        return asking(stage, code, asked, {"temperature": 0})

    await forward(stage, step, build)
