"""Watches the memory of the reference server under deep fuzzing: `python bench/deep_memory.py [REQUESTS]`.

The server is warm after the first tenth of its samples. A single large request may take more for its moment;
what is left at the end has to be what the warm server had. The most of each tenth of the run shows whether
the memory is flat, climbs with the requests, or took a step.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from chatconform.running.embedded import EmbeddedServer
from chatconform.running.features import REFERENCE_FEATURES, reference_options

_SECONDS = 1.0
# Of the memory that the warm server had: a leak of a kilobyte for each of ten thousand requests exceeds it.
_GROWTH = 1.2
_BARS = "▁▂▃▄▅▆▇█"


def main() -> None:
    """Run the whole suite with deep fuzzing, sample, report."""
    requests = sys.argv[1] if len(sys.argv) > 1 else "10000"
    begin = time.perf_counter()
    with (
        TemporaryDirectory(prefix="chatconform-") as folder,
        EmbeddedServer(*reference_options(REFERENCE_FEATURES)) as server,
    ):
        said = Path(folder) / "said"
        run = _run(server, requests, Path(folder) / "out", said)
        samples = list(_samples(server.pid, run))
        lines = said.read_text(encoding="utf-8").splitlines()
    warm, end = samples[len(samples) // 10], samples[-1]
    print("\n".join(lines[-12:]))
    print(f"exit code {run.returncode}, {time.perf_counter() - begin:.0f} s")
    print(f"memory of the server: {warm} MB warm, {max(samples)} MB at most, {end} MB at the end")
    print(f"the most in each tenth of the run: {_drawn(_tenths(samples))}")
    sys.exit(0 if run.returncode == 0 and end <= _GROWTH * warm else 1)


def _run(server: EmbeddedServer, requests: str, out: Path, said: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "chatconform", "run", server.url, "--fuzz", "deep"]
    command += ["--fuzz-requests", requests, "--clients", "none", "--model", server.model]
    command += ["--key-env", "CHATCONFORM_KEY", "--out", str(out)]
    for feature, value in REFERENCE_FEATURES.items():
        command += ["--declare", f"{feature}={value}" if value else feature]
    with said.open("wb") as heard:
        return subprocess.Popen(
            command,
            stdout=heard,
            stderr=subprocess.STDOUT,
            env={**os.environ, "CHATCONFORM_KEY": server.key},
        )


def _samples(pid: int, run: subprocess.Popen[str]) -> Iterator[int]:
    """The resident memory of a process in MB, until the run has ended."""
    while run.poll() is None:
        yield _resident(pid)
        time.sleep(_SECONDS)


def _tenths(samples: list[int]) -> list[int]:
    """The most of each tenth of the samples; of fewer than ten samples, these."""
    tenths = min(10, len(samples))
    bounds = [len(samples) * index // tenths for index in range(tenths + 1)]
    return [max(samples[begin:end]) for begin, end in pairwise(bounds)]


def _drawn(samples: list[int]) -> str:
    # From zero on: a scale that begins at the least would draw a mountain of every megabyte.
    bars = "".join(_BARS[(len(_BARS) - 1) * each // max(samples)] for each in samples)
    return f"{bars} ({', '.join(map(str, samples))} MB)"


def _resident(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines():
        name, _, value = line.partition(":")
        if name == "VmRSS":
            return int(value.split()[0]) // 1024
    return 0


if __name__ == "__main__":
    main()
