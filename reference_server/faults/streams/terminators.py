"""Faults in the terminator of streams: how it is spelled, how often it comes, what comes after it."""

from __future__ import annotations

from chatconform.reference_server.faults.alterations.bytewise import TERMINATOR, each_piece
from chatconform.reference_server.faults.alterations.making import events
from chatconform.reference_server.faults.alterations.reach import WHOLE_ANSWER
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.seams import Alteration, Texts

fault = family(Aspect.FRAMING)
_NO_OBJECT = {"CC-STREAM-002": "it is neither the terminator nor a JSON object"}
_NO_CHUNK = {
    "CC-STREAM-004": "an object in its place is no chunk",
    "CC-USAGE-004": "an object follows the token counts",
}
_NOTHING = {**_NO_OBJECT, "CC-STREAM-016": "an empty event looks like a keep-alive"}


async def _done_twice(texts: Texts) -> Texts:
    async for text in texts:
        yield text
        if text == TERMINATOR:
            yield text


async def _done_before_the_last_chunk(texts: Texts) -> Texts:
    before = ""
    async for text in texts:
        if text == TERMINATOR:
            yield text
        if before:
            yield before
        before = "" if text == TERMINATOR else text
    if before:
        yield before


async def _done_between(texts: Texts) -> Texts:
    number = 0
    async for text in texts:
        if number == 2:
            yield TERMINATOR
        yield text
        number += 1


def _done_as(spelled: str) -> Alteration:
    async def change(texts: Texts) -> Texts:
        async for text in texts:
            yield spelled if text == TERMINATOR else text

    return events(change)


def _of_done(piece: bytes, spelled: bytes) -> bytes:
    return spelled if TERMINATOR.encode() in piece else piece


ALL: tuple[Fault, ...] = (
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
        collateral={
            "CC-STREAM-015": "a stream that breaks off has had its terminator",
            "CC-USAGE-004": "usage follows a terminator",
        },
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
            ("as-json", 'the JSON text "[DONE]"', '"[DONE]"', _NO_OBJECT),
            ("as-object", 'the object {"done": true}', '{"done": true}', _NO_CHUNK),
            ("in-an-array", 'the JSON array ["DONE"]', '["DONE"]', _NO_OBJECT),
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
)
