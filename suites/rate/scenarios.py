"""A burst above the declared rate limit, sent only where that is allowed."""

from __future__ import annotations

import asyncio
import re

from chatconform.suite import Exchange, Stage, scenario
from chatconform.suites import basics
from chatconform.suites.dates import http_date

MORE = 3
MOST_SENT = 200
LONGEST_WAIT = 120.0


@scenario(requests=2, last=True, patience=False)
async def burst(stage: Stage) -> None:
    """More requests at once than the declared limit allows, half of them streamed; one after the wait."""
    declared = re.match(r"\d+", stage.target.declared.get("rate-limit", ""))
    if declared is None:
        stage.leave("the rate limit is declared without its number, such as rate-limit=60/m")
    body = basics.greeting(stage)
    count = int(declared[0]) + MORE
    if count > MOST_SENT:
        stage.leave(f"the declared limit of {declared[0]} requests is too high to be exceeded")
    sent = await asyncio.gather(
        *(
            stage.post(f"burst-{n}", {**body, "stream": True} if n % 2 else body, fresh=True)
            for n in range(count)
        )
    )
    waits = [wait for wait in map(_told_wait, sent) if wait is not None]
    if waits:
        await stage.pause(min(max(waits), LONGEST_WAIT))
        await stage.post("after-the-wait", body, fresh=True)


def _told_wait(exchange: Exchange) -> float | None:
    """The seconds that a refusal asks to wait, where it says so in whole seconds or by a date."""
    if exchange.response is None or exchange.response.status != 429:
        return None
    value = (exchange.response.header("retry-after") or "").strip()
    if value.isascii() and value.isdigit():
        return float(value)
    # The target's own clock counts, of which a date tells whole seconds.
    until, now = http_date(value), http_date(exchange.response.header("date"))
    return None if until is None or now is None else max(0.0, (until - now).total_seconds() + 1)
