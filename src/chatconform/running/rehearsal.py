"""What a run will cost: its plays, performed on the reference server inside this process.

Scenarios share requests and adapt to what comes, so their number cannot be read off them. A target that
refuses or ignores what the reference server honours is asked a little more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from chatconform.client.recording import NEED
from chatconform.client.target import Target
from chatconform.contract import load_contract
from chatconform.fuzzing.effort import OFF, QUICK, Effort
from chatconform.plays.conductor import Audience, Conductor
from chatconform.plays.scenario import PlayKey
from chatconform.record.tally import Tally
from chatconform.resources import load
from chatconform.running.features import reference_options
from chatconform.running.standin import StandIn
from chatconform.wire.jsontext import Json

_KEY = "sk-rehearsal"
_URL = "http://rehearsal.invalid/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Requests and tokens that a run will take on a conforming target; others count tokens differently.

    `generated` is the bound of requests that come besides, and are too many to be rehearsed. `answered` are
    those that are not sent, as the record of a run before has their answers.
    """

    requests: int
    tokens: int
    generated: int = 0
    answered: int | None = None

    def repeated(self, further: Cost, times: int) -> Cost:
        """This cost and, so many times, what a further attempt costs."""
        return replace(
            self,
            requests=self.requests + times * further.requests,
            tokens=self.tokens + times * further.tokens,
        )

    def __str__(self) -> str:
        told = f"about {self.requests} requests and {_rounded(self.tokens):,} tokens on a conforming target"
        told += f", and up to {self.generated:,} generated requests" if self.generated else ""
        return told + ("" if self.answered is None else f"; {self.answered:,} are answered in the record")


def _rounded(tokens: int) -> int:
    """Two significant digits: nobody can promise more."""
    return int(float(f"{tokens:.2g}"))


def rehearse(
    keys: Iterable[PlayKey],
    *,
    declared: Mapping[str, str],
    seed: str,
    thorough: bool = False,
    effort: Effort = QUICK,
    body: Mapping[str, Json] | None = None,
) -> Cost:
    """Perform the plays on a reference server that has the declared features, and count.

    `body` are the members that the user wants in every body.
    """
    with TemporaryDirectory(prefix="chatconform-") as folder:
        target = Target(
            url=_URL,
            key=_KEY,
            concurrency=32,
            declared=_at_home(declared, Path(folder)),
            timeout=10.0,
            body=body or {},
        )
        return _rehearse(keys, target, seed=seed, thorough=thorough, effort=effort)


def _at_home(declared: Mapping[str, str], folder: Path) -> Mapping[str, str]:
    """The features with a record of the rehearsal's own in the place of the upstream's."""
    if NEED not in declared:
        return declared
    return {**declared, NEED: str(folder / "upstream.jsonl")}


def _rehearse(
    keys: Iterable[PlayKey], described: Target, *, seed: str, thorough: bool, effort: Effort
) -> Cost:
    # Nobody waits in a rehearsal, for a connection that stalls neither.
    lenient = ["--unknown-parameters=ignore"] if described.body else []
    settings = load("reference_server.__main__").settings_from(
        [f"--key={_KEY}", "--stall-seconds=0", *lenient, *reference_options(described.declared)]
    )
    app = load("reference_server").create_app(load_contract(), settings)
    target = replace(described, model=settings.models[0].id)
    tally = Tally()
    audience = Audience(on_exchange=tally.exchange, on_play=lambda _: None)
    stand_in = StandIn(target, app)
    with Conductor(
        target,
        seed=seed,
        audience=audience,
        thorough=thorough,
        effort=effort if effort.tame else OFF,
        sender=stand_in,
        patient=False,
    ) as conductor:
        conductor.begin(keys)
        conductor.traffic()
    return Cost(
        requests=tally.requests,
        tokens=tally.tokens.prompt + tally.tokens.completion,
        generated=0 if effort.tame else effort.requests,
    )
