"""On which line of a record each exchange stands, for tools that want a place in a file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

_EXCHANGE = re.compile(rb'\{"kind":"exchange","id":"([^"\\]{1,64})"')


def exchange_lines(source: Path) -> Mapping[str, int]:
    """The line of each exchange, from 1; nothing where the record lies no longer where it was read from."""
    try:
        with source.open("rb") as file:
            found = ((number, _EXCHANGE.match(row)) for number, row in enumerate(file, 1))
            return {match[1].decode("utf-8", "replace"): number for number, match in found if match}
    except OSError:
        return {}


def uri_of(source: Path) -> str:
    """The record's path from the working directory, as trackers want it; its name where it lies elsewhere."""
    path = source.absolute()
    here = Path.cwd()
    return (path.relative_to(here) if path.is_relative_to(here) else Path(path.name)).as_posix()
