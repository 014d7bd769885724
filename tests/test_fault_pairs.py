"""Two faults at once: neither hides the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatconform.ledger import load_ledger
from chatconform.ledger.profile import load_profile
from chatconform.proving.bench import PROFILE, Bench
from chatconform.proving.matrix import Row, row_of
from chatconform.proving.planning import Plan
from chatconform.proving.stand import stand_of
from chatconform.reference_server.faults.catalogue import FAULTS
from chatconform.reference_server.faults.fault import Fault
from chatconform.running.catalogue import all_checks
from chatconform.running.hearing import paths_of

PAIRS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two faults as one: both names in the header, and everything that either kills."""

    id: str
    defect: str
    kills: tuple[str, ...]
    breaks: frozenset[str]
    collateral: Mapping[str, str]
    thorough: bool


def pair_of(one: Fault, other: Fault) -> Pair:
    return Pair(
        id=f"{one.id}, {other.id}",
        defect=f"{one.defect} {other.defect}",
        kills=(*one.kills, *other.kills),
        breaks=one.breaks | other.breaks,
        collateral={**one.collateral, **other.collateral},
        thorough=one.thorough or other.thorough,
    )


def is_usual(fault: Fault) -> bool:
    """Whether all that it kills is judged on the usual stand."""
    return {stand_of(load_ledger()[name]).name for name in fault.breaks} == {"usual"}


def families() -> Mapping[str, list[Fault]]:
    """The faults that are tried in pairs, by what they spoil."""
    found: dict[str, list[Fault]] = {}
    for fault in filter(is_usual, FAULTS.values()):
        found.setdefault(",".join(sorted(fault.touches)), []).append(fault)
    return found


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with Bench() as opened:
        yield opened


def tried(bench: Bench, pair: Pair) -> Row:
    ledger = load_ledger()
    paths = paths_of(load_profile(PROFILE, ledger))
    plan = Plan(ledger=ledger, checks=all_checks(), paths=paths)
    return row_of(pair, [bench.try_out(order) for order in plan.orders_of(pair)])


FAMILIES = families()
COMBINABLE = [
    (one, other)
    for one, other in combinations(FAMILIES, 2)
    if not FAMILIES[one][0].excludes(FAMILIES[other][0])
]


@settings(max_examples=PAIRS, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_neither_of_two_faults_hides_the_other(bench: Bench, data: st.DataObject) -> None:
    """Faults that spoil nothing in common are both killed, as each is by itself."""
    families = data.draw(st.sampled_from(COMBINABLE))
    one, other = (data.draw(st.sampled_from(FAMILIES[family])) for family in families)

    row = tried(bench, pair_of(one, other))

    assert row.missed == ()
