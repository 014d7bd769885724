"""Other ids for the exchanges of a record, in every place that names one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from chatconform.findings.verdict import Judgement
from chatconform.plays.play import Play
from chatconform.record.rows import Record
from chatconform.wire.exchange import Exchange

Rename = Callable[[str], str]


def renamed(record: Record, rename: Rename) -> Record:
    """The record with a new id for each exchange; whatever names it names the new one."""
    return replace(
        record,
        exchanges=tuple(_exchange(each, rename) for each in record.exchanges),
        plays=tuple(_play(each, rename) for each in record.plays),
        judgements=tuple(_judgement(each, rename) for each in record.judgements),
        receptions=tuple(replace(each, exchange=rename(each.exchange)) for each in record.receptions),
    )


def _exchange(exchange: Exchange, rename: Rename) -> Exchange:
    retry_of = rename(exchange.retry_of) if exchange.retry_of is not None else None
    return replace(exchange, id=rename(exchange.id), retry_of=retry_of)


def _play(play: Play, rename: Rename) -> Play:
    return replace(play, exchanges=tuple(_exchange(each, rename) for each in play.exchanges))


def _judgement(judgement: Judgement, rename: Rename) -> Judgement:
    return replace(
        judgement,
        exchanges=tuple(map(rename, judgement.exchanges)),
        evidence=tuple(replace(each, exchange=rename(each.exchange)) for each in judgement.evidence),
    )
