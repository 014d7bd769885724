"""What is told of a run as such: when it was, and what it cost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from chatconform.record import Record


def facts(record: Record, rules: int) -> Iterator[tuple[str, str]]:
    """Names and values of a run that judged so many rules."""
    header, footer = record.header, record.footer
    yield "Run", moment(header.started)
    if footer is not None:
        yield "Took", f"{footer.wall:.1f} s"
        yield "Requests", f"{footer.requests:,}"
        yield "Tokens", f"{footer.tokens.prompt + footer.tokens.completion:,}"
    else:
        yield "Requests", f"{len(record.exchanges):,}"
    yield "Profile", header.profile
    if header.shard:
        yield "Shard", header.shard
    if header.resumed:
        yield "Goes on from", ", ".join(map(moment, header.resumed))
    yield "Rules", f"{rules}"
    yield "Seed", header.seed
    yield "chatconform", header.tool


def moment(iso: str) -> str:
    """A moment of a record as people write it; whatever else stands there as it is."""
    try:
        return f"{datetime.fromisoformat(iso):%Y-%m-%d %H:%M} UTC"
    except ValueError:
        return iso
