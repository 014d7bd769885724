"""How near a run comes to its bound: the time that all exchanges took, divided by the requests in flight.

    uv run python bench/run_overhead.py [--latency 0.3] [--concurrency 8]

Prints the ratio of the run's wall time to that bound, from the run's own record. 1.0 cannot be beaten; a run
is compared with itself, so the figure carries over to other machines.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from chatconform.record import read_record
from chatconform.running.embedded import EmbeddedServer


def measure(latency: float, concurrency: int) -> None:
    """One run against a server that waits before each answer."""
    with EmbeddedServer("--latency", str(latency)) as server, tempfile.TemporaryDirectory() as out:
        command = [sys.executable, "-m", "chatconform", "run", server.url, "--key", server.key]
        options = ["--concurrency", str(concurrency), "--out", out]
        subprocess.run([*command, *options], check=False, capture_output=True)
        (path,) = Path(out).glob("*.jsonl")
        record = read_record(path)
    sent = [exchange for exchange in record.exchanges if exchange.scenario != "smoke"]
    busy = sum(exchange.elapsed for exchange in sent)
    first = min(exchange.started for exchange in sent)
    last = max(exchange.started + exchange.elapsed for exchange in sent)
    bound = busy / concurrency
    print(f"{len(sent)} exchanges, {busy:.1f} s of waiting, {concurrency} in flight: bound {bound:.2f} s")
    print(f"all exchanges took {last - first:.2f} s: {(last - first) / bound:.2f} x the bound")
    wall = record.footer.wall if record.footer else float("nan")
    print(f"the whole run took {wall:.2f} s: {wall / bound:.2f} x the bound")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--latency", type=float, default=0.3)
    parser.add_argument("--concurrency", type=int, default=8)
    options = parser.parse_args()
    measure(options.latency, options.concurrency)
