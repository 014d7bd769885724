"""Sending bad requests beside the good one, and legal ones in groups, with as few requests as will do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from chatconform.plays.play import alone
from chatconform.suite import Body, Exchange, Stage
from chatconform.suites import basics
from chatconform.suites.req.defects import Defect, Group, streamed_step
from chatconform.suites.req.refusing import names

# Who answers so is too busy to be asked more.
BUSY = frozenset({0, 429, 503})


def streamed_greeting(stage: Stage) -> Body:
    """The shared greeting as it is on the streamed path, byte by byte."""
    body = basics.greeting(stage)
    others = {name: value for name, value in body.items() if name not in {"model", "messages"}}
    head: Body = {"model": body["model"], "messages": body["messages"], "stream": True}
    return {**head, **others, "stream_options": {"include_usage": True}}


async def send_controls(stage: Stage) -> Mapping[bool, Body]:
    """Send the good request in both forms; returns it by whether it is streamed.

    Where streams are not served, bad requests are sent plain instead.
    """
    plain, streamed = basics.greeting(stage), streamed_greeting(stage)
    await stage.post("control", plain)
    accepted = _status(await stage.post("control-streamed", streamed)) == 200
    return {False: plain, True: streamed} if accepted else {False: plain}


async def send_in_turns(stage: Stage, bodies: Mapping[bool, Body], defects: Iterable[Defect]) -> None:
    """Send each defect in its own form; in both where every case is wanted."""
    for defect in defects:
        if stage.thorough:
            await send_in_both_forms(stage, bodies, (defect,))
        else:
            await _send(stage, bodies, defect, streamed=defect.streamed)


async def send_in_both_forms(stage: Stage, bodies: Mapping[bool, Body], defects: Iterable[Defect]) -> None:
    """Send each defect plain and streamed."""
    unknown = f"nope-{stage.code('unknown-model').lower()}"
    for defect in defects:
        for streamed in bodies if "stream" not in defect.members else (False,):
            await _send(stage, bodies, defect, streamed=streamed, unknown=unknown)


async def send_group(stage: Stage, bodies: Mapping[bool, Body], group: Group) -> None:
    """Send the core defects of a group in one request, and alone those that are not settled by it."""
    streamed = group.streamed and True in bodies
    exchange = await stage.post(group.step, group.applied(bodies[streamed]), illegal=True)
    if stage.thorough:
        await send_in_both_forms(stage, bodies, group.defects)
    elif _status(exchange) != 200 and _status(exchange) not in BUSY:
        for defect in group.core:
            if not names(exchange, defect.param):
                await _send(stage, bodies, defect, streamed=streamed)


async def send_parts(stage: Stage, step: str, whole: Body, parts: Mapping[str, Body]) -> None:
    """Send a legal request of several parts; where it is not served, or each case is wanted, each part alone.

    A failure of the server is treated like a refusal: one part that breaks it must not be held against all.
    """
    status = _status(await stage.post(step, whole))
    if stage.thorough or (status != 200 and status not in BUSY):
        for name, body in parts.items():
            await stage.post(alone(step, name), body)


async def _send(
    stage: Stage, bodies: Mapping[bool, Body], defect: Defect, *, streamed: bool, unknown: str = ""
) -> None:
    form = streamed and True in bodies
    body = defect.applied(bodies[form], unknown_model=unknown)
    await stage.post(streamed_step(defect.name) if form else defect.name, body, illegal=defect.illegal)


def _status(exchange: Exchange) -> int:
    return exchange.response.status if exchange.response else 0
