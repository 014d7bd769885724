"""Scenarios: named provocations that send requests to a target, on one path or on several.

A scenario is an async function that receives a `Stage` and performs steps on it. It judges nothing; checks
do, from the exchanges that it leaves. It lives in a `scenarios.py` of a suite, so that any process can find
it again by its name.
"""

from __future__ import annotations

import importlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from chatconform.errors import HarnessError
from chatconform.plays.path import PLAIN, Path
from chatconform.plays.stage import Stage

Perform = Callable[[Stage], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A provocation: what performs it, on which paths, how often, and about how many requests it needs.

    `attempts` is more than one where the model's mood decides whether the condition comes about. `last` is
    for what may harm a target (a prompt far over its context), or needs it alone: it is performed after
    everything else, and by itself.
    """

    name: str
    title: str
    perform: Perform
    paths: tuple[Path, ...]
    attempts: int
    requests: int
    last: bool
    patience: bool

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True, order=True)
class PlayKey:
    """Which attempt of which scenario on which path; it names a play in every process and record."""

    scenario: str
    path: str
    attempt: int


def scenario(
    *,
    paths: tuple[Path, ...] = (PLAIN,),
    attempts: int = 1,
    requests: int = 1,
    last: bool = False,
    patience: bool = True,
) -> Callable[[Perform], Scenario]:
    """Make an async function a scenario; its docstring says what is sent and why.

    `requests` is the length of its chain, by which the longest are begun first. Without `patience` an
    answer of 429 is not sent again.
    """

    def wrap(perform: Perform) -> Scenario:
        name = f"{perform.__module__.removeprefix('chatconform.suites.')}.{perform.__name__}"
        title = (perform.__doc__ or "").strip().partition("\n")[0]
        if not title:
            raise HarnessError(f"the scenario {name} has no docstring")
        return Scenario(
            name=name,
            title=title,
            perform=perform,
            paths=paths,
            attempts=attempts,
            requests=requests,
            last=last,
            patience=patience,
        )

    return wrap


def keys_of(played: Scenario) -> tuple[PlayKey, ...]:
    """Every play that a scenario consists of."""
    return tuple(
        PlayKey(played.name, path.name, attempt)
        for path in played.paths
        for attempt in range(1, played.attempts + 1)
    )


def find_scenario(name: str) -> Scenario:
    """The scenario of that name (`stop.scenarios.vowel_stops`), imported if need be."""
    module, _, attribute = name.rpartition(".")
    found = getattr(importlib.import_module(f"chatconform.suites.{module}"), attribute, None)
    if not isinstance(found, Scenario):
        raise HarnessError(f"there is no scenario {name}: scenarios are defined in a suite's scenarios.py")
    return found
