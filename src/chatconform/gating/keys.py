"""Which keys a section of a baseline has, and which it should have."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from chatconform.gating.document import Field
from chatconform.gating.nearest import did_you_mean, nearest
from chatconform.ledger.section import Flaw


def key_flaws(
    fields: Mapping[str, Field], known: Collection[str], line: int, *, needed: Collection[str]
) -> Iterator[Flaw]:
    """Every key that is not known, and every one that is missing and was not merely mistyped."""
    meant = set()
    for name, field in fields.items():
        if name not in known:
            meant.add(nearest(name, known))
            yield Flaw(line=field.line, reason=f"there is no key {name!r}; {did_you_mean(name, known)}")
    for name in needed:
        if name not in fields and name not in meant:
            yield Flaw(line=line, reason=f"the key {name!r} is missing; add it")
