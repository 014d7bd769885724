"""Runs of the suites against a gateway whose upstream records, as a user would start them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from chatconform.contract import load_contract
from chatconform.findings.verdict import SEVERITY, Judgement
from chatconform.record import Record, read_record
from chatconform.reference_server import Settings, create_app
from chatconform.reference_server.settings import TRIGGERS
from chatconform.reference_server.threaded import ThreadedServer
from chatconform.running.features import UPSTREAM_TRIGGERS
from chatconform.tests.support.gateway.honest import Gateway

SECONDS = 120
# Longer than the gateways wait.
STALL_SECONDS = 3.0


def upstream_settings(record: Path, **settings: object) -> Settings:
    """The settings of `chatconform serve --record`, for tests that wait no longer than they must."""
    triggers = {TRIGGERS[word]: text for word, text in UPSTREAM_TRIGGERS.items()}
    return Settings(**{**triggers, "record": record, "stall_seconds": STALL_SECONDS, **settings})  # type: ignore[arg-type]


@contextmanager
def in_front(gateway: Callable[[str], Gateway], record: Path) -> Iterator[str]:
    """A gateway in front of an upstream that records to a file; yields its base URL."""
    with (
        ThreadedServer(create_app(load_contract(), upstream_settings(record))) as upstream,
        ThreadedServer(gateway(upstream.site)) as server,
    ):
        yield f"{server.site}/v1"


def run(gateway: Callable[[str], Gateway], folder: Path, *arguments: str) -> Record:
    """The record of a run against a gateway."""
    record, out = folder / "upstream.jsonl", folder / "runs"
    with in_front(gateway, record) as url:
        command = [sys.executable, "-m", "chatconform", "run", url, "--model", "reference-1"]
        command += ["--upstream", str(record), "--out", str(out), "--clients=none", *arguments]
        ran = subprocess.run(
            command, env=_environment(), capture_output=True, text=True, timeout=SECONDS, check=False
        )
    # 3: too little could be measured to say whether it conforms.
    assert ran.returncode in {0, 1, 3}, ran.stdout + ran.stderr
    (file,) = out.glob("*.jsonl")
    return read_record(file)


def by_requirement(record: Record) -> dict[str, Judgement]:
    """The worst judgement of each requirement."""
    judged: dict[str, Judgement] = {}
    for each in sorted(record.judgements, key=lambda each: SEVERITY.index(each.verdict)):
        judged.setdefault(each.requirement, each)
    return judged


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "CHATCONFORM_KEY"}
