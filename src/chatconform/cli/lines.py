"""What is shown while several runs go on: on a terminal one bar each, elsewhere their beginnings and ends."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich import progress as bars
from rich.console import Console
from rich.markup import escape

from chatconform.cli.apart import Advanced, Ended, News, Planned, Started, Stopped
from chatconform.cli.joblog import without_commands
from chatconform.cli.progress import one_line


class Lines:
    """A context manager that is told news by the name of the run; it writes to stderr."""

    def __init__(self, console: Console, names: Sequence[str]) -> None:
        self._console = console
        self._bars = bars.Progress(
            bars.TextColumn("{task.description}"),
            bars.BarColumn(bar_width=20),
            bars.TextColumn("{task.fields[judged]}", justify="right"),
            bars.TimeElapsedColumn(),
            bars.TextColumn("{task.fields[note]}", style="bold red"),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        width = max(map(len, names))
        self._tasks = {
            name: self._bars.add_task(escape(name.ljust(width)), total=None, judged="starting", note="")
            for name in names
        }

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def tell(self, name: str, news: News) -> None:
        """Show what came of a run."""
        task = self._tasks[name]
        match news:
            case Started():
                self._say(f"{name}: checking {news.url}, model {news.model}")
            case Planned():
                self._say(f"{name}: plan: {news.cost}")
                self._bars.update(task, total=news.requests)
            case Advanced():
                note = f"{news.failed} failed" if news.failed else ""
                told = f"{news.sent} sent, {news.judged}/{news.expected} judged"
                self._bars.update(task, completed=news.sent, judged=told, note=note)
            case Ended():
                self._end(name, "interrupted" if news.launched.interrupted else "ended")
            case Stopped():
                self._end(name, "stopped")

    def _end(self, name: str, how: str) -> None:
        task = self._tasks[name]
        self._bars.stop_task(task)
        self._bars.update(task, judged=how)
        seconds = self._bars.tasks[task].elapsed or 0.0
        self._say(f"{name}: {how} after {seconds:.0f} s")

    def _say(self, text: str) -> None:
        with without_commands(self._console):
            self._console.print(one_line(text), markup=False, highlight=False, soft_wrap=True)
