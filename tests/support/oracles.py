"""Exchanges in a client's hands: the transcripts, and what the official client makes of anything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from chatconform.oracles.asking import asked_by
from chatconform.oracles.client import Client
from chatconform.oracles.listening import receptions
from chatconform.oracles.openai_client import OpenAIClient
from chatconform.oracles.reception import Reception
from chatconform.tests.support.exchanges import exchange, request_body
from chatconform.wire.exchange import Exchange
from chatconform.wire.stream import Arrival

STREAMS = Path(__file__).parents[2] / "fixtures" / "streams"
TRANSCRIPTS: dict[str, dict[str, Any]] = {
    row["file"]: row for row in yaml.safe_load((STREAMS / "index.yaml").read_text(encoding="utf-8"))
}


def transcript(name: str) -> Exchange:
    """A transcript as the answer to a streamed request."""
    row = TRANSCRIPTS[name]
    tools = [
        {"type": "function", "function": {"name": name}} for name in row.get("asks", {}).get("tools", ())
    ]
    return exchange(
        (STREAMS / name).read_bytes(),
        status=row.get("status", 200),
        media_type=row.get("content_type", ""),
        sent=request_body(stream=True, **({"tools": tools} if tools else {})),
    )


def in_pieces(came: Exchange, cuts: Sequence[int]) -> Exchange:
    """The same exchange, read from the connection in pieces that end at these offsets."""
    assert came.response is not None
    size = len(came.response.raw)
    ends = sorted({0, size, *(cut % (size + 1) for cut in cuts)})
    arrivals = tuple(Arrival(at=0.1 * n, size=end - start) for n, (start, end) in enumerate(pairwise(ends)))
    return replace(came, response=replace(came.response, arrivals=arrivals))


@contextmanager
def official() -> Iterator[OpenAIClient]:
    """The official client."""
    client = OpenAIClient()
    try:
        yield client
    finally:
        client.close()


def taken(client: Client, came: Exchange) -> dict[str, Reception]:
    """How a client takes an exchange, by door."""
    asked = asked_by(came)
    assert asked is not None
    return {reception.door: reception for reception in receptions(came, asked, client)}
