"""Sending generated requests, as many at a time as the target takes, within the bounds of an effort."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from chatconform.fuzzing.case import Case
from chatconform.fuzzing.generation import is_allowed
from chatconform.fuzzing.reduction import smaller
from chatconform.suite import Exchange, Stage

LONGEST_TOLD = 90
# How many different failures of a scenario are made smaller, and with how many requests each.
REDUCED, TRIES = 2, 6
_AS_A_STREAM = ", as a stream"
_SMALLER = ", smaller "

Breaks = Callable[[Exchange], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """A case with the name of its step."""

    step: str
    case: Case


def numbered(word: str, cases: Iterable[Case]) -> list[Errand]:
    """Errands whose steps say what is special about each case, and in which order they stand."""
    return [
        Errand(step=f"{word} {n:04}: {case.told}"[:LONGEST_TOLD], case=case) for n, case in enumerate(cases)
    ]


def as_streams(errands: Iterable[Errand]) -> list[Errand]:
    """The same requests as streams, where the form is not what they are about."""
    return [
        Errand(step=twin_step(errand.step), case=twin)
        for errand in errands
        if (twin := errand.case.streamed()) is not None and is_allowed(twin.body) is twin.allowed
    ]


def in_one_form_each(errands: Iterable[Errand]) -> list[Errand]:
    """The requests, every other one as a stream."""
    listed = list(errands)
    return [*listed[::2], *as_streams(listed[1::2])]


def twin_step(step: str) -> str:
    """The step in which the request of another step is sent as a stream."""
    return f"{step}{_AS_A_STREAM}"


def is_first(step: str, word: str, *, streamed: bool = False) -> bool:
    """Whether a step is a generated request (or its stream, if asked for), and no smaller one."""
    return (
        step.startswith(f"{word} ") and _SMALLER not in step and (streamed or not step.endswith(_AS_A_STREAM))
    )


def is_smaller(step: str, of: str) -> bool:
    """Whether a step made the request of another one smaller."""
    return step.startswith(f"{of}{_SMALLER}")


async def send_all(stage: Stage, errands: Iterable[Errand], *, until: float) -> list[tuple[Errand, Exchange]]:
    """Send the requests, several at a time, and none after a moment of the monotonic clock."""
    waiting: Iterator[Errand] = iter(errands)
    done: list[tuple[Errand, Exchange]] = []

    async def work() -> None:
        for errand in waiting:
            if time.monotonic() >= until:
                return
            done.append((errand, await send(stage, errand)))

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(stage.target.concurrency):
                group.create_task(work())
    except ExceptionGroup as together:
        # What went wrong is told by one of them, as if it had been alone.
        raise together.exceptions[0] from None
    return sorted(done, key=lambda pair: pair[0].step)


async def send(stage: Stage, errand: Errand) -> Exchange:
    """Send one generated request."""
    return await stage.post(errand.step, errand.case.content, illegal=not errand.case.allowed)


async def make_smaller(
    stage: Stage, done: Iterable[tuple[Errand, Exchange]], breaks: Breaks, *, until: float
) -> None:
    """Look for smaller requests with which the first few different failures come about as well.

    `breaks` names the failure that an exchange shows; nothing for none.
    """
    seen: dict[tuple[str, str], Errand] = {}
    for errand, exchange in done:
        # Others wait for the same loop, and measure when their answers come.
        await asyncio.sleep(0)
        if failure := breaks(exchange):
            seen.setdefault((failure, errand.case.member), errand)
    for (failure, _), errand in list(seen.items())[:REDUCED]:
        await _make_smaller(stage, errand, partial(_is_same, breaks, failure), until=until)


def _is_same(breaks: Breaks, failure: str, exchange: Exchange) -> bool:
    return breaks(exchange) == failure


async def _make_smaller(
    stage: Stage, errand: Errand, still: Callable[[Exchange], bool], *, until: float
) -> None:
    case, tries = errand.case, 0
    candidates = smaller(case)
    while tries < TRIES and time.monotonic() < until:
        candidate = next(candidates, None)
        if candidate is None:
            return
        tries += 1
        step = f"{errand.step}{_SMALLER}{tries}"
        if still(await send(stage, Errand(step=step, case=candidate))):
            case = candidate
            candidates = smaller(case)
