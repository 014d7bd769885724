"""The server in a thread of this process, for tests that replace a stage or look at its inside."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Any, Self

from chatconform.errors import HarnessError
from chatconform.reference_server.process import Server, config, listen

_START_SECONDS = 10.0


class ThreadedServer:
    """Serves an app on a free port of 127.0.0.1 while its context is open.

    Attributes:
        site: The URL of the server's root, without a slash at its end.
        port: Where it listens.
    """

    def __init__(self, app: Any) -> None:
        self._listener = listen("127.0.0.1", 0)
        self.port: int = self._listener.getsockname()[1]
        self.site = f"http://127.0.0.1:{self.port}"
        self._ready = threading.Event()
        self._server = Server(config(app), self._ready.set)
        self._thread = threading.Thread(target=self._server.run, args=([self._listener],), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._ready.wait(_START_SECONDS):
            raise HarnessError("the reference server did not start in its thread")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.should_exit = True
        self._thread.join(_START_SECONDS)
