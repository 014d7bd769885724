"""Faults in how streams and answers end."""

from __future__ import annotations

from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.faults.making import events
from chatconform.reference_server.seams import Texts

fault = family(Aspect.FRAMING)
_DONE = "[DONE]"


async def _without_done(texts: Texts) -> Texts:
    async for text in texts:
        if text != _DONE:
            yield text


ALL: tuple[Fault, ...] = (
    fault(
        "stream-without-done",
        "The stream ends without [DONE].",
        events(_without_done),
        kills="CC-STREAM-003",
    ),
)
