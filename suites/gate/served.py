"""Requests of several parts, each of which a gateway may have refused by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from chatconform.suite import Body, Play, Refused
from chatconform.suites.gate.forwarded import Forwarded, forwarded_on


def served_parts(
    play: Play, step: str, parts: Mapping[str, Body], names: Iterable[str]
) -> Iterator[Forwarded]:
    """What was forwarded of the parts that have these parameters: together, or alone where that was refused.

    Raises the first refusal only after all that was served: what is refused openly is not lost.
    """
    wanted = set(names)
    concerned = [name for name, part in parts.items() if wanted & part.keys()]
    refused: Refused | None = None
    for each in dict.fromkeys(play.part(step, name) for name in concerned):
        try:
            yield from forwarded_on(play, each)
        except Refused as refusal:
            refused = refused or refusal
    if refused is not None:
        raise refused


def served_anyhow(play: Play, steps: Mapping[str, Mapping[str, Body]]) -> tuple[Forwarded, ...]:
    """What was forwarded of some steps, whatever part of them was refused; raises where all of it was."""
    served: list[Forwarded] = []
    refused: Refused | None = None
    for step, parts in steps.items():
        for each in dict.fromkeys((step, *(play.part(step, name) for name in parts))):
            try:
                served += forwarded_on(play, each)
            except Refused as refusal:
                refused = refused or refusal
    if refused is not None and not served:
        raise refused
    return tuple(served)
