"""Whole runs one after the other, each in a fresh process, until there are enough of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from chatconform.cli.apart import Ended, News, Stopped
from chatconform.cli.several import Interrupts, all_news, started
from chatconform.errors import ChatconformError, HarnessError, NotMeasured, UsageError
from chatconform.history.glance import Glance, glance_of
from chatconform.judging.conformance import ExitCode
from chatconform.record import Header, read_rows
from chatconform.running.run import Run

# A target that is down may come back, but nobody is to wait for it all night.
_GIVEN_UP_AFTER = 3
_PAUSE = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """When it is enough: after so many runs, or when so many seconds have passed; the first of both."""

    runs: int | None = None
    seconds: float | None = None

    def numbers(self) -> Iterator[int]:
        """The number of each run that may begin, from 1."""
        begin, number = time.monotonic(), 1
        while (self.runs is None or number <= self.runs) and (
            self.seconds is None or time.monotonic() - begin < self.seconds
        ):
            yield number
            number += 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Performed:
    """A run that has a record, by its number."""

    number: int
    glance: Glance


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A run that came to nothing, and why."""

    number: int
    reason: str
    code: ExitCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Soaked:
    """What a soak performed. `given_up` says that it was ended because nothing came of it any more."""

    runs: tuple[Performed, ...]
    failed: tuple[Failed, ...]
    interrupted: bool
    given_up: bool
    seconds: float


class Audience(Protocol):
    """Whoever shows how it goes."""

    def begin(self, number: int) -> None:
        """A run begins."""

    def tell(self, news: News) -> None:
        """Something came of it."""

    def performed(self, run: Performed, before: Glance | None) -> None:
        """It has a record; `before` is the run before."""

    def failed(self, run: Failed) -> None:
        """It came to nothing."""


@dataclass(slots=True)
class _Soak:
    run: Run
    audience: Audience
    accept: Callable[[Header], None]
    pause: Callable[[float], None]
    runs: list[Performed] = field(default_factory=list)
    failed: list[Failed] = field(default_factory=list)
    in_row: int = 0
    interrupted: bool = False
    given_up: bool = False

    def perform(self, number: int) -> None:
        """Perform one run, and keep what came of it."""
        self.audience.begin(number)
        interrupts = Interrupts()
        end = self._end(interrupts)
        match end:
            case Ended(launched=launched) if launched.interrupted or interrupts.count:
                self.interrupted = True
            case Ended(launched=launched):
                glance = glance_of(read_rows(launched.record, allow_incomplete=True), launched.record)
                done = Performed(number=number, glance=glance)
                if not self.runs:
                    self.accept(glance.header)
                self.audience.performed(done, self.runs[-1].glance if self.runs else None)
                self.runs.append(done)
                self.in_row = 0
            case Stopped() if interrupts.count:
                self.interrupted = True
            case Stopped():
                self._take_failure(number, end)

    def _end(self, interrupts: Interrupts) -> Ended | Stopped:
        with started([self.run]) as processes:
            for _, news in all_news(processes, interrupts):
                self.audience.tell(news)
                if isinstance(news, Ended | Stopped):
                    return news
        raise HarnessError("a run ended without saying how")

    def _take_failure(self, number: int, end: Stopped) -> None:
        if not self.runs:
            raise _error(end)
        failed = Failed(number=number, reason=end.reason, code=end.code)
        self.audience.failed(failed)
        self.failed.append(failed)
        self.in_row += 1
        self.given_up = end.code is not ExitCode.NOT_MEASURED or self.in_row >= _GIVEN_UP_AFTER
        if not self.given_up:
            self.pause(_PAUSE * self.in_row)


def perform_soak(
    run: Run,
    bounds: Bounds,
    audience: Audience,
    *,
    accept: Callable[[Header], None] = lambda _: None,
    pause: Callable[[float], None] = time.sleep,
) -> Soaked:
    """Perform the runs; an interrupt ends them, and leaves out the one that it interrupted.

    `accept` is told where the first record comes from, and may raise: then no other run begins.

    Raises what kept the first of them from measuring anything: there is nothing to be had by waiting then.
    """
    begin = time.monotonic()
    soak = _Soak(run=run, audience=audience, accept=accept, pause=pause)
    try:
        for number in bounds.numbers():
            soak.perform(number)
            if soak.interrupted or soak.given_up:
                break
    except KeyboardInterrupt:  # between two runs
        soak.interrupted = True
    return Soaked(
        runs=tuple(soak.runs),
        failed=tuple(soak.failed),
        interrupted=soak.interrupted,
        given_up=soak.given_up,
        seconds=time.monotonic() - begin,
    )


def _error(end: Stopped) -> ChatconformError:
    if end.code is ExitCode.USAGE:
        return UsageError(end.reason, hint=end.hint or None)
    if end.code is ExitCode.NOT_MEASURED:
        return NotMeasured(end.reason)
    return HarnessError(end.reason)
