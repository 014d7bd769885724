"""Faults that break characters: decoded in parts, halved, in another encoding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from chatconform.reference_server.faults.alterations.bytewise import each_chunk, each_piece
from chatconform.reference_server.faults.alterations.making import pieces, text
from chatconform.reference_server.faults.alterations.paths import is_plain, is_streamed
from chatconform.reference_server.faults.alterations.reach import WHAT_IS_SAID
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.model import ChatRequest, Piece, Text

fault = family(*WHAT_IS_SAID, Aspect.LOGPROBS, Aspect.CALLS)
_NOT_ITS_BYTES = {
    "CC-LOGPROBS-005": "the bytes of the tokens are still those of the whole text",
    "CC-STOP-008": "the characters before the stop string are broken",
}
_CRAB = "🦀"


def _token_by_token(written: Iterator[Piece], _: ChatRequest) -> Iterator[Piece]:
    for piece in written:
        if isinstance(piece, Text) and piece.tokens:
            for token in piece.tokens:
                yield replace(piece, text=token.data.decode("utf-8", "replace"), tokens=(token,))
        else:
            yield piece


def _half(written: str) -> str:
    return written.replace(_CRAB, "\\ud83e")


def _in_latin_1(piece: bytes) -> bytes:
    return piece.replace(b'{"id"', b'{"region":"Z\xfcrich","id"', 1)


ALL: tuple[Fault, ...] = (
    fault(
        "characters-broken",
        "The tokens of a completion are decoded one by one, with replacement, before the text is joined.",
        pieces(_token_by_token, is_plain),
        kills="CC-RESP-020",
        collateral=_NOT_ITS_BYTES,
    ),
    fault(
        "half-a-pair",
        "A completion has only the first half of a surrogate pair.",
        text(_half),
        kills="CC-RESP-020",
        collateral=_NOT_ITS_BYTES,
    ),
    fault(
        "streamed-characters-broken",
        "The bytes of each token are decoded on their own, with replacement.",
        pieces(_token_by_token, is_streamed),
        kills="CC-STREAM-019 CC-STREAM-019@streamed",
        collateral=_NOT_ITS_BYTES,
        seen_in=("mudler/LocalAI#677", "mattn/tensai#110"),
    ),
    fault(
        "streamed-half-a-pair",
        "A chunk has only the first half of a surrogate pair.",
        each_chunk(_half),
        kills="CC-STREAM-019",
        collateral=_NOT_ITS_BYTES,
    ),
    fault(
        "stream-in-latin-1",
        "A relay adds a word in Latin-1 to the chunks.",
        each_piece(_in_latin_1),
        kills="CC-STREAM-019",
        also=(Aspect.FRAMING,),
    ),
)
