"""What is shown while a large file is read: how much of it, on a terminal and after a second."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich import progress as bars
from rich.console import Console

_PATIENCE = 1.0


class Reading:
    """A context manager; it writes to stderr and leaves nothing behind."""

    def __init__(self, console: Console, total: int) -> None:
        self._bars = bars.Progress(
            bars.TextColumn("reading"),
            bars.BarColumn(bar_width=30),
            bars.DownloadColumn(),
            bars.TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._total = total
        self._read = 0
        self._begin = time.monotonic()
        self._task: bars.TaskID | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def advance(self, count: int) -> None:
        """So many more bytes were read."""
        self._read += count
        if self._task is None and time.monotonic() - self._begin > _PATIENCE:
            self._task = self._bars.add_task("", total=self._total)
            self._bars.start()
        if self._task is not None:
            self._bars.update(self._task, completed=self._read)


class Steps:
    """A context manager that shows how many things were dealt with, on a terminal and after a second."""

    def __init__(self, what: str, total: int, console: Console | None = None) -> None:
        screen = console or Console(stderr=True)
        self._bars = bars.Progress(
            bars.TextColumn(what),
            bars.BarColumn(bar_width=30),
            bars.MofNCompleteColumn(),
            console=screen,
            transient=True,
            disable=not screen.is_terminal,
        )
        self._total = total
        self._done = 0
        self._begin = time.monotonic()
        self._task: bars.TaskID | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def advance(self) -> None:
        """One more is done."""
        self._done += 1
        if self._task is None and time.monotonic() - self._begin > _PATIENCE:
            self._task = self._bars.add_task("", total=self._total)
            self._bars.start()
        if self._task is not None:
            self._bars.update(self._task, completed=self._done)
