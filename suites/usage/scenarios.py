"""Token counts: one request in both forms beside a tool, and one that is longer."""

from __future__ import annotations

from chatconform.suite import AFTER_TOOL_RESULT, Stage, scenario
from chatconform.suites import basics


@scenario(paths=(AFTER_TOOL_RESULT,), requests=2)
async def both_forms(stage: Stage) -> None:
    """One question after a tool result, plain and as a stream that asks for usage."""
    body = basics.greeting(stage)
    await stage.post("plain", body)
    await stage.post("streamed", stage.with_usage({**body, "stream": True}))


@scenario()
async def longer_greeting(stage: Stage) -> None:
    """The greeting after some thirty plain words more."""
    await stage.post("answer", basics.longer_greeting(stage))
