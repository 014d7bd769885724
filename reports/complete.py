"""Whether a record tells a whole run, in words."""

from __future__ import annotations

from chatconform.record import Record
from chatconform.reports.spans import run_span
from chatconform.reports.told import line


def how_it_was_cut(record: Record) -> str:
    """Why a record does not tell a whole run, and how far it goes; empty where it does."""
    footer = record.footer
    if footer is not None:
        return "" if footer.complete else f"the run was not complete: {line(footer.reason)}"
    return f"the record was cut off; {how_far(record)}"


def how_far(record: Record) -> str:
    """How much a record holds, when it ends, and with what."""
    requests, judgements = len(record.exchanges), len(record.judgements)
    seconds = run_span(record).seconds
    held = f"it holds {requests} requests and {judgements} judgements"
    return f"{held}, and ends {seconds:.1f} s into the run, {_end(record)}"


def _end(record: Record) -> str:
    if record.judgements:
        judgement = record.judgements[-1]
        return f"after the judgement of {line(judgement.check)} on {line(judgement.path)}"
    if record.exchanges:
        exchange = record.exchanges[-1]
        where = filter(None, (exchange.scenario, exchange.path, exchange.step))
        return f"after request {line(exchange.id)} ({line(' '.join(where))})"
    return "after its header"
