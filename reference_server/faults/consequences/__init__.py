"""What faults turn red beside what they announce, in tables by who notices; each row with its reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fnmatch import fnmatchcase

from chatconform.reference_server.faults.consequences import (
    access,
    counts,
    errors,
    gateways,
    generated,
    shapes,
    talks,
)
from chatconform.reference_server.faults.fault import Fault

_TABLES = (errors, access, talks, generated, gateways, counts, shapes)


def with_consequences(fault: Fault) -> Fault:
    """The fault with its consequences among its collateral."""
    told = {**dict(_following(fault.id)), **fault.collateral}
    return replace(fault, collateral={name: why for name, why in told.items() if name not in fault.breaks})


def _following(fault: str) -> Iterator[tuple[str, str]]:
    for patterns, requirements, reason in (row for table in _TABLES for row in table.CONSEQUENCES):
        if any(fnmatchcase(fault, pattern) for pattern in patterns.split()):
            for requirement in requirements.split():
                yield requirement, reason
