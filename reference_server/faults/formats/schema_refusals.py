"""Faults in where a refusal of the model stands that declines under a schema."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from chatconform.reference_server.faults.alterations.asks import FORMS, both, wants
from chatconform.reference_server.faults.alterations.making import pieces
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.model import ChatRequest, Piece, RefusalText, Text

fault = family(Aspect.TEXT)
Pieces = Iterator[Piece]


def _refusing(*, refusal: bool, content: bool) -> Callable[[Pieces, ChatRequest], Pieces]:
    """Where a refusal is written, beside or instead of `refusal`."""

    def rewrite(found: Pieces, _: ChatRequest) -> Pieces:
        for piece in found:
            if not isinstance(piece, RefusalText):
                yield piece
                continue
            if refusal:
                yield piece
            if content:
                yield Text(text=piece.text, tokens=piece.tokens)

    return rewrite


_REFUSALS = (
    ("in-content", "is put into content", _refusing(refusal=False, content=True)),
    ("in-both", "is put into content as well", _refusing(refusal=True, content=True)),
    ("lost", "is lost", _refusing(refusal=False, content=False)),
)

ALL: tuple[Fault, ...] = (
    *(
        fault(
            f"refusal-under-a-schema-{name}-{form}",
            f"A refusal under a schema {defect}, in {form} answers.",
            pieces(rewrite, both(FORMS[form], wants("json_schema"))),
            kills=f"CC-FORMAT-009@{form}",
        )
        for name, defect, rewrite in _REFUSALS
        for form in FORMS
    ),
)
