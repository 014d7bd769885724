"""A process of its own for one client: `python -m chatconform.oracles.worker NAME`.

A client takes CPU, may read the environment, print, or die of what a target sent; none of that may touch
the run. It reads exchanges and writes receptions, one JSON text a line.
"""

from __future__ import annotations

import os
import sys
from typing import BinaryIO

from chatconform.errors import ChatconformError
from chatconform.oracles.asking import asked_by
from chatconform.oracles.catalogue import KINDS, client_named
from chatconform.oracles.client import Client
from chatconform.oracles.listening import receptions
from chatconform.record.decode import row_from_line
from chatconform.record.encode import JsonObject, line_of, reception_to_json
from chatconform.wire.exchange import Exchange


def main() -> None:
    """Serve until the input ends."""
    # Whatever a client prints goes nowhere near the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    for name in KINDS[sys.argv[1]].needless:
        sys.modules[name] = None  # type: ignore[assignment]  # which is how an import is made to fail
    client = client_named(sys.argv[1])
    _say(answers, {"version": client.version})
    for line in sys.stdin.buffer:
        try:
            _say(answers, {"receptions": _received(line, client)})
        except Exception as bug:  # noqa: BLE001 - of ours; the others are heard all the same
            _say(answers, {"failed": f"a bug in chatconform: {type(bug).__name__}: {bug}"[:300]})
    client.close()


def _received(line: bytes, client: Client) -> list[JsonObject]:
    exchange = row_from_line(line)
    asked = asked_by(exchange) if isinstance(exchange, Exchange) else None
    if not isinstance(exchange, Exchange) or asked is None:
        raise ChatconformError("what is no answer to a chat request was handed to a client")
    return [reception_to_json(reception) for reception in receptions(exchange, asked, client)]


def _say(answers: BinaryIO, value: JsonObject) -> None:
    answers.write(line_of(value))
    answers.flush()


if __name__ == "__main__":
    main()
