"""Faults that know their consequences: what else they turn red stands in one table, not beside each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from chatconform.reference_server.faults import fault as faults
from chatconform.reference_server.faults.fault import Aspect, Declare, Fault
from chatconform.reference_server.faults.following import following
from chatconform.reference_server.seams import Alteration


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
