"""What every report is made of: a run record, and what its judgements add up to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from chatconform.judging.conformance import Conformance
from chatconform.ledger import Ledger
from chatconform.record import Record, answer_of
from chatconform.wire.exchange import Exchange


@dataclass(frozen=True, kw_only=True)
class Report:
    """A run, ready to be told in any form.

    Attributes:
        record: The run record.
        answer: Its verdicts by requirement, in the ledger's order.
        source: The file of the record.
    """

    record: Record
    answer: Conformance
    source: Path

    @cached_property
    def exchanges(self) -> Mapping[str, Exchange]:
        """Every exchange by its id."""
        return {exchange.id: exchange for exchange in self.record.exchanges}


def report_of(record: Record, ledger: Ledger, *, source: Path, strict: bool) -> Report:
    """The report of a record; with `strict` SHOULD decides, whatever its run said."""
    return Report(record=record, answer=answer_of(record, ledger, strict=strict), source=source)
