"""The reference server in a process of its own that writes down every request, and numbers every answer."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from chatconform.contract import load_contract
from chatconform.reference_server import create_app
from chatconform.reference_server.__main__ import settings_from
from chatconform.reference_server.process import announce, listen, run
from chatconform.wire.exchange import Exchange

NUMBER = "x-served"


@dataclass(frozen=True, slots=True)
class Logged:
    """A request as the server had it; its answer bears the number."""

    number: int
    method: str
    path: str
    body: str


@dataclass(slots=True)
class LoggedServer:
    """Runs the server with options of `python -m chatconform.reference_server` while its context is open."""

    options: tuple[str, ...] = ()
    url: str = ""
    _child: subprocess.Popen[bytes] = field(init=False)
    _log: Path = field(init=False)

    def __enter__(self) -> Self:
        self._log = Path(tempfile.mkdtemp()) / "requests.jsonl"
        self._child = subprocess.Popen(
            [sys.executable, "-m", __name__, str(self._log), *self.options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._child.stdout is not None
        self.url = f"http://127.0.0.1:{json.loads(self._child.stdout.readline())['port']}/v1"
        return self

    def __exit__(self, *_: object) -> None:
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._child.stdin.close()
        self._child.wait(10)
        self._child.stdout.close()

    @property
    def requests(self) -> list[Logged]:
        """Every request by now, in order."""
        return [Logged(*json.loads(line)) for line in self._log.read_text(encoding="utf-8").splitlines()]


def number_of(exchange: Exchange) -> int:
    """The number of the request that an exchange is of; 0 where no answer came."""
    return int((exchange.response.header(NUMBER) if exchange.response else None) or 0)


class _Logging:
    """The application behind the log: a line is written before anything is answered."""

    def __init__(self, app: Any, log: Path) -> None:
        self._app = app
        self._log = log.open("w", encoding="utf-8", buffering=1)
        self._count = 0
        self.dates_itself = getattr(app, "dates_itself", False)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self._count += 1
        number, messages = self._count, [await receive()]
        while messages[-1].get("more_body"):
            messages.append(await receive())
        body = b"".join(message.get("body", b"") for message in messages).decode("latin-1")
        self._log.write(json.dumps([number, scope["method"], scope["path"], body]) + "\n")
        waiting = iter(messages)

        async def again() -> Any:
            return next(waiting, None) or await receive()

        async def numbered(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (NUMBER.encode(), str(number).encode())]
            await send(message)

        await self._app(scope, again, numbered)


def main() -> None:
    """Serve until standard input ends."""
    log, *options = sys.argv[1:]
    app = create_app(load_contract(), settings_from(options))
    listener = listen("127.0.0.1", 0)
    run(_Logging(app, Path(log)), listener, ready=lambda: announce(listener), end_with_stdin=True)


if __name__ == "__main__":
    main()
