"""How reliably quick fuzzing finds faults, and what it adds to a run: `python bench/fuzzing.py [SEEDS]`.

Ten faults of the catalogue were chosen before anything was measured, one for each way to go wrong. Each is
met by the generated requests alone, with as many seeds as asked for (ten by default); reds are counted.
"""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace
from tempfile import TemporaryDirectory

from chatconform.client.target import Target
from chatconform.findings.verdict import Verdict
from chatconform.fuzzing.effort import QUICK
from chatconform.judging.check import OfTraffic
from chatconform.ledger import load_ledger
from chatconform.ledger.profile import load_profile
from chatconform.plays.conductor import Audience, Conductor
from chatconform.plays.path import EVERYWHERE
from chatconform.reference_server.faults import HEADER
from chatconform.running.catalogue import all_checks
from chatconform.running.embedded import EmbeddedServer
from chatconform.running.features import REFERENCE_FEATURES, reference_options
from chatconform.running.hearing import Hearing, paths_of

FAULTS = (
    "temperature-above-taken",
    "n-below-crashes",
    "invented-role-taken",
    "streamed-refusals-422",
    "error-message-object",
    "error-as-detail",
    "405-without-allow",
    "completion-created-missing",
    "chunk-model-missing",
    "bad-types-not-implemented",
)


def reds(target: Target, seed: str) -> tuple[set[str], int]:
    """The requirements that the generated requests alone turn red, and how many requests there were."""
    ledger, sent = load_ledger(), []
    audience = Audience(on_exchange=sent.append, on_play=lambda _: None)
    with Conductor(target, seed=seed, audience=audience, effort=QUICK) as conductor:
        hearing = Hearing(
            plays=conductor,
            ledger=ledger,
            declared=target.declared,
            lacks=target.lacks,
            paths=paths_of(load_profile("standard", ledger)),
        )
        checks = sorted(all_checks(), key=lambda made: isinstance(made, OfTraffic))
        own = [made for made in checks if made.id.startswith("contract.")]
        conductor.begin(dict.fromkeys(key for made in own for key in hearing.keys(made, "plain")))
        found = [
            hearing.judge(made, EVERYWHERE if isinstance(made, OfTraffic) else "plain")
            for made in checks
            if made in own or isinstance(made, OfTraffic)
        ]
    return {each.requirement for each in found if each.verdict is Verdict.FAIL}, len(sent)


def seconds_of_a_run(url: str, key: str, fuzz: str) -> float:
    """The wall time of a whole run against a server."""
    with TemporaryDirectory() as out:
        command = [
            sys.executable,
            "-m",
            "chatconform",
            "run",
            url,
            "--key",
            key,
            "--fuzz",
            fuzz,
            "--out",
            out,
        ]
        started = time.perf_counter()
        subprocess.run(command, check=False, capture_output=True)
        return time.perf_counter() - started


def main() -> None:
    """Print a line for each fault, and what quick fuzzing adds to a run."""
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    with EmbeddedServer(*reference_options(REFERENCE_FEATURES)) as server:
        target = Target(
            url=server.url, key=server.key, model=server.model, declared=REFERENCE_FEATURES, timeout=10.0
        )
        green = [reds(target, f"seed-{n}") for n in range(seeds)]
        wrong = sorted(set().union(*(red for red, _ in green)))
        print(
            f"{'no fault':32} red: {' '.join(wrong) or 'nothing'}; {max(sent for _, sent in green)} requests"
        )
        for fault in FAULTS:
            spoilt = replace(target, headers=((HEADER, fault),))
            found = [reds(spoilt, f"seed-{n}")[0] for n in range(seeds)]
            named = sorted(set.intersection(*found)) if all(found) else sorted(set.union(*found))
            print(
                f"{fault:32} red with {sum(map(bool, found))} of {seeds} seeds: {' '.join(named)}", flush=True
            )
        for fuzz in ("off", "quick"):
            walls = sorted(seconds_of_a_run(server.url, server.key, fuzz) for _ in range(3))
            print(
                f"a run with --fuzz {fuzz}: {walls[1]:.1f} s (median of 3: {walls[0]:.1f} to {walls[2]:.1f})"
            )


if __name__ == "__main__":
    main()
