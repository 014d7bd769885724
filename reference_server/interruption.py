"""Generations that do not come to their end, for clients and gateways that have to cope with it."""

from __future__ import annotations

from collections.abc import Iterator

from chatconform.reference_server.model import Finish, Piece

_WRITTEN = 3


class ConnectionCut(Exception):
    """The connection breaks off here, within a response; nobody is told why.

    Attributes:
        silence: The seconds for which it stays open without a byte before it does.
    """

    def __init__(self, silence: float = 0.0) -> None:
        super().__init__(silence)
        self.silence = silence


def interrupted(pieces: Iterator[Piece], error: Exception) -> Iterator[Piece]:
    """Yield the first few pieces of a choice, and then raise the error in the place of the next one.

    A choice that is shorter is yielded without its finish.
    """
    for number, piece in enumerate(pieces):
        if number == _WRITTEN or isinstance(piece, Finish):
            raise error
        yield piece
