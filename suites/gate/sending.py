"""Sending through a gateway, and noting what its upstream received."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from chatconform.plays.play import alone
from chatconform.suite import Body, Exchange, Stage

# From a code to the request that bears it.
Build = Callable[[str], Body]


async def forward(stage: Stage, step: str, build: Build) -> Exchange:
    """Send a request that bears a code of its own, and note what the upstream received with it."""
    code = stage.code(f"code of {step}")
    exchange = await stage.post(step, build(code))
    await stage.note_received(step, code)
    return exchange


async def forward_together(
    stage: Stage, step: str, build: Callable[[str, Body], Body], parts: Mapping[str, Body]
) -> None:
    """Send all parts in one request; where that is refused, each part alone as well."""
    whole = {name: value for part in parts.values() for name, value in part.items()}
    exchange = await forward(stage, step, lambda code: build(code, whole))
    status = exchange.response.status if exchange.response else 0
    if 400 <= status < 500 and status != 429:
        for name, part in parts.items():
            await forward(stage, alone(step, name), _with(build, part))


def _with(build: Callable[[str, Body], Body], part: Body) -> Build:
    return lambda code: build(code, part)
