"""The pieces of all choices of one request, as one sequence in time.

The model generates each choice on its own. Here their pieces are interleaved as a batch decoder would emit
them, and paced; a completion folds this sequence, a stream maps it, so both tell the same story.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass

from chatconform.reference_server.model import Finish, Piece, RefusalText, Text
from chatconform.reference_server.settings import Pace

Pause = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of the choice with this index."""

    choice: int
    piece: Piece


def interleave(choices: Sequence[Iterator[Piece]]) -> Iterator[Part]:
    """Take one piece of each choice in turn, index 0 first, until all have finished."""
    active = list(enumerate(choices))
    while active:
        remaining = []
        for index, pieces in active:
            piece = next(pieces, None)
            if piece is not None:
                yield Part(index, piece)
                remaining.append((index, pieces))
        active = remaining


async def paced(parts: Iterator[Part], pace: Pace, pause: Pause, *, choices: int) -> AsyncIterator[Part]:
    """Let each part take its time; choices are generated side by side, so they share it.

    `pause` is called before every part, also for 0 seconds: it is the place where a server that generates
    quickly lets others have a turn, and where it learns that nobody listens any more.
    """
    wait = pace.first_token
    for part in parts:
        await pause(wait + pace.token * _tokens(part.piece) / choices)
        wait = 0.0
        yield part


def _tokens(piece: Piece) -> int:
    if isinstance(piece, Text | RefusalText):
        return len(piece.tokens)
    return 0 if isinstance(piece, Finish) else 1
