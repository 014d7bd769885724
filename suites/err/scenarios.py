"""Bad requests of the other areas once more, in one play: an equal request is not sent again."""

from __future__ import annotations

from chatconform.suite import Stage, scenario
from chatconform.suites.req.defects import MEMBERS, NO_MESSAGES, OUTSIDE, WRONG_TYPES
from chatconform.suites.req.sending import send_controls, send_group, send_in_both_forms, send_in_turns


@scenario(requests=10)
async def refusals(stage: Stage) -> None:
    """The good request, and all those whose refusal can name a member."""
    bodies = await send_controls(stage)
    await send_in_both_forms(stage, bodies, (NO_MESSAGES,))
    await send_in_turns(stage, bodies, MEMBERS)
    await send_group(stage, bodies, WRONG_TYPES)
    await send_group(stage, bodies, OUTSIDE)
