"""Performs all trials of a proof, several at once, and draws up the matrix."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from itertools import chain
from typing import Any

from chatconform.ledger import load_ledger
from chatconform.ledger.profile import load_profile
from chatconform.proving.bench import PROFILE, Bench
from chatconform.proving.matrix import AnyFault, Matrix, Row, row_of
from chatconform.proving.necessity import needed_sites
from chatconform.proving.planning import Plan
from chatconform.proving.sites import Site, all_sites, install
from chatconform.proving.stand import stands
from chatconform.proving.trial import Order, Seen, Trial
from chatconform.resources import load
from chatconform.running.catalogue import all_checks
from chatconform.running.hearing import paths_of

OnTrial = Callable[[Trial], None]
_bench: Bench | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What is to be proven.

    Attributes:
        faults: The faults to try.
        variants: The names of the legal variants to try.
        requirements: Those whose checks have to be green without a fault, and killed by one; nothing for all.
        full: Whether every check is judged under every fault, not only those that it concerns.
        assertions: Whether each assertion is taken out in turn, to see if some fault would survive.
    """

    faults: tuple[AnyFault, ...]
    variants: tuple[str, ...]
    requirements: frozenset[str] | None = None
    full: bool = False
    assertions: bool = False

    def orders(self) -> tuple[Order, ...]:
        """All its trials."""
        plan = _plan(full=self.full)
        without = plan.faultless(self.requirements)
        of_faults = [order for fault in self.faults for order in plan.orders_of(fault)]
        known = _variants()
        of_variants = [plan.variant(name, known[name].areas) for name in self.variants]
        return (*without, *of_variants, *of_faults)


def all_faults() -> Mapping[str, AnyFault]:
    """Every fault of the catalogue, by its id."""
    found: Mapping[str, AnyFault] = load("reference_server.faults.catalogue").FAULTS
    return found


def all_variants() -> tuple[str, ...]:
    """The names of all legal variants."""
    return tuple(_variants())


def prove(proof: Proof, *, jobs: int = 0, on_trial: OnTrial = lambda _: None) -> Matrix:
    """Perform the trials, `jobs` at once (by default three for each processor), and return the matrix."""
    trials = list(_performed(proof, jobs or _usual_jobs(), on_trial))
    return _matrix(proof, trials)


def _usual_jobs() -> int:
    """Three for each processor: a trial waits for its server most of its time, and for time-outs."""
    return 3 * (os.cpu_count() or 1)


def _performed(proof: Proof, jobs: int, on_trial: OnTrial) -> Iterator[Trial]:
    fresh = multiprocessing.get_context("spawn")
    prepare = install if proof.assertions else None
    with ProcessPoolExecutor(max_workers=jobs, mp_context=fresh, initializer=prepare) as pool:
        together, alone = _parted(proof.orders())
        try:
            waiting = [pool.submit(_try_out, order) for order in _longest_first(together)]
            one_by_one = (pool.submit(_try_out, order) for order in alone)
            for future in chain(as_completed(waiting), one_by_one):
                trial = future.result()
                on_trial(trial)
                yield trial
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _parted(orders: Sequence[Order]) -> tuple[list[Order], list[Order]]:
    """The trials that can go on at the same time, and those that measure it."""
    alone = [order for order in orders if stands()[order.stand].alone]
    return [order for order in orders if order not in alone], alone


def _longest_first(orders: Sequence[Order]) -> list[Order]:
    return sorted(orders, key=lambda order: len(order.checks), reverse=True)


def _try_out(order: Order) -> Trial:
    """In a process of the pool: its servers are kept for the next trial, and end with it."""
    global _bench  # noqa: PLW0603 - a process of a pool has no other place for what its tasks share
    if _bench is None:
        _bench = Bench()
    return _bench.try_out(order)


def _matrix(proof: Proof, trials: Sequence[Trial]) -> Matrix:
    return Matrix(
        rows=tuple(_rows(proof.faults, trials)),
        faultless=tuple(each for trial in _faultless(trials) for each in _asked(trial)),
        variants={trial.order.variant: _unexpected(trial) for trial in trials if trial.order.variant},
        checks=_plan(full=proof.full).names(proof.requirements),
        assertions=_assertions(proof, trials) if proof.assertions else {},
    )


def _assertions(proof: Proof, trials: Sequence[Trial]) -> Mapping[Site, str]:
    needed = needed_sites(proof.faults, trials)
    return {site: needed.get(site, "") for site in all_sites() if _concerns(site, proof.requirements)}


def _concerns(site: Site, requirements: frozenset[str] | None) -> bool:
    """Whether an assertion stands in the suite of an area that was asked for."""
    areas = None if requirements is None else {name.split("-")[1].lower() for name in requirements}
    return areas is None or site.file.partition("/")[0] in areas


def _rows(faults: Iterable[AnyFault], trials: Sequence[Trial]) -> Iterator[Row]:
    for fault in faults:
        yield row_of(fault, (trial for trial in trials if trial.order.fault == fault.id))


def _faultless(trials: Iterable[Trial]) -> Iterator[Trial]:
    return (trial for trial in trials if not trial.order.fault and not trial.order.variant)


def _asked(trial: Trial) -> tuple[Seen, ...]:
    """What was asked for, without the rules about traffic of which the stand shows too little."""
    wanted = set(trial.order.checks)
    return tuple(each for each in trial.seen if (each.check, each.path) in wanted or each.is_red)


def _unexpected(trial: Trial) -> tuple[Seen, ...]:
    declared = _variants()[trial.order.variant].breaks
    return tuple(each for each in trial.seen if not (each.is_red and each.requirement in declared))


def _variants() -> Mapping[str, Any]:
    found: Mapping[str, Any] = load("reference_server.variants.catalogue").VARIANTS
    return found


def _plan(*, full: bool) -> Plan:
    ledger = load_ledger()
    return Plan(
        ledger=ledger,
        checks=all_checks(),
        paths=paths_of(load_profile(PROFILE, ledger)),
        full=full,
    )
