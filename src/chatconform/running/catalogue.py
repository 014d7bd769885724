"""Every check of the suites, found by importing them; nothing is sent."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator, Mapping
from types import ModuleType

from chatconform.judging.check import AnyCheck, OfTraffic, check_of
from chatconform.ledger.requirement import Requirement
from chatconform.resources import folder


def all_checks() -> tuple[AnyCheck, ...]:
    """Every check and invariant, in the order of the files and of their lines."""
    return tuple(made for module in _modules() for made in _checks_of(module))


def checks_by_requirement() -> Mapping[str, tuple[AnyCheck, ...]]:
    """The checks of each requirement that has any."""
    grouped: dict[str, tuple[AnyCheck, ...]] = {}
    for made in all_checks():
        grouped[made.requirement] = (*grouped.get(made.requirement, ()), made)
    return grouped


def rules_about_traffic(rows: Iterable[Requirement]) -> tuple[OfTraffic, ...]:
    """The invariants and surveys of these requirements."""
    wanted = {row.id for row in rows}
    return tuple(made for made in all_checks() if isinstance(made, OfTraffic) and made.requirement in wanted)


def _modules() -> Iterator[ModuleType]:
    root = folder("suites")
    for file in sorted(root.glob("*/test_*.py")):
        yield importlib.import_module(f"chatconform.suites.{file.parent.name}.{file.stem}")


def _checks_of(module: ModuleType) -> Iterator[AnyCheck]:
    for value in vars(module).values():
        made = check_of(value)
        # A check that another module imported is counted where it stands.
        if made is not None and getattr(value, "__module__", "") == module.__name__:
            yield made
