"""Generated requests, made in a process of their own.

Generating takes a processor for seconds. What Hypothesis and Schemathesis keep is shared by all threads,
and so is the parser of Python's own syntax, which they use and CPython 3.11 breaks in two threads. And
Hypothesis draws from the constants of loaded modules: only in a bare process a seed always draws the same.
"""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache

from chatconform.contract import overlaid
from chatconform.errors import HarnessError
from chatconform.fuzzing.case import Case
from chatconform.fuzzing.coverage import case_from, kept_cases

_COMMAND = (sys.executable, "-P", "-m", "chatconform.fuzzing.worker")


@cache
def covering() -> tuple[Case, ...]:
    """Every request of the coverage phase, those that the contract allows and those that it forbids."""
    kept = kept_cases(overlaid(()).digest)
    return covered_anew() if kept is None else kept


def covered_anew() -> tuple[Case, ...]:
    """The same as the installed Schemathesis makes them."""
    return _cases({})


def drawn(number: int, *, seed: int, allowed: bool) -> tuple[Case, ...]:
    """So many different random requests which the contract allows, or which it forbids; perhaps fewer."""
    return _cases({"number": number, "seed": seed, "allowed": allowed})


def _cases(order: dict[str, int | bool]) -> tuple[Case, ...]:
    ran = subprocess.run(  # noqa: S603 - our own interpreter and module, no shell
        _COMMAND, input=json.dumps(order), capture_output=True, text=True, check=False
    )
    if ran.returncode:
        last = ran.stderr.strip().rpartition("\n")[2]
        raise HarnessError(f"no requests could be generated: {last or f'exit code {ran.returncode}'}")
    return tuple(map(case_from, ran.stdout.splitlines()))
