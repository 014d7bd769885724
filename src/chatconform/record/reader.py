"""Reads a run record back, row by row or as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from chatconform.errors import UsageError
from chatconform.findings.reception import Reception, Standing
from chatconform.findings.verdict import Judgement
from chatconform.plays.path import path_named
from chatconform.plays.play import Play
from chatconform.record.decode import BadRow, row_from_line
from chatconform.record.rows import Footer, Header, PlayRow, Record, Row
from chatconform.wire.exchange import Exchange


class RecordError(UsageError):
    """A file is not a run record, or a broken one.

    Attributes:
        file: The file.
        line: The number of the line from 1; None for the whole file.
    """

    def __init__(self, file: Path, reason: str, *, line: int | None = None, hint: str | None = None) -> None:
        where = str(file) if line is None else f"{file}:{line}"
        super().__init__(f"{where}: {reason}", hint=hint)
        self.file = file
        self.line = line


class IncompleteRecord(RecordError):
    """A run record was cut off: it has no footer, or ends inside a line."""


def read_rows(path: Path, *, allow_incomplete: bool = False) -> Iterator[Row]:
    """The rows of a run record, one at a time: memory holds one row, however long the record is.

    The first is the header; the last is the footer, unless `allow_incomplete` lets it be missing.

    Raises:
        RecordError: The file cannot be read, or a line is not a row in its place.
        IncompleteRecord: The record was cut off.
    """
    last: Row | None = None
    for number, line in _lines(path):
        try:
            row = row_from_line(line)
        except BadRow as error:
            if line.endswith(b"\n"):
                raise RecordError(path, str(error), line=number) from None
            break  # the writer was killed inside this line
        _check_place(path, number, row, last)
        last = row
        yield row
    if last is None:
        raise RecordError(path, "not a run record: it has no header")
    if not isinstance(last, Footer) and not allow_incomplete:
        raise IncompleteRecord(
            path,
            "the record was cut off: it has no footer",
            hint="What it holds can still be read, but it is no whole run; `run --resume` goes on with it.",
        )


def read_record(path: Path, *, allow_incomplete: bool = False) -> Record:
    """A whole run record; raises as `read_rows` does."""
    gathered = _Gathered()
    for number, row in enumerate(read_rows(path, allow_incomplete=allow_incomplete), 1):
        try:
            gathered.take(row)
        except BadRow as error:
            raise RecordError(path, str(error), line=number) from None
    if gathered.header is None:
        raise RecordError(path, "not a run record: it has no header")
    return Record(
        header=gathered.header,
        plays=tuple(gathered.plays),
        exchanges=tuple(gathered.exchanges.values()),
        judgements=tuple(gathered.judgements),
        footer=gathered.footer,
        receptions=tuple(gathered.receptions),
        standings=tuple(gathered.standings),
    )


@dataclass(slots=True)
class _Gathered:
    """The rows of a record in the making."""

    header: Header | None = None
    exchanges: dict[str, Exchange] = field(default_factory=dict)
    plays: list[Play] = field(default_factory=list)
    judgements: list[Judgement] = field(default_factory=list)
    receptions: list[Reception] = field(default_factory=list)
    standings: list[Standing] = field(default_factory=list)
    footer: Footer | None = None

    def take(self, row: Row) -> None:
        match row:
            case Header():
                self.header = row
            case Exchange():
                if row.id in self.exchanges:
                    raise BadRow(f"a second exchange {row.id}")
                self.exchanges[row.id] = row
            case PlayRow():
                self.plays.append(_play(row, self.exchanges))
            case Judgement():
                self.judgements.append(row)
            case Reception():
                self.receptions.append(row)
            case Standing():
                self.standings.append(row)
            case Footer():
                self.footer = row


def _play(row: PlayRow, exchanges: Mapping[str, Exchange]) -> Play:
    try:
        path, performed = path_named(row.path), [(step, exchanges[each]) for step, each in row.steps]
    except KeyError as error:
        raise BadRow(f"a play names {error}, which is no path or no exchange before it") from None
    return Play(
        scenario=row.scenario,
        path=path,
        attempt=row.attempt,
        exchanges=tuple(
            replace(exchange, scenario=row.scenario, path=row.path, attempt=row.attempt, step=step)
            for step, exchange in performed
        ),
        notes=dict(row.notes),
        ended=row.ended,
        error=row.error,
    )


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    # Read as bytes: the only line end of a record is LF, and texts may hold others (U+2028).
    try:
        with path.open("rb") as file:
            yield from enumerate(file, 1)
    except OSError as error:
        raise RecordError(path, f"cannot be read: {error.strerror}") from None


def _check_place(path: Path, number: int, row: Row, last: Row | None) -> None:
    if isinstance(row, Header) is not (last is None):
        reason = "a second header" if isinstance(row, Header) else "not a run record: no header comes first"
        raise RecordError(path, reason, line=number)
    if isinstance(last, Footer):
        raise RecordError(path, "a row after the footer", line=number)
