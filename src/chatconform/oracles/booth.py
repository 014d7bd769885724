"""Where one client listens: a child process that is asked about one exchange after another."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

import orjson

from chatconform.errors import ChatconformError
from chatconform.findings.reception import Reception
from chatconform.record.decode import reception_from_json
from chatconform.record.encode import to_line
from chatconform.wire.exchange import Exchange

_START_SECONDS = 120.0
_STOP_SECONDS = 5.0
_SETTINGS = ("OPENAI_", "LITELLM_", "LANGCHAIN_", "LANGSMITH_", "LOGFIRE_")


class Deaf(ChatconformError):
    """A client could not be asked: its process did not start, died, or did not answer in time."""


class Unheard(ChatconformError):
    """One exchange could not be replayed; the next can."""


class Booth:
    """Holds the child of one client while its context is open; `seconds` bounds each answer."""

    def __init__(self, client: str, *, seconds: float = 20.0) -> None:
        self.client = client
        self.version = ""
        self._seconds = seconds
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._child = subprocess.Popen(  # noqa: S603 - our own interpreter and module, no shell
            # -P: the folder where the user happens to be is no place to import a client from.
            [sys.executable, "-P", "-m", "chatconform.oracles.worker", self.client],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(),
            # Ctrl-C in a terminal is for us; the child ends when we have finished with it.
            start_new_session=True,
        )
        try:
            self.version = str(self._answer(_START_SECONDS)["version"])
        except BaseException:
            self._end(self._child)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._child is not None:
            self._end(self._child)

    def ask(self, exchange: Exchange) -> tuple[Reception, ...]:
        """How the client takes an exchange; raises `Deaf` or `Unheard`."""
        assert self._child is not None
        assert self._child.stdin is not None
        # The headers hold the user's key, and no client needs them.
        bare = replace(exchange, request=replace(exchange.request, headers=()))
        try:
            self._child.stdin.write(to_line(bare))
            self._child.stdin.flush()
        except (OSError, ValueError):
            raise Deaf("its process has died") from None
        answer = self._answer(self._seconds)
        if "failed" in answer:
            raise Unheard(answer["failed"])
        return tuple(reception_from_json(each) for each in answer["receptions"])

    def kill(self) -> None:
        """End the child at once; any thread may call it, and whoever waits for an answer hears that."""
        child = self._child
        if child is not None and child.poll() is None:
            child.kill()
            child.wait()

    def _end(self, child: subprocess.Popen[bytes]) -> None:
        assert child.stdin is not None
        assert child.stdout is not None
        # It may have died with something unread in the pipe.
        with suppress(OSError):
            child.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            child.wait(_STOP_SECONDS)
        self.kill()
        child.stdout.close()

    def _answer(self, seconds: float) -> dict[str, Any]:
        assert self._child is not None
        assert self._child.stdout is not None
        late = threading.Event()

        def end() -> None:
            late.set()
            self.kill()

        # A pipe cannot be read with a time-out on every platform; ending the child ends the read.
        timer = threading.Timer(seconds, end)
        timer.start()
        line = self._child.stdout.readline()
        timer.cancel()
        try:
            answer: dict[str, Any] = orjson.loads(line)
        except orjson.JSONDecodeError:
            reason = f"it did not answer within {seconds:.0f} s" if late.is_set() else "its process has died"
            raise Deaf(reason) from None
        return answer


def environment() -> dict[str, str]:
    """Ours, without what points a client elsewhere: proxies, keys, and services that it would report to."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.lower().endswith("_proxy") and not name.startswith(_SETTINGS)
    }
