"""Requests of several parts, each of which a gateway may have refused by itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chatconform.suite import Body, Play, Refused
from chatconform.suites.gate.forwarded import Forwarded, forwarded_on
from chatconform.suites.gate.parameters import LABELS, OTHERS, SAMPLING

# What each step of `forwarded` consists of.
STEPS: Mapping[str, Mapping[str, Body]] = {"sampling": SAMPLING, "others": {**OTHERS, **LABELS}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What was forwarded of several parts, and the first refusal of one, if any was refused."""

    forwarded: tuple[Forwarded, ...]
    refusal: Refused | None

    def expect_no_refusal(self) -> None:
        """Raise the refusal; to be called in the end, since what is refused openly is not lost."""
        if self.refusal is not None:
            raise self.refusal


def served(play: Play, names: Iterable[str] = ()) -> Served:
    """What was forwarded of the parts that have these parameters (of all without names).

    They were sent together, or alone where that was refused. Raises the refusal where nothing was served.
    """
    wanted = set(names)
    steps = [
        play.part(step, name)
        for step, parts in STEPS.items()
        for name, part in parts.items()
        if not wanted or wanted & part.keys()
    ]
    forwarded: list[Forwarded] = []
    refusal: Refused | None = None
    for step in dict.fromkeys(steps):
        try:
            forwarded += forwarded_on(play, step)
        except Refused as refused:
            refusal = refusal or refused
    if refusal is not None and not forwarded:
        raise refusal
    return Served(forwarded=tuple(forwarded), refusal=refusal)
