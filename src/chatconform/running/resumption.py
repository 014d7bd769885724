"""What a run goes on from: the record of one that was cut off, and of those that that one went on from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chatconform.record import Header
from chatconform.wire.exchange import Exchange


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumption:
    """The header of a run that was cut off, and the exchanges of its record and of those before it.

    `records` are the exchanges record by record, that of the latest run first.
    """

    file: Path
    header: Header
    records: Sequence[Sequence[Exchange]]

    @property
    def resumed(self) -> tuple[str, ...]:
        """When the runs began that are gone on from, the latest first."""
        return (self.header.started, *self.header.resumed)
