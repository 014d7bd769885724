"""Replays one exchange into a client, through every door that fits."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

from chatconform.findings.reception import Outcome, Reception
from chatconform.oracles.asking import Asked
from chatconform.oracles.client import Client
from chatconform.oracles.comparison import compare
from chatconform.oracles.reading import Raised
from chatconform.oracles.wire import said
from chatconform.wire.exchange import Exchange


def receptions(exchange: Exchange, asked: Asked, client: Client) -> Iterator[Reception]:
    """How the client takes the exchange, door by door."""
    assert exchange.response is not None
    truth = said(exchange)
    for door in client.doors(asked):
        with warnings.catch_warnings():
            # A client's doubts about a target's values are no news to the user of this one.
            warnings.simplefilter("ignore")
            made = client.made(door, asked, exchange.response)
        outcome, differences = compare(
            truth, made, role_is_told=client.role_is_told, usage_is_guessed=client.usage_is_guessed
        )
        crashed = outcome is Outcome.CRASH and isinstance(made, Raised)
        yield Reception(
            exchange=exchange.id,
            client=client.name,
            version=client.version,
            door=door,
            outcome=outcome,
            differences=differences,
            error=made.text if crashed and isinstance(made, Raised) else "",
        )
