"""Faults in requests for several choices: their number, their indices, and how they are drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import tee
from typing import Any

from chatconform.reference_server.faults.alterations.forwarding import MISREAD
from chatconform.reference_server.faults.alterations.making import (
    Edit,
    chunk,
    completion,
    dropping,
    each_choice,
    model_body,
)
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.model import ChatRequest, Piece
from chatconform.reference_server.seams import Alteration, Asked

fault = family(Aspect.PARAMETERS, Aspect.SHAPE, Aspect.CHUNKS)

_NUMBER = "CC-SAMPLE-005 CC-CONT-021"
_COUNTED = {"CC-STREAM-022": "it counts the choices of streams"}
_MERGED = "the choices of a stream are read as one"


class _Copied(Alteration):
    """Every choice of a request is what the first one is; it remembers one request, and no longer."""

    def __init__(self) -> None:
        self._request: ChatRequest | None = None
        self._first: Iterator[Piece] = iter(())

    def applies(self, asked: Asked) -> bool:
        return asked.is_chat

    def pieces(self, pieces: Iterator[Piece], request: ChatRequest) -> Iterator[Piece]:
        # The choices of a request are made one after the other, with no other request between them.
        if request is not self._request:
            self._request, self._first = request, pieces
        self._first, copied = tee(self._first)
        return copied


def _read_as(change: Callable[[int], int]) -> Edit:
    """An edit that reads a number of choices above 1 as another one."""

    def edit(body: Any) -> None:
        if (body.get("n") or 1) > 1:
            body["n"] = change(body["n"])

    return edit


def _numbered(change: Callable[[int], int]) -> tuple[Alteration, Alteration]:
    """The index of each choice is another one, in both forms, where there are several."""

    def edit(choice: Any) -> None:
        choice["index"] = change(choice["index"])

    several = each_choice(edit)

    def asks(asked: Asked) -> bool:
        return asked.is_chat and (asked.body.get("n") or 1) > 1

    return completion(several, asks), chunk(several, asks)


def _under_top_p(body: Any) -> Any:
    return dropping("n")(body) if body.get("top_p") is not None else body


ALL: tuple[Fault, ...] = (
    fault(
        "n-ignored",
        "`n` is ignored.",
        model_body(dropping("n")),
        kills=_NUMBER,
        collateral=MISREAD,
        seen_in=("InternLM/lmdeploy#4419 (validated, never used)", "abetlen/llama-cpp-python#1906"),
    ),
    fault(
        "n-at-most-two",
        "Of more than two choices two come.",
        model_body(_read_as(lambda n: min(n, 2))),
        kills=_NUMBER,
        collateral=_COUNTED | MISREAD,
    ),
    fault(
        "n-one-too-many",
        "There is one choice more than was asked for.",
        model_body(_read_as(lambda n: n + 1)),
        kills=_NUMBER,
        collateral=_COUNTED | MISREAD,
    ),
    fault(
        "n-ignored-beside-top-p",
        "`n` is ignored where top_p is sent as well.",
        model_body(_under_top_p),
        kills="CC-SAMPLE-005@plain CC-SAMPLE-005@streamed",
        collateral=MISREAD,
    ),
    fault(
        "choices-copied",
        "One choice is drawn, and copied n times.",
        _Copied(),
        kills="CC-SAMPLE-006",
        seen_in="Blaizzy/mlx-vlm#1818 (same batch gives identical answers)",
    ),
    fault(
        "choices-all-index-zero",
        "All choices have the index 0.",
        *_numbered(lambda _: 0),
        kills=_NUMBER,
        collateral=_COUNTED
        | dict.fromkeys(("CC-CONT-023", "CC-CONT-027", "CC-LIMIT-002", "CC-LIMIT-009"), _MERGED)
        | dict.fromkeys(("CC-SAMPLE-003", "CC-STREAM-008", "CC-STREAM-011", "CC-STREAM-012"), _MERGED),
        also=(Aspect.TEXT, Aspect.FINISH),
    ),
    fault(
        "choices-numbered-from-one",
        "The indices of several choices begin with 1.",
        *_numbered(lambda index: index + 1),
        kills=_NUMBER,
        collateral=_COUNTED,
    ),
    fault(
        "choices-numbered-by-twos",
        "The indices of several choices have gaps.",
        *_numbered(lambda index: 2 * index),
        kills=_NUMBER,
        collateral=_COUNTED,
    ),
)
