"""How much is judged: which requirements have checks, and for which elements of the contract one speaks.

An element counts as spoken for where the `anchor` of any row, or a pointer of its `also`, reaches it
(`chatconform.contract.reach` says how far a pointer reaches).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chatconform.contract import Contract, Element, ElementKind
from chatconform.ledger.loading import Ledger
from chatconform.ledger.requirement import Requirement, Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How many of some elements are spoken for, and those that are not."""

    total: int
    silent: tuple[Element, ...]

    @property
    def spoken(self) -> int:
        """How many are spoken for."""
        return self.total - len(self.silent)

    @property
    def percent(self) -> int:
        """The share in whole percent, rounded down, so that 100 means all; 100 where there is nothing."""
        return 100 * self.spoken // self.total if self.total else 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """The requirements of a ledger, the elements of its contract, and those that nobody speaks for."""

    requirements: tuple[Requirement, ...]
    elements: tuple[Element, ...]
    silent: tuple[Element, ...]

    @property
    def areas(self) -> Mapping[str, tuple[Requirement, ...]]:
        """The requirements by area, in order."""
        grouped: dict[str, tuple[Requirement, ...]] = {}
        for row in self.requirements:
            grouped[row.area] = (*grouped.get(row.area, ()), row)
        return grouped

    @property
    def share(self) -> Share:
        """The share of all elements."""
        return Share(total=len(self.elements), silent=self.silent)

    @property
    def shares(self) -> Mapping[ElementKind, Share]:
        """The share of each kind of element, in the order of the kinds."""
        return {
            kind: Share(
                total=sum(element.kind is kind for element in self.elements),
                silent=tuple(element for element in self.silent if element.kind is kind),
            )
            for kind in ElementKind
        }


def coverage_of(ledger: Ledger, contract: Contract) -> Coverage:
    """What a ledger covers of a contract."""
    found = contract.elements()
    spoken = {place for row in ledger for pointer in row.pointers for place in contract.reached(pointer)}
    return Coverage(
        requirements=ledger.requirements,
        elements=found,
        silent=tuple(element for element in found if element.pointer not in spoken),
    )


def standing(requirements: Iterable[Requirement], wanted: Standing) -> tuple[Requirement, ...]:
    """Those of some requirements that are checked, excluded or unchecked."""
    return tuple(row for row in requirements if row.standing is wanted)
