"""Holds the stated error rates of a sampling against runs: `python bench/sampling.py [RUNS] [SAMPLING]`.

The target is the reference server, whose forced tool calls come with a given probability. Each run judges the
check of `tool_choice: required` with everything that a real run has but the socket. Beside the mean number of
attempts stands what is known exactly, and what a fixed number of attempts with the same error rates costs.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from types import MappingProxyType

from rich import box
from rich.console import Console
from rich.table import Table
from scipy.stats import binomtest

from chatconform.client.target import Target
from chatconform.contract import load_contract
from chatconform.findings.verdict import Judgement, Verdict
from chatconform.judging.characteristics import characteristics, fixed_attempts
from chatconform.judging.check import AnyCheck
from chatconform.judging.sampling import RELIABLE, Sampling, sampling_named
from chatconform.ledger import load_ledger
from chatconform.plays.conductor import Audience, Conductor
from chatconform.resources import load
from chatconform.running.catalogue import all_checks
from chatconform.running.hearing import Hearing
from chatconform.running.standin import StandIn

CHECK = "choice.required_gives_a_call_against_the_prompt"
FAULT = "tool-choice-required-ignored-plain"
PATH = "plain"
PROBABILITIES = (0.90, 0.97, 0.995, 1.0)
# How unlikely a number of runs has to be, had the stated rate held, before it counts against it.
_SIGNIFICANCE = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated:
    """What came of the runs against a target of one probability."""

    probability: float
    passed: int
    runs: int
    attempts: float


def main() -> None:
    """Simulate, print a table, and end with 1 where a stated error rate does not hold."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    sampling = sampling_named(sys.argv[2]) if len(sys.argv) > 2 else RELIABLE
    probabilities = sorted({*PROBABILITIES, sampling.bad, sampling.good})
    found = [simulated(probability, sampling, runs) for probability in probabilities]
    Console().print(_table(found, sampling))
    sys.exit(0 if all(holds(each, sampling) for each in found) else 1)


def simulated(probability: float, sampling: Sampling, runs: int) -> Simulated:
    """So many runs against a target whose tool calls succeed with this probability."""
    judgements = list(_judgements(probability, sampling, runs))
    return Simulated(
        probability=probability,
        passed=sum(judgement.verdict is Verdict.PASS for judgement in judgements),
        runs=runs,
        attempts=sum(len(judgement.attempts) or 1 for judgement in judgements) / runs,
    )


def holds(found: Simulated, sampling: Sampling) -> bool:
    """Whether the runs speak against the stated error rates; between good and bad none is stated."""
    if found.probability >= sampling.good:
        wrong, rate = found.runs - found.passed, sampling.alpha
    elif found.probability <= sampling.bad:
        wrong, rate = found.passed, sampling.beta
    else:
        return True
    return bool(binomtest(wrong, found.runs, rate, alternative="greater").pvalue >= _SIGNIFICANCE)


def _judgements(probability: float, sampling: Sampling, runs: int) -> Iterable[Judgement]:
    faults = (f"{FAULT}@{1 - probability:.4f}",) if probability < 1 else ()
    server = load("reference_server")
    settings = server.Settings(keys=("sk-bench",), faults=faults)
    app = server.create_app(load_contract(), settings)
    target = Target(url="http://bench.invalid/v1", key="sk-bench", model=settings.models[0].id)
    made = next(each for each in all_checks() if each.id == CHECK)
    for number in range(runs):
        yield _judged(made, target, StandIn(target, app), sampling, seed=f"bench/{number}")


def _judged(made: AnyCheck, target: Target, sender: StandIn, sampling: Sampling, *, seed: str) -> Judgement:
    unheard = Audience(on_exchange=lambda _: None, on_play=lambda _: None)
    with Conductor(target, seed=seed, audience=unheard, sender=sender, patient=False) as conductor:
        hearing = Hearing(
            plays=conductor,
            ledger=load_ledger(),
            declared=MappingProxyType({}),
            lacks=(),
            paths=(PATH,),
            sampling=sampling,
        )
        return hearing.judge(made, PATH)


def _table(found: Iterable[Simulated], sampling: Sampling) -> Table:
    what = f"{sampling.name}: good from {sampling.good}, bad up to {sampling.bad}"
    table = Table(title=f"{what}; a fixed number takes {fixed_attempts(sampling)} attempts", box=box.SIMPLE)
    for name in ("p", "runs", "passed", "exactly", "stated", "attempts", "exactly"):
        table.add_column(name, justify="right", no_wrap=True)
    for each in found:
        exact = characteristics(sampling, each.probability)
        table.add_row(
            f"{each.probability}",
            f"{each.runs}",
            f"{each.passed / each.runs:.1%}",
            f"{exact.passes:.1%}",
            f"{_stated(each.probability, sampling)} {'✓' if holds(each, sampling) else '✗'}",
            f"{each.attempts:.1f}",
            f"{exact.attempts:.1f}",
        )
    return table


def _stated(probability: float, sampling: Sampling) -> str:
    if probability >= sampling.good:
        return f">= {1 - sampling.alpha:.0%}"
    return f"<= {sampling.beta:.0%}" if probability <= sampling.bad else "nothing"


if __name__ == "__main__":
    main()
