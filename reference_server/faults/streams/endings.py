"""Faults in how streams end: silently, early, in the middle of a chunk, late."""

from __future__ import annotations

from asyncio import sleep

from chatconform.reference_server.faults.alterations.bytewise import each_piece
from chatconform.reference_server.faults.alterations.chunkwise import becoming, every, never, with_finish
from chatconform.reference_server.faults.alterations.making import events, packets
from chatconform.reference_server.faults.alterations.paths import is_streamed
from chatconform.reference_server.faults.alterations.reach import WHOLE_ANSWER
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.seams import Alteration, Bytes, Texts

fault = family(Aspect.FRAMING)
_DONE = "[DONE]"
_UNSAFE = {"CC-SAFETY-002": "nothing tells that a filter ended the answer"}
# More than the two seconds within which the body has to end.
_LONG = 2.4
# Longer than anybody in a trial waits.
_FOR_EVER = 4.5


async def _without_done(texts: Texts) -> Texts:
    async for text in texts:
        if text != _DONE:
            yield text


async def _nothing(texts: Texts) -> Texts:
    async for text in texts:
        if not text:
            yield text


def _open_for(seconds: float) -> Alteration:
    async def change(pieces: Bytes) -> Bytes:
        terminated = False
        async for piece in pieces:
            terminated = terminated or _DONE.encode() in piece
            yield piece
        if terminated:
            await sleep(seconds)

    return packets(change, is_streamed)


def _cut_in_the_end(piece: bytes) -> bytes:
    if _DONE.encode() in piece:
        return b""
    return piece[: len(piece) // 2] if b'"finish_reason":"' in piece else piece


ALL: tuple[Fault, ...] = (
    fault(
        "stream-without-done",
        "The stream ends without [DONE].",
        events(_without_done),
        kills="CC-STREAM-003",
        seen_in=(
            "huggingface/text-generation-inference#1896",
            "ikawrakow/ik_llama.cpp#467",
            "gpustack/llama-box#2",
            "oobabooga/textgen#4778",
        ),
    ),
    fault(
        "stream-ends-silently",
        "Neither a finish reason nor `[DONE]` comes: the stream just ends.",
        becoming(with_finish, never),
        events(_without_done),
        kills="CC-STREAM-003 CC-STREAM-011",
        collateral=_UNSAFE,
        also=(Aspect.FINISH,),
    ),
    fault(
        "stream-empty",
        "The body of a stream is empty.",
        events(_nothing),
        kills="CC-STREAM-003 CC-STREAM-011",
        also=WHOLE_ANSWER,
    ),
    fault(
        "stream-of-done-alone",
        "A stream has nothing but `[DONE]`.",
        becoming(every, never),
        kills="CC-STREAM-011",
        also=WHOLE_ANSWER,
    ),
    fault(
        "stream-cut-in-a-chunk",
        "The stream ends in the middle of the JSON of its last chunk.",
        each_piece(_cut_in_the_end),
        kills="CC-STREAM-002 CC-STREAM-003",
        collateral={
            **_UNSAFE,
            "CC-STREAM-011": "the finish reason stood behind the cut",
            "CC-USAGE-004": "the usage stood behind the cut",
        },
        also=(Aspect.FINISH, Aspect.USAGE),
    ),
    fault(
        "stream-stays-open",
        "The body stays open for some seconds after `[DONE]`.",
        _open_for(_LONG),
        kills="CC-STREAM-020",
        also=(Aspect.TIME, Aspect.CONNECTION),
        seen_in="ltmoerdani/opencode-copilot-chat#170",
    ),
    fault(
        "stream-never-closes",
        "The body never ends after `[DONE]`.",
        _open_for(_FOR_EVER),
        kills="CC-STREAM-020",
        also=(*WHOLE_ANSWER, Aspect.TIME, Aspect.CONNECTION),
    ),
)
