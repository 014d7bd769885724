"""What it costs a run that a client reads every answer: the run with it, divided by the run without.

    uv run python bench/oracles.py [--latency 0.0] [--rounds 5] [--clients openai]

Runs with and without take turns, so that whatever else the machine does meets both; the smallest of each
counts. Prints ratios, which carry over to other machines, of the wall time that a user waits and of the CPU
time of all processes but the server's.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from chatconform.record import read_record
from chatconform.running.embedded import EmbeddedServer


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a run took, in seconds; `receptions` is how often a client read an answer."""

    wall: float
    cpu: float
    receptions: int


def run(server: EmbeddedServer, clients: str) -> Cost:
    """One run, from the start of its process to the end of its report."""
    with tempfile.TemporaryDirectory() as out:
        command = [sys.executable, "-m", "chatconform", "run", server.url, "--key", server.key]
        begin, spent = time.perf_counter(), os.times()
        subprocess.run([*command, "--out", out, "--clients", clients], check=False, capture_output=True)
        wall, now = time.perf_counter() - begin, os.times()
        (path,) = Path(out).glob("*.jsonl")
        standings = read_record(path).standings
    cpu = now.children_user + now.children_system - spent.children_user - spent.children_system
    read = sum(sum(door.outcomes.values()) for standing in standings for door in standing.doors)
    return Cost(wall=wall, cpu=cpu, receptions=read)


def measure(latency: float, rounds: int, clients: str) -> None:
    """Run with and without in turns."""
    with EmbeddedServer("--latency", str(latency)) as server:
        turns = [(run(server, "none"), run(server, clients)) for _ in range(rounds)]
    without, beside = zip(*turns, strict=True)
    read = beside[0].receptions
    wall = min(cost.wall for cost in beside) / min(cost.wall for cost in without)
    cpu = min(cost.cpu for cost in beside) / min(cost.cpu for cost in without)
    extra = min(cost.cpu for cost in beside) - min(cost.cpu for cost in without)
    print(f"{clients}: {read} readings, latency {latency:g} s")
    print(f"wall {wall:.2f} x the run without, {min(cost.wall for cost in without):.2f} s")
    print(f"CPU  {cpu:.2f} x the run without, {1000 * extra / read:.1f} ms a reading, its start included")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--latency", type=float, default=0.0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--clients", default="openai")
    options = parser.parse_args()
    measure(options.latency, options.rounds, options.clients)
