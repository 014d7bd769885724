"""What is shown while a soak goes on: a bar for the run on a terminal, and a line for each that has ended."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich import progress as bars
from rich.console import Console
from rich.text import Text

from chatconform.cli.apart import Advanced, News, Planned, Started
from chatconform.cli.progress import one_line
from chatconform.cli.soaking import Failed, Performed
from chatconform.history.glance import Glance
from chatconform.resources import load

_NAMED = 3


class SoakLines:
    """A context manager that is told how a soak goes; it writes to stderr."""

    def __init__(self, console: Console, runs: int | None) -> None:
        self._console = console
        self._of = f" of {runs}" if runs else ""
        self._bars = bars.Progress(
            bars.TextColumn("{task.description}"),
            bars.BarColumn(bar_width=20),
            bars.TextColumn("{task.fields[judged]}"),
            bars.TimeElapsedColumn(),
            bars.TextColumn("{task.fields[note]}", style="bold red"),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._bars.add_task("", total=None, judged="", note="")
        self._said: set[str] = set()

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def begin(self, number: int) -> None:
        """A run begins."""
        self._bars.reset(
            self._task, description=f"run {number}{self._of}", total=None, judged="starting", note=""
        )

    def tell(self, news: News) -> None:
        """Show what came of it; what is the same for all runs is said once."""
        match news:
            case Started():
                self._say_once("target", f"soaking {news.url}, model {news.model}")
            case Planned(cost=cost, requests=requests):
                self._say_once("plan", f"plan for each run: {cost}")
                self._bars.update(self._task, total=requests)
            case Advanced():
                told = f"{news.sent} sent, {news.judged}/{news.expected} judged"
                note = f"{news.failed} failed" if news.failed else ""
                self._bars.update(self._task, completed=news.sent, judged=told, note=note)
            case _:
                pass

    def performed(self, run: Performed, before: Glance | None) -> None:
        """A line with its verdicts, its cost, what is otherwise than in the run before, and its record."""
        glance, glyphs = run.glance, load("reports.terminal").GLYPHS
        told = Text(f"run {run.number}{self._of}: ")
        for verdict, (glyph, style) in glyphs.items():
            if glance.counts[verdict]:
                told.append(f"{glyph} {glance.counts[verdict]}  ", style=style)
        cost = [f"{glance.requests} requests", f"{glance.tokens} tokens", f"{glance.wall or 0.0:.1f} s"]
        told.append(", ".join(cost))
        changed = _changed(before, glance) if before else []
        if changed:
            more = f" and {len(changed) - _NAMED} more" if len(changed) > _NAMED else ""
            told.append(f"; otherwise: {', '.join(changed[:_NAMED])}{more}", style="yellow")
        self._say(told.append(f"; {glance.source.name}", style="dim"))

    def failed(self, run: Failed) -> None:
        """A line with why it came to nothing."""
        self._say(Text(one_line(f"run {run.number}{self._of}: ! {run.reason}"), style="bold magenta"))

    def _say_once(self, what: str, text: str) -> None:
        """Say what all runs have in common when the first tells it."""
        if what not in self._said:
            self._said.add(what)
            self._say(Text(one_line(text)))

    def _say(self, text: Text) -> None:
        self._console.print(text, soft_wrap=True)


def _changed(before: Glance, now: Glance) -> list[str]:
    return [
        f"{name} {before.verdicts[name]} → {verdict}"
        for name, verdict in now.verdicts.items()
        if before.verdicts.get(name, verdict) is not verdict
    ]
