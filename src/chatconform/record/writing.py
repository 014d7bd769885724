"""Writes a record that is there as a whole."""

from __future__ import annotations

from collections.abc import Iterator

from chatconform.plays.play import Play
from chatconform.record.encode import to_line
from chatconform.record.rows import PlayRow, Record, Row


def row_of(play: Play) -> PlayRow:
    """The row of a play, which names its exchanges by their ids."""
    return PlayRow(
        scenario=play.scenario,
        path=play.path.name,
        attempt=play.attempt,
        steps=tuple((exchange.step, exchange.id) for exchange in play.exchanges),
        notes=play.notes,
        ended=play.ended,
        error=play.error,
    )


def lines_of(record: Record) -> Iterator[bytes]:
    """The lines of a record, from its header to its footer; secrets were taken out when it was made."""
    return map(to_line, _rows(record))


def _rows(record: Record) -> Iterator[Row]:
    yield record.header
    yield from record.exchanges
    yield from map(row_of, record.plays)
    yield from record.judgements
    yield from record.receptions
    yield from record.standings
    if record.footer is not None:
        yield record.footer
