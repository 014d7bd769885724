"""What is shown while something takes longer than a second: how much of it is done, on a terminal."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich import progress as bars
from rich.console import Console

_PATIENCE = 1.0


class Patience:
    """A context manager whose bar appears after a second; it leaves nothing behind."""

    def __init__(self, console: Console, total: int, *columns: bars.ProgressColumn) -> None:
        self._bars = bars.Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
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

    def advance(self, count: int = 1) -> None:
        """So much more is done."""
        self._done += count
        if self._task is None and time.monotonic() - self._begin > _PATIENCE:
            self._task = self._bars.add_task("", total=self._total)
            self._bars.start()
        if self._task is not None:
            self._bars.update(self._task, completed=self._done)


class Reading(Patience):
    """How many bytes of a large file were read."""

    def __init__(self, console: Console, total: int) -> None:
        columns = (bars.TextColumn("reading"), bars.BarColumn(bar_width=30), bars.DownloadColumn())
        super().__init__(console, total, *columns, bars.TimeRemainingColumn())


class Steps(Patience):
    """How many of some things were dealt with."""

    def __init__(self, what: str, total: int, console: Console | None = None) -> None:
        columns = (bars.TextColumn(what), bars.BarColumn(bar_width=30), bars.MofNCompleteColumn())
        super().__init__(console or Console(stderr=True), total, *columns)
