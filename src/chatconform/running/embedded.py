"""The reference server as a child process, for tests and for runs without a target of their own."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from chatconform.errors import HarnessError

_KEY_VARIABLE = "CHATCONFORM_REFERENCE_KEY"
_START_SECONDS = 30.0
_STOP_SECONDS = 5.0


class EmbeddedServer:
    """Runs the reference server on a free port of 127.0.0.1 while its context is open.

    The child has a process of its own, so that what it spends is not the caller's event loop or GIL. It ends
    with the context, and also when this process dies: it holds the other end of a pipe.

    Attributes:
        url: The base URL, `http://127.0.0.1:PORT/v1`.
        key: The accepted key, made for this server alone.
        model: A model id to ask for.
    """

    def __init__(self, *options: str, model: str = "reference-1") -> None:
        """Take more options of `python -m chatconform.reference_server`, such as `--context-length=512`."""
        self.url = ""
        self.key = f"sk-ref-{secrets.token_hex(20)}"
        self.model = model
        self._options: Sequence[str] = options
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._child = self._start()
        try:
            port = self._announced_port(self._child)
        except BaseException:
            self._stop()
            raise
        self.url = f"http://127.0.0.1:{port}/v1"
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop()

    @property
    def pid(self) -> int:
        """The process that serves; 0 outside the context."""
        return self._child.pid if self._child else 0

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "chatconform.reference_server"]
        command += ["--port", "0", "--embedded", "--key-env", _KEY_VARIABLE, "--model", self.model]
        return subprocess.Popen(  # noqa: S603 - our own interpreter and module, no shell
            [*command, *self._options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # The key goes through the environment: arguments of a process are visible to everybody.
            env={**os.environ, _KEY_VARIABLE: self.key},
            # Ctrl-C in a terminal is for us; the child ends when we have finished with it.
            start_new_session=True,
        )

    def _announced_port(self, child: subprocess.Popen[bytes]) -> int:
        line = _first_line(child, _START_SECONDS)
        try:
            return int(json.loads(line)["port"])
        except (ValueError, KeyError, TypeError):
            said = f"it said {line!r}" if line else f"it ended or said nothing for {_START_SECONDS:.0f} s"
            raise HarnessError(f"the reference server did not start: {said}") from None

    def _stop(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.close()
        try:
            child.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        child.stdout.close()


def _first_line(child: subprocess.Popen[bytes], seconds: float) -> bytes:
    """Return what the child says first, up to a line break; nothing where it ends or takes too long."""
    assert child.stdout is not None
    # A pipe cannot be read with a time-out on every platform; ending the child ends the read.
    timer = threading.Timer(seconds, child.kill)
    timer.start()
    try:
        return child.stdout.readline()
    finally:
        timer.cancel()
