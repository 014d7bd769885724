"""Reads run records of our own row by row, however long they are, and past rows that are broken."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from chatconform.record.decode import BadRow, row_from_line
from chatconform.record.rows import Footer, Header
from chatconform.traffic.met import PIECE_LIMIT, Beside, Described, Heard, Met, Place, Unjudged
from chatconform.traffic.scanning import Reader
from chatconform.wire.exchange import BEFORE_THE_RUN, Exchange

_PIECE = 1 << 18


def read_exchanges(file: Path, source: Reader) -> Iterator[Met]:
    """What is met in a run record."""
    footer: Footer | None = None
    number = 0
    for number, line in enumerate(_lines(source), 1):
        where = Place(file=file, position=f"line {number}")
        try:
            row = row_from_line(_whole(line))
        except BadRow as error:
            yield Unjudged(where=where, reason=str(error))
            continue
        match row:
            case Header():
                yield Described(lacks=frozenset(row.target.lacks))
            case Exchange(scenario=scenario) if scenario == BEFORE_THE_RUN:
                yield Beside(where=where)
            case Exchange():
                yield Heard(exchange=row, where=where)
            case Footer():
                footer = row
    if footer is None:
        yield Unjudged(
            where=Place(file=file, position=f"after line {number}"),
            reason="the record was cut off: it has no footer",
            is_end=True,
        )


def _whole(line: bytes | None) -> bytes:
    if line is None:
        raise BadRow(f"the row is larger than {PIECE_LIMIT >> 20} MB")
    return line


def _lines(source: Reader) -> Iterator[bytes | None]:
    """Each line without its end, or nothing for one that is too long to be held."""
    begun: list[bytes] = []
    size = 0
    while piece := source.read(_PIECE):
        *ended, rest = piece.split(b"\n")
        for end in ended:
            yield _joined(begun, size, end)
            begun, size = [], 0
        size += len(rest)
        begun = [*begun, rest] if size <= PIECE_LIMIT else []
    if size:
        yield _joined(begun, size, b"")


def _joined(begun: list[bytes], size: int, end: bytes) -> bytes | None:
    return b"".join((*begun, end)) if size + len(end) <= PIECE_LIMIT else None
