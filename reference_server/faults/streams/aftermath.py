"""Faults in what a stream leaves behind for the requests after it."""

from __future__ import annotations

import time
from asyncio import sleep

from chatconform.reference_server.faults.alterations.bytewise import TERMINATOR
from chatconform.reference_server.faults.alterations.making import crash
from chatconform.reference_server.faults.alterations.paths import asks_plainly, is_streamed
from chatconform.reference_server.faults.alterations.reach import WHOLE_EXCHANGE
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.seams import Alteration, Asked, Bytes

fault = family(Aspect.TIME, Aspect.CONNECTION)
# What is left of a long story when its reader leaves, and what nobody waits for.
_REST = 2.0
_LONGEST = 3.0
_MOMENT = 0.02


class _Unstopped(Alteration):
    """A single slot that is held for a story that nobody reads any more."""

    def __init__(self) -> None:
        self._open = 0
        self._until = 0.0

    def applies(self, asked: Asked) -> bool:
        return asked.is_chat

    async def wait(self, asked: Asked) -> None:
        latest = time.monotonic() + _LONGEST
        while self._open or time.monotonic() < self._until:
            if time.monotonic() > latest:
                return
            await sleep(_MOMENT)

    async def packets(self, packets: Bytes, asked: Asked) -> Bytes:
        if not is_streamed(asked):
            async for piece in packets:
                yield piece
            return
        self._open += 1
        ended = False
        try:
            async for piece in packets:
                ended = ended or TERMINATOR.encode() in piece
                yield piece
        finally:
            self._open -= 1
            if not ended:
                self._until = time.monotonic() + _REST


def _of_several_choices(asked: Asked) -> bool:
    return is_streamed(asked) and (asked.body.get("n") or 1) > 1 and asks_plainly(asked, "n")


ALL: tuple[Fault, ...] = (
    fault(
        "generation-goes-on",
        "Generation goes on, and holds the slot, after the client has gone.",
        _Unstopped(),
        kills="CC-STREAM-021",
        seen_in=("ggml-org/llama.cpp#24496", "cubist38/mlx-openai-server#269", "Trans-N-ai/swama#116"),
    ),
    fault(
        "several-choices-after-a-stream-crash",
        "A stream is followed by a 500 where several choices are asked for.",
        crash(_of_several_choices),
        kills="CC-STREAM-020@streamed",
        collateral={"CC-ERR-007": "it is a legal request"},
        also=WHOLE_EXCHANGE,
    ),
)
