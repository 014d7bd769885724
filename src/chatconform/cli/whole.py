"""Run records that have to be whole, unless the user takes what there is."""

from __future__ import annotations

from pathlib import Path

from chatconform.errors import UsageError
from chatconform.record.rows import Record
from chatconform.resources import load

_TAKE_IT = "With --incomplete the report tells what there is, and says that it is not all."


def whole_record(file: Path, *, incomplete: bool, hint: str = _TAKE_IT) -> Record:
    """The record; raises `UsageError` where it was cut off, with how far it goes, unless `incomplete`."""
    from chatconform.record import read_record

    told = read_record(file, allow_incomplete=True)
    if told.footer is None and not incomplete:
        how_far: str = load("reports.complete").how_far(told)
        raise UsageError(
            f"{file}: the record was cut off: {how_far}",
            hint=hint,
        )
    return told
