"""Performs trials in this process; it holds the servers that they need, each started once."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Self

from chatconform.client.smoke import smoke
from chatconform.client.target import Target
from chatconform.contract import load_contract
from chatconform.fuzzing.effort import QUICK
from chatconform.judging.check import AnyCheck, OfTraffic
from chatconform.ledger import load_ledger
from chatconform.ledger.profile import load_profile
from chatconform.plays.conductor import Audience, Conductor
from chatconform.plays.path import EVERYWHERE
from chatconform.proving.necessity import judged_with_sites
from chatconform.proving.stand import FEATURES, PACE, Stand, stands
from chatconform.proving.trial import Deciding, Order, Trial, seen
from chatconform.record.tally import Tally
from chatconform.resources import load
from chatconform.running.catalogue import all_checks
from chatconform.running.embedded import EmbeddedServer
from chatconform.running.features import REFERENCE_FEATURES, reference_options
from chatconform.running.hearing import Hearing, paths_of

# The profile whose paths are judged: the one that is run unless another is asked for; and that of every case.
PROFILE, THOROUGH = "standard", "full"
# An answer of the reference server takes a tenth of this; what takes longer is a fault that never answers.
TIMEOUT = 4.0
# Without a fault nothing falls silent: what takes longer is a machine that has something else to do.
UNHURRIED = 20.0
# Where nothing hangs, a busy machine gets the time that it takes to make requests up.
PATIENT = QUICK.bounded(seconds=600.0)


@dataclass(slots=True)
class Bench:
    """A context manager: its servers end with it."""

    _resources: ExitStack = field(default_factory=ExitStack)
    _kept: dict[str, _Served] = field(default_factory=dict)
    _house: str = ""
    _key: str = field(default_factory=lambda: f"sk-proof-{secrets.token_hex(20)}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._resources.close()

    def try_out(self, order: Order) -> Trial:
        """Perform a trial."""
        with ExitStack() as own:
            if order.variant:
                return _perform(order, self._variant_target(order.variant))
            stand = stands()[order.stand]
            served = self._served_afresh(stand, own) if stand.fresh else self._served(stand)
            return _perform(order, served.target(order.fault))

    def _served_afresh(self, stand: Stand, own: ExitStack) -> _Served:
        """A server for one trial: in a thread, as starting a process takes longer than most trials."""
        settings = load("reference_server.__main__").settings_from([f"--key={self._key}", *stand.arguments])
        app = load("reference_server").create_app(load_contract(), settings)
        server = own.enter_context(load("reference_server.threaded").ThreadedServer(app))
        return _Served(stand=stand, url=f"{server.site}/v1", key=self._key, model=settings.models[0].id)

    def _served(self, stand: Stand) -> _Served:
        if stand.name not in self._kept:
            self._kept[stand.name] = _serve(stand, self._resources)
        return self._kept[stand.name]

    def _variant_target(self, name: str) -> Target:
        """The target that a user would describe for a variant, with what the smoke calls find out."""
        variant = load("reference_server.variants.catalogue").VARIANTS[name]
        target = Target(
            url=f"{self._variants()}/{name}{variant.base_path}",
            key=self._key if variant.keyed else "",
            model=variant.model,
            headers=variant.headers,
            declared=_declared(keyed=variant.keyed),
            lacks=frozenset(variant.without),
            timeout=UNHURRIED,
        )
        found = asyncio.run(smoke(target))
        return replace(target, model=found.model, limit=found.limit, steady=found.steady)

    def _variants(self) -> str:
        if not self._house:
            catalogue = load("reference_server.variants.catalogue")
            arguments = [f"--key={self._key}", *reference_options(REFERENCE_FEATURES), PACE]
            settings = load("reference_server.__main__").settings_from(arguments)
            app = load("reference_server.variants.house").house(catalogue.VARIANTS.values(), settings)
            server = load("reference_server.threaded").ThreadedServer(app)
            self._house = self._resources.enter_context(server).site
        return self._house


@dataclass(frozen=True, slots=True, kw_only=True)
class _Served:
    """A stand while its server runs."""

    stand: Stand
    url: str
    key: str = field(repr=False)
    model: str

    def target(self, fault: str) -> Target:
        """The target that asks for a fault in each request."""
        header = load("reference_server.faults").HEADER
        return Target(
            url=self.url,
            key=self.key,
            model=self.model,
            headers=((header, fault),) if fault else (),
            declared=self.stand.features,
            timeout=TIMEOUT if fault else UNHURRIED,
        )


def _serve(stand: Stand, resources: ExitStack) -> _Served:
    if stand.records:
        folder = Path(resources.enter_context(TemporaryDirectory(prefix="chatconform-")))
        stand = stand.recording(folder / "upstream.jsonl")
    server = resources.enter_context(EmbeddedServer(*stand.arguments))
    return _Served(stand=stand, url=server.url, key=server.key, model=server.model)


def _declared(*, keyed: bool) -> Mapping[str, str]:
    features = {word: value for word, value in FEATURES.items() if keyed or word != "auth"}
    return MappingProxyType(features)


def _perform(order: Order, target: Target) -> Trial:
    started = time.perf_counter()
    ledger, known = load_ledger(), {made.id: made for made in all_checks()}
    tally = Tally()
    audience = Audience(on_exchange=tally.exchange, on_play=lambda _: None)
    effort = QUICK if order.fault else PATIENT
    profile = load_profile(THOROUGH if order.thorough else PROFILE, ledger)
    with Conductor(
        target,
        seed=f"proof/{order.fault}",
        audience=audience,
        effort=effort,
        thorough=profile.thorough,
    ) as conductor:
        hearing = Hearing(
            plays=conductor,
            ledger=ledger,
            declared=target.declared,
            lacks=target.lacks,
            paths=paths_of(profile),
        )
        wanted = [(known[name], path) for name, path in order.checks]
        conductor.begin(dict.fromkeys(key for made, path in wanted for key in hearing.keys(made, path)))
        judged = [
            judged_with_sites(hearing.judge, made, path) for made, path in _with_all_of_traffic(wanted, known)
        ]
    return Trial(
        order=order,
        seen=tuple(seen(judgement) for judgement, _ in judged),
        requests=tally.requests,
        seconds=time.perf_counter() - started,
        deciding=tuple(Deciding(seen=seen(judgement), sites=sites) for judgement, sites in judged if sites),
    )


def _with_all_of_traffic(
    wanted: list[tuple[AnyCheck, str]], known: Mapping[str, AnyCheck]
) -> list[tuple[AnyCheck, str]]:
    """The checks that were asked for, and behind them every rule about the traffic that they cause."""
    of_plays = [(made, path) for made, path in wanted if not isinstance(made, OfTraffic)]
    return [*of_plays, *((made, EVERYWHERE) for made in known.values() if isinstance(made, OfTraffic))]
