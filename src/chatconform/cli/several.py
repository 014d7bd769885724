"""Several runs at once, each in a process of its own and within its target's own limits."""

from __future__ import annotations

import copyreg
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from types import MappingProxyType
from urllib.parse import urlsplit

from rich.console import Console

from chatconform.cli.apart import Ended, News, Stopped, perform_apart
from chatconform.cli.lines import Lines
from chatconform.judging.conformance import ExitCode
from chatconform.running.run import Run

NEEDED_BY_ALL = ("chatconform.cli.apart", "chatconform.cli.launch", "chatconform.fuzzing.generation")
_GOING = 5.0
# The worst first: what a script has to hear of.
WORST = (
    ExitCode.BUG,
    ExitCode.DOES_NOT_CONFORM,
    ExitCode.USAGE,
    ExitCode.NOT_MEASURED,
    ExitCode.CONFORMS,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one of several runs ended, and after how many seconds."""

    run: Run
    end: Ended | Stopped
    seconds: float


def perform_all(runs: Sequence[Run], on_end: Callable[[Outcome], None]) -> None:
    """Perform the runs at the same time; each ends, however the others do, and has a label of its own."""
    begin = time.monotonic()
    known = {run.label: run for run in runs}
    with Lines(Console(stderr=True), list(known)) as lines, started(runs) as processes:
        for name, news in all_news(processes):
            lines.tell(name, news)
            if isinstance(news, Ended | Stopped):
                on_end(Outcome(run=known[name], end=news, seconds=time.monotonic() - begin))


def named(runs: Sequence[Run]) -> tuple[Run, ...]:
    """The runs, each with a label that no other has: its name, or that of its host."""
    taken: list[str] = [run.name for run in runs if run.name]
    found: list[Run] = []
    for run in runs:
        name = run.name or _host(run)
        if not run.name:
            name = next(each for each in _variants(name) if each not in taken)
            taken.append(name)
        found.append(replace(run, label=name))
    return tuple(found)


def worst_code(codes: Sequence[ExitCode]) -> ExitCode:
    """The exit code that stands for all."""
    return min(codes, key=WORST.index)


def _host(run: Run) -> str:
    parts = urlsplit(run.target.url if run.target else "")
    return "-".join(filter(None, (parts.hostname, str(parts.port or "")))).replace(":", "-") or "target"


def _variants(name: str) -> Iterator[str]:
    yield name
    number = 2
    while True:
        yield f"{name}-{number}"
        number += 1


Processes = Mapping[str, tuple[BaseProcess, Connection]]
_ReadOnly = MappingProxyType[str, object]


@contextmanager
def started(runs: Sequence[Run]) -> Iterator[Processes]:
    """A process for each run; none outlives the block."""
    fresh = _fresh_processes()
    copyreg.pickle(MappingProxyType, _reduced)
    processes: dict[str, tuple[BaseProcess, Connection]] = {}
    try:
        for run in runs:
            ours, theirs = fresh.Pipe(duplex=False)
            # Each context has a class of processes, of which the common type knows nothing.
            process: BaseProcess = fresh.Process(  # type: ignore[attr-defined]
                target=perform_apart, args=(run, theirs), name=run.label, daemon=True
            )
            process.start()
            theirs.close()
            processes[run.label] = process, ours
        yield processes
    finally:
        for process, line in processes.values():
            line.close()
            # Whoever has told how it ended is on its way out.
            process.join(_GOING)
            if process.is_alive():
                process.terminate()
                process.join()


def _fresh_processes() -> BaseContext:
    """Processes that share nothing: no thread, lock or socket of one run is another's.

    Where the system can, they come of one that has loaded what all of them need, and has done nothing else:
    five runs would load it five times, while the others wait for a processor.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(NEEDED_BY_ALL))
    return context


@dataclass(slots=True)
class Interrupts:
    """How often the user asked for an end."""

    count: int = 0


def all_news(processes: Processes, interrupts: Interrupts | None = None) -> Iterator[tuple[str, News]]:
    """The news of all runs as they come, until each has ended; `interrupts` are counted meanwhile."""
    lines: dict[Connection, str] = {line: name for name, (_, line) in processes.items()}
    counted = interrupts or Interrupts()
    with _handing_down([process for process, _ in processes.values()], counted):
        while lines:
            for line in wait(list(lines)):
                assert isinstance(line, Connection)
                name = lines[line]
                news = _news(line, processes[name][0])
                if isinstance(news, Ended | Stopped):
                    del lines[line]
                yield name, news


def _news(line: Connection, process: BaseProcess) -> News:
    try:
        news: News = line.recv()
    except (EOFError, OSError):
        process.join()
        reason = f"the process of the run ended with {process.exitcode} and without a word"
        return Stopped(reason=reason, hint="", code=ExitCode.BUG)
    return news


@contextmanager
def _handing_down(processes: Sequence[BaseProcess], interrupts: Interrupts) -> Iterator[None]:
    """Ctrl-C is for the runs, which then end their records; a second one does not wait for that."""

    def hand_down(*_: object) -> None:
        interrupts.count += 1
        for process in processes:
            if process.is_alive() and process.pid is not None:
                with suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGINT if interrupts.count == 1 else signal.SIGTERM)

    before = signal.signal(signal.SIGINT, hand_down)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _reduced(mapping: _ReadOnly) -> tuple[Callable[..., _ReadOnly], tuple[dict[str, object]]]:
    """A run is sent to its process as a value; read-only mappings know no way to be sent."""
    return _read_only, (dict(mapping),)


def _read_only(mapping: dict[str, object]) -> _ReadOnly:
    return MappingProxyType(mapping)
