"""Writes a HAR entry by entry."""

from __future__ import annotations

from collections.abc import Iterable
from typing import BinaryIO

import orjson

from chatconform._version import __version__
from chatconform.traffic.entry_writing import entry_of_exchange
from chatconform.wire.exchange import Exchange


def write_har(exchanges: Iterable[Exchange], file: BinaryIO) -> int:
    """Write a HAR of these exchanges, and say how many they were."""
    creator = orjson.dumps({"name": "chatconform", "version": __version__})
    file.write(b'{"log": {"version": "1.2", "creator": ' + creator + b', "entries": [')
    count = 0
    for exchange in exchanges:
        file.write((b",\n" if count else b"\n") + orjson.dumps(entry_of_exchange(exchange)))
        count += 1
    file.write(b"\n]}}\n")
    return count
