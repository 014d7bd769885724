"""What is shown while a run goes on: on a terminal two bars, elsewhere one line."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Self

from rich import progress as bars
from rich.console import Console

from chatconform.cli.joblog import without_commands
from chatconform.client.target import Target
from chatconform.findings.verdict import Judgement, Verdict
from chatconform.printable import printable
from chatconform.running.rehearsal import Cost
from chatconform.running.session import Watcher
from chatconform.wire.exchange import Exchange


class Progress:
    """A context manager whose `watcher` moves the bars; it writes to stderr and leaves nothing behind."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bars = bars.Progress(
            bars.TextColumn("{task.description}"),
            bars.BarColumn(bar_width=30),
            bars.MofNCompleteColumn(),
            bars.TimeElapsedColumn(),
            bars.TextColumn("{task.fields[note]}", style="bold red"),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._sent = self._bars.add_task("requests", total=None, note="")
        self._judged = self._bars.add_task("verdicts", total=None, note="")
        self._failed = 0
        self._lock = threading.Lock()
        self.watcher = Watcher(
            on_target=self._on_target,
            on_plan=self._on_plan,
            on_exchange=self._on_exchange,
            on_items=self._on_items,
            on_judgement=self._on_judgement,
            on_waiting=self._on_waiting,
        )

    def __enter__(self) -> Self:
        self._console.print("starting …", style="dim")
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def _on_target(self, target: Target) -> None:
        # The target chose the name of its model.
        with without_commands(self._console):
            self._console.print(
                one_line(f"checking {target.url}, model {target.model}"), markup=False, highlight=False
            )

    def _on_plan(self, cost: Cost) -> None:
        self._console.print(f"plan: {cost}", markup=False, highlight=False)
        self._bars.update(self._sent, total=cost.requests)

    def _on_exchange(self, _: Exchange) -> None:
        self._bars.advance(self._sent)

    def _on_waiting(self, clients: tuple[str, ...]) -> None:
        if clients:
            self._bars.add_task("clients", total=None, note=f"{', '.join(clients)} still reading")

    def _on_items(self, count: int) -> None:
        self._bars.update(self._judged, total=count)

    def _on_judgement(self, judgement: Judgement) -> None:
        with self._lock:
            self._failed += judgement.verdict is Verdict.FAIL
            self._bars.update(self._judged, advance=1, note=f"{self._failed} failed" if self._failed else "")


def one_line(text: str) -> str:
    """One line of a text in which a target may have had a say: it chooses the names of its models."""
    return " ".join(printable(text).split())
