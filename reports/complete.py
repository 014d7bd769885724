"""Whether a record tells a whole run, in words."""

from __future__ import annotations

from chatconform.record import Record
from chatconform.reports.told import line


def how_it_was_cut(record: Record) -> str:
    """Why a record does not tell a whole run, and how far it goes; empty where it does."""
    footer = record.footer
    if footer is not None:
        return "" if footer.complete else f"the run was not complete: {line(footer.reason)}"
    return f"the record was cut off; {how_far(record)}"


def how_far(record: Record) -> str:
    """How much a record holds, and with what it ends."""
    requests, judgements = len(record.exchanges), len(record.judgements)
    held = f"it holds {requests} requests and {judgements} judgements"
    if record.judgements:
        last = record.judgements[-1]
        return f"{held}, and ends after that of {line(last.check)} on {line(last.path)}"
    if record.exchanges:
        last_sent = record.exchanges[-1]
        where = " ".join(filter(None, (last_sent.scenario, last_sent.path, last_sent.step)))
        return f"{held}, and ends after request {line(last_sent.id)} ({line(where)})"
    return f"{held}, and ends after its header"
