"""Which trials a proof consists of: for each fault the checks that it concerns, on the stands they need."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chatconform.judging.check import AnyCheck, OfTraffic
from chatconform.ledger import Ledger
from chatconform.proving.matrix import AnyFault
from chatconform.proving.stand import stand_of, stands
from chatconform.proving.trial import Order

# The areas whose requests are generated.
_MADE_UP = ("CC-CONTRACT-", "CC-TALK-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that orders are made of.

    Attributes:
        paths: The paths that are judged, but in a thorough trial, which judges on all.
        full: Whether every check is judged under every fault, but for those of requests that are made up:
            what these meet is chance, and no fault could declare it.
    """

    ledger: Ledger
    checks: tuple[AnyCheck, ...]
    paths: frozenset[str]
    full: bool = False

    def orders_of(self, fault: AnyFault) -> tuple[Order, ...]:
        """The trials of one fault, one for each stand."""
        own = {*fault.breaks, *fault.collateral}
        concerned = [
            made for made in self.checks if made.requirement in own or (self.full and not _is_made_up(made))
        ]
        return tuple(self._on_stands(concerned, fault=fault.id, thorough=fault.thorough))

    def faultless(self, requirements: frozenset[str] | None) -> tuple[Order, ...]:
        """The trials without a fault: the checks of these requirements or all, each on its stand."""
        wanted = _of(self.checks, requirements)
        return (*self._on_stands(wanted), *self._on_stands(wanted, thorough=True))

    def variant(self, name: str, areas: tuple[str, ...]) -> Order:
        """The trial of a variant: the checks of the areas that could notice it, or all."""
        noticing = None if self.full or not areas else {row.id for row in self.ledger.select(areas)}
        usual = next(iter(stands().values()))
        wanted = [
            made
            for made in self.checks
            if usual.serves(self.ledger[made.requirement])
            and (noticing is None or made.requirement in noticing)
        ]
        return Order(stand=usual.name, variant=name, checks=self._on_paths(wanted))

    def names(self, requirements: frozenset[str] | None) -> dict[str, str]:
        """The checks that have to be killed, each with its requirement."""
        return {made.id: made.requirement for made in _of(self.checks, requirements)}

    def _on_stands(
        self, checks: Iterable[AnyCheck], *, fault: str = "", thorough: bool = False
    ) -> Iterator[Order]:
        grouped: dict[str, list[AnyCheck]] = {}
        for made in checks:
            grouped.setdefault(stand_of(self.ledger[made.requirement]).name, []).append(made)
        for stand, concerned in grouped.items():
            judged = self._on_paths(concerned, thorough=thorough)
            yield Order(stand=stand, fault=fault, checks=judged, thorough=thorough)

    def _on_paths(self, checks: Iterable[AnyCheck], *, thorough: bool = False) -> tuple[tuple[str, str], ...]:
        return tuple(
            (made.id, path)
            for made in checks
            for path in made.path_names
            if thorough or isinstance(made, OfTraffic) or path in self.paths
        )


def _is_made_up(made: AnyCheck) -> bool:
    return made.requirement.startswith(_MADE_UP)


def _of(checks: Iterable[AnyCheck], requirements: frozenset[str] | None) -> tuple[AnyCheck, ...]:
    return tuple(made for made in checks if requirements is None or made.requirement in requirements)
