"""What a run of a profile takes on the embedded server, as its plan would say."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from chatconform.errors import HarnessError
from chatconform.judging.check import AnyCheck, OfTraffic
from chatconform.ledger import Ledger
from chatconform.ledger.profile import Profile
from chatconform.plays.play import Play
from chatconform.plays.scenario import PlayKey
from chatconform.running.hearing import Hearing, paths_of
from chatconform.running.rehearsal import Cost, rehearse
from chatconform.running.run import Run
from chatconform.wire.exchange import Exchange


def profile_cost(profile: Profile, ledger: Ledger, checks: Collection[AnyCheck]) -> Cost:
    """The cost of all plays that these checks want, as far as they are the profile's."""
    run = Run(profile=profile.name)
    hearing = Hearing(
        plays=_Unplayed(), ledger=ledger, declared=run.declared, lacks=run.lacks, paths=paths_of(profile)
    )
    keys = dict.fromkeys(_keys(profile, hearing, checks))
    return rehearse(keys, declared=run.declared, seed=run.seed, thorough=profile.thorough, effort=run.effort)


def _keys(profile: Profile, hearing: Hearing, checks: Iterable[AnyCheck]) -> Iterator[PlayKey]:
    wanted = set(profile.requirements)
    for made in checks:
        if made.requirement in wanted:
            for path in made.path_names:
                if isinstance(made, OfTraffic) or path in hearing.paths:
                    yield from hearing.keys(made, path)


class _Unplayed:
    """Stands for plays where it is only asked which will be wanted."""

    def begin(self, keys: Iterable[PlayKey]) -> None:
        raise HarnessError(f"nothing is played to tell a cost: {[*keys]}")

    def play(self, key: PlayKey) -> Play:
        raise HarnessError(f"nothing is played to tell a cost: {key}")

    def traffic(self) -> tuple[Exchange, ...]:
        raise HarnessError("there is no traffic where only a cost is told")

    def again(self, exchange: str, number: int) -> Exchange:
        raise HarnessError(f"nothing is sent again to tell a cost: {exchange}, {number}")
