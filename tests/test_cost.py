"""What a run costs: requests are money and time, and are promised in numbers."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from chatconform.findings.verdict import Verdict
from chatconform.fuzzing.effort import QUICK
from chatconform.fuzzing.taming import TINY
from chatconform.record import Record, read_record

MEASURED = {Verdict.PASS, Verdict.FAIL, Verdict.UNSUPPORTED}


def run(profile: str, out: Path, *options: str) -> Record:
    ran = subprocess.run(
        [sys.executable, "-m", "chatconform", "run", "--profile", profile, "--out", str(out), *options],
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    (file,) = out.glob("*.jsonl")
    return read_record(file)


def judged(record: Record) -> int:
    """How many requirements were judged: held, broken or refused cleanly."""
    assert record.footer is not None
    return sum(count for verdict, count in record.footer.verdicts.items() if verdict in MEASURED)


def requests(record: Record) -> int:
    assert record.footer is not None
    return record.footer.requests


def test_the_standard_profile_sends_one_request_for_two_requirements(tmp_path: Path) -> None:
    """What a standard run sends of its own is at most half as many requests as it judges rules."""
    record = run("standard", tmp_path, "--fuzz", "off")

    assert judged(record) > 200
    assert requests(record) <= judged(record) / 2


def test_generated_requests_keep_to_their_bound_and_cost_hardly_a_token(tmp_path: Path) -> None:
    """Quick fuzzing adds at most its 200 requests, most of which are refused, and few tokens with them."""
    without = run("standard", tmp_path / "off", "--fuzz", "off")
    record = run("standard", tmp_path / "quick")

    assert record.footer is not None
    assert without.footer is not None
    assert 100 < requests(record) - requests(without) <= QUICK.requests
    added = record.footer.tokens.completion - without.footer.tokens.completion
    assert 0 < added < 20 * TINY


def test_the_quick_profile_judges_much_with_little(tmp_path: Path) -> None:
    """The quick profile stays under 25 requests, and judges more than 80 requirements."""
    record = run("quick", tmp_path)

    assert requests(record) < 25
    assert judged(record) > 80


@pytest.mark.parametrize("profile", ["text", "full", "strict", "streaming", "tools"])
def test_the_other_profiles_hold_on_the_reference_server(profile: str, tmp_path: Path) -> None:
    """Every shipped profile passes on the reference server, and measures what it promises."""
    record = run(profile, tmp_path)

    assert record.footer is not None
    assert not record.footer.verdicts.get(Verdict.FAIL, 0)
    assert not record.footer.verdicts.get(Verdict.ERROR, 0)
