"""What it costs to check several targets at once: the time of all, divided by that of the slowest alone.

    uv run python bench/targets.py [--latency 0.2] [--profile standard]

Five reference servers wait one to five times `--latency` before each answer, and get different numbers of
requests at a time. The slowest is checked alone, and then all of them; 1.0 cannot be beaten. A run costs some
ten seconds of a processor whatever the target: five on two cores hide behind a target that is slow enough.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from chatconform.running.embedded import EmbeddedServer

CONCURRENCIES = (2, 3, 4, 6, 8)


def measure(latency: float, profile: str) -> None:
    """Print the ratio for one set of servers."""
    with ExitStack() as stack, tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        servers = [
            stack.enter_context(EmbeddedServer("--latency", str(n * latency)))
            for n in range(1, len(CONCURRENCIES) + 1)
        ]
        keys = {f"KEY_{n}": server.key for n, server in enumerate(servers)}
        (place / "chatconform.toml").write_text(
            "".join(
                f"[targets.t{n}]\nurl = '{server.url}'\nkey-env = 'KEY_{n}'\nconcurrency = {concurrency}\n"
                for n, (server, concurrency) in enumerate(zip(servers, CONCURRENCIES, strict=True))
            ),
            encoding="utf-8",
        )
        # The bound of a run is the time of all exchanges divided by the requests in flight.
        slowest = max(range(len(servers)), key=lambda n: (n + 1) / CONCURRENCIES[n])
        alone = timed(place, keys, profile, f"t{slowest}")
        together = timed(place, keys, profile, *(f"t{n}" for n in range(len(servers))))
    print(f"the slowest alone: {alone:.1f} s; all together: {together:.1f} s, {together / alone:.2f} x that")


def timed(place: Path, keys: dict[str, str], profile: str, *names: str) -> float:
    """The seconds of a run of these targets."""
    command = [sys.executable, "-m", "chatconform", "run", *names, "--profile", profile]
    begin = time.monotonic()
    subprocess.run(command, check=True, cwd=place, env={**os.environ, **keys}, capture_output=True)
    return time.monotonic() - begin


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--latency", type=float, default=0.2)
    parser.add_argument("--profile", default="standard")
    options = parser.parse_args()
    measure(options.latency, options.profile)
