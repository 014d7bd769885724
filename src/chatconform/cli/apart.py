"""A run in a process of its own, which tells the one that started it how it goes.

pytest keeps its state in the process, as does what judges: several runs are one process each.
"""

from __future__ import annotations

import os
import signal
import threading
import traceback
from dataclasses import dataclass
from multiprocessing.connection import Connection

from chatconform.cli.codes import code_of
from chatconform.cli.launch import Launched, launch
from chatconform.client.target import Target
from chatconform.errors import ChatconformError
from chatconform.findings.verdict import Judgement, Verdict
from chatconform.judging.conformance import ExitCode
from chatconform.running.rehearsal import Cost
from chatconform.running.run import Run
from chatconform.running.session import Watcher


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """The target answers; this is what is asked, in words."""

    url: str
    model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What the run will cost: in words, and the requests."""

    cost: str
    requests: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Advanced:
    """How far the run is, all counted from its beginning; `expected` are the judgements that will come."""

    sent: int
    judged: int
    failed: int
    expected: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The run is over, and has a record."""

    launched: Launched


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """The run came to nothing, for a reason in words; `code` says whose fault it is."""

    reason: str
    hint: str
    code: ExitCode


News = Started | Planned | Advanced | Ended | Stopped


def perform_apart(run: Run, line: Connection) -> None:
    """Perform a run, which is what a new process does, and send the news; the last is how it ended."""
    if hasattr(os, "setsid"):
        # Ctrl-C in a terminal is for who started us, and comes from there, once.
        os.setsid()
    teller = _Teller(line)
    teller.send(_performed(run, teller.watcher))
    line.close()


def _performed(run: Run, watcher: Watcher) -> Ended | Stopped:
    try:
        launched = launch(run, watcher)
    except ChatconformError as error:
        return Stopped(reason=str(error), hint=getattr(error, "hint", None) or "", code=code_of(error))
    except KeyboardInterrupt:
        return Stopped(reason="interrupted before anything was judged", hint="", code=ExitCode.NOT_MEASURED)
    except Exception:  # noqa: BLE001 - as in `cli.main`: whatever is left is our mistake
        return Stopped(reason=f"a bug in chatconform\n{traceback.format_exc()}", hint="", code=ExitCode.BUG)
    return Ended(launched=launched)


class _Teller:
    """Makes news of what a run tells its watcher."""

    def __init__(self, line: Connection) -> None:
        self._line = line
        self._lock = threading.Lock()
        self._is_alone = False
        self._sent = self._judged = self._failed = self._expected = 0
        self.watcher = Watcher(
            on_target=self._on_target,
            on_plan=self._on_plan,
            on_exchange=self._on_exchange,
            on_items=self._on_items,
            on_judgement=self._on_judgement,
        )

    def send(self, news: News) -> None:
        # Exchanges end on the conductor's thread, judgements are made on pytest's.
        with self._lock:
            if self._is_alone:
                return
            try:
                self._line.send(news)
            except OSError:
                # Who started us is gone, and nobody would read what we went on to measure.
                self._is_alone = True
                signal.raise_signal(signal.SIGINT)

    def _on_target(self, target: Target) -> None:
        self.send(Started(url=target.url, model=target.model))

    def _on_plan(self, cost: Cost) -> None:
        self.send(Planned(cost=str(cost), requests=cost.requests))

    def _on_exchange(self, _: object) -> None:
        self._sent += 1
        self._advance()

    def _on_items(self, count: int) -> None:
        self._expected = count
        self._advance()

    def _on_judgement(self, judgement: Judgement) -> None:
        self._judged += 1
        self._failed += judgement.verdict is Verdict.FAIL
        self._advance()

    def _advance(self) -> None:
        self.send(
            Advanced(sent=self._sent, judged=self._judged, failed=self._failed, expected=self._expected)
        )
