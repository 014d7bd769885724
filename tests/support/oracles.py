"""Exchanges in a client's hands: the transcripts, and what the official client makes of anything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import count, pairwise

from chatconform.findings.reception import Reception
from chatconform.oracles.asking import asked_by
from chatconform.oracles.client import Client
from chatconform.oracles.listening import receptions
from chatconform.oracles.openai_client import OpenAIClient
from chatconform.oracles.transcripts import exchange_of, transcripts
from chatconform.resources import folder
from chatconform.wire.exchange import Exchange
from chatconform.wire.stream import Arrival

_numbers = count(1)
STREAMS = folder("fixtures") / "streams"
TRANSCRIPTS = {row["file"]: row for row in transcripts()}


def transcript(name: str) -> Exchange:
    """A transcript as the answer to a streamed request, with an id of its own."""
    return replace(exchange_of(TRANSCRIPTS[name]), id=f"t{next(_numbers):04}")


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
