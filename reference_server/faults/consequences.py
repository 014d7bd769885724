"""Faults that know their consequences: what else they turn red stands in one table, not beside each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase

from chatconform.reference_server.faults import access_consequences, error_consequences
from chatconform.reference_server.faults import fault as faults
from chatconform.reference_server.faults.fault import Aspect, Declare, Fault
from chatconform.reference_server.seams import Alteration

_FOLLOWING = (*error_consequences.CONSEQUENCES, *access_consequences.CONSEQUENCES)


def family(*aspects: Aspect) -> Declare:
    """Return what makes faults that touch these aspects, each with its consequences."""
    declare = faults.family(*aspects)

    def with_consequences(
        id: str,  # noqa: A002 - the name that the catalogue shows
        defect: str,
        *by: Alteration,
        kills: str | tuple[str, ...],
        collateral: Mapping[str, str] | None = None,
        also: tuple[Aspect, ...] = (),
        seen_in: str | tuple[str, ...] = (),
    ) -> Fault:
        made = declare(id, defect, *by, kills=kills, also=also, seen_in=seen_in)
        told = {**following(id), **(collateral or {})}
        return replace(made, collateral={name: why for name, why in told.items() if name not in made.breaks})

    return with_consequences


def following(fault: str) -> Mapping[str, str]:
    """The requirements that a fault turns red besides its own, each with the reason."""
    return dict(_following(fault))


def _following(fault: str) -> Iterator[tuple[str, str]]:
    for patterns, requirements, reason in _FOLLOWING:
        if any(fnmatchcase(fault, pattern) for pattern in patterns.split()):
            for requirement in requirements.split():
                yield requirement, reason
