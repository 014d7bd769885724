"""Faults in how streams end: the terminator, what stands before and after it, and the end of the body."""

from __future__ import annotations

from asyncio import sleep

from chatconform.reference_server.faults.bytewise import each_piece
from chatconform.reference_server.faults.chunkwise import becoming, every, never, with_finish
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.faults.making import events, packets
from chatconform.reference_server.faults.paths import is_streamed
from chatconform.reference_server.faults.reach import WHOLE_ANSWER
from chatconform.reference_server.seams import Alteration, Bytes, Texts

fault = family(Aspect.FRAMING)
_DONE = "[DONE]"
_NO_OBJECT = {"CC-STREAM-002": "it is neither the terminator nor a JSON object"}
_NO_CHUNK = {
    "CC-STREAM-004": "an object in its place is no chunk",
    "CC-USAGE-004": "an object follows the token counts",
}
_NOTHING = {**_NO_OBJECT, "CC-STREAM-016": "an empty event looks like a keep-alive"}
# More than the two seconds within which the body has to end.
_LONG = 2.4


async def _without_done(texts: Texts) -> Texts:
    async for text in texts:
        if text != _DONE:
            yield text


async def _done_twice(texts: Texts) -> Texts:
    async for text in texts:
        yield text
        if text == _DONE:
            yield text


async def _done_before_the_last_chunk(texts: Texts) -> Texts:
    before = ""
    async for text in texts:
        if text == _DONE:
            yield text
        if before:
            yield before
        before = "" if text == _DONE else text
    if before:
        yield before


async def _done_between(texts: Texts) -> Texts:
    number = 0
    async for text in texts:
        if number == 2:
            yield _DONE
        yield text
        number += 1


async def _nothing(texts: Texts) -> Texts:
    async for _ in texts:
        pass
    for text in ():
        yield text


def _done_as(spelled: str) -> Alteration:
    async def change(texts: Texts) -> Texts:
        async for text in texts:
            yield spelled if text == _DONE else text

    return events(change)


def _open_for(seconds: float) -> Alteration:
    async def change(pieces: Bytes) -> Bytes:
        async for piece in pieces:
            yield piece
        await sleep(seconds)

    return packets(change, is_streamed)


def _of_done(piece: bytes, spelled: bytes) -> bytes:
    return spelled if _DONE.encode() in piece else piece


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
    fault("done-twice", "The terminator comes twice.", events(_done_twice), kills="CC-STREAM-003"),
    fault(
        "done-before-the-last-chunk",
        "The last chunk follows `[DONE]`.",
        events(_done_before_the_last_chunk),
        kills="CC-STREAM-003 CC-USAGE-004",
        also=(Aspect.USAGE,),
    ),
    fault(
        "done-early",
        "A second `[DONE]` comes in the middle of the text.",
        events(_done_between),
        kills="CC-STREAM-003",
        also=WHOLE_ANSWER,
    ),
    *(
        fault(
            f"done-{word}",
            f"The terminator is {told}.",
            _done_as(spelled),
            kills="CC-STREAM-003",
            collateral=collateral,
        )
        for word, told, spelled, collateral in (
            ("as-json", "the JSON text \"[DONE]\"", '"[DONE]"', _NO_OBJECT),
            ("as-object", "the object {\"done\": true}", '{"done": true}', _NO_CHUNK),
            ("in-an-array", "the JSON array [\"DONE\"]", '["DONE"]', _NO_OBJECT),
            ("lower-case", "written [done]", "[done]", _NO_OBJECT),
            ("without-brackets", "written DONE", "DONE", _NO_OBJECT),
            ("after-a-blank", "preceded by a second blank", " [DONE]", _NO_OBJECT),
            ("before-a-blank", "followed by a blank", "[DONE] ", _NO_OBJECT),
            ("with-a-tail", "written [DONE] ok", "[DONE] ok", _NO_OBJECT),
            ("empty", "an empty event", "", _NOTHING),
        )
    ),
    fault(
        "done-without-blank-line",
        "No blank line follows `[DONE]`, so that a reader discards it.",
        each_piece(lambda piece: _of_done(piece, b"data: [DONE]\n")),
        kills="CC-STREAM-002 CC-STREAM-003",
    ),
    fault(
        "done-without-line-end",
        "The stream ends within the line of `[DONE]`.",
        each_piece(lambda piece: _of_done(piece, b"data: [DONE]")),
        kills="CC-STREAM-002 CC-STREAM-003",
    ),
    fault(
        "done-in-a-comment",
        "The terminator is a comment.",
        each_piece(lambda piece: _of_done(piece, b": [DONE]\n\n")),
        kills="CC-STREAM-003",
    ),
    fault(
        "done-as-event-name",
        "The terminator is an event named done, without data.",
        each_piece(lambda piece: _of_done(piece, b"event: done\n\n")),
        kills="CC-STREAM-003",
    ),
    fault(
        "stream-ends-silently",
        "Neither a finish reason nor `[DONE]` comes: the stream just ends.",
        becoming(with_finish, never),
        events(_without_done),
        kills="CC-STREAM-003 CC-STREAM-011",
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
        collateral={"CC-STREAM-011": "the finish reason stood behind the cut"},
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
)
