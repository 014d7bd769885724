"""What a check found: one verdict for one requirement on one path, with its evidence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """The six answers. Only `pass` and `fail` measure a rule; the other four say why it was not measured."""

    PASS = "pass"  # noqa: S105 (a verdict, not a password)
    FAIL = "fail"
    UNSUPPORTED = "unsupported"
    INCONCLUSIVE = "inconclusive"
    NOT_APPLICABLE = "not-applicable"
    ERROR = "error"


# One requirement may be judged by several checks on several paths. The worst of them stands for it: a
# failure anywhere is a failure, and something that could not be measured is not hidden behind a pass.
SEVERITY = (
    Verdict.FAIL,
    Verdict.ERROR,
    Verdict.INCONCLUSIVE,
    Verdict.UNSUPPORTED,
    Verdict.PASS,
    Verdict.NOT_APPLICABLE,
)


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict that stands for several; raises `ValueError` where there is none."""
    return min(verdicts, key=SEVERITY.index)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Where in which exchange something was seen, and what stood there (bounded, as JSON or text)."""

    exchange: str
    where: str
    quoted: str


@dataclass(frozen=True, slots=True)
class Observation:
    """What a target does where vendors may differ: a stable word for its camp, with the topic."""

    topic: str
    camp: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The verdict of one check on one path.

    `attempts` holds the verdict of each attempt where a model's mood decides; `exchanges` are the ids of all
    that was judged; `reason` says in words why; `expected` and `came` are what should and did stand where
    `evidence` points.
    `bug` is the traceback of a check of ours that broke down; it is empty unless the verdict is `error`.
    """

    requirement: str
    check: str
    path: str
    verdict: Verdict
    reason: str = ""
    expected: str = ""
    came: str = ""
    evidence: tuple[Evidence, ...] = ()
    observations: tuple[Observation, ...] = ()
    attempts: tuple[Verdict, ...] = ()
    exchanges: tuple[str, ...] = ()
    bug: str = ""
