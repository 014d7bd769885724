"""Targets that die, hang, fail or refuse in the middle of a run: it ends soon, and blames nobody wrongly."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from chatconform.findings.verdict import Judgement, Verdict
from chatconform.record import Record, read_record
from chatconform.running.embedded import EmbeddedServer
from chatconform.tests.support.ill import (
    Illness,
    IllTarget,
    answers,
    dies,
    drips,
    hangs,
    hangs_in_streams,
    refuses_for,
)
from chatconform.wire.exchange import Exchange

TIMEOUT = 2.0
# What the tool needs to start, to judge and to print on a machine that is busy; four time-outs are the rule.
BOUND = 4 * TIMEOUT + 50
AREAS = ("RESP", "STREAM", "STOP", "REQ", "ERR")
UNMEASURED = {Verdict.ERROR, Verdict.INCONCLUSIVE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """A run from a shell: what it printed, how it ended, how long it took, and its record."""

    output: str
    code: int
    seconds: float
    record: Record

    @property
    def judgements(self) -> dict[tuple[str, str], Judgement]:
        return {(each.check, each.path): each for each in self.record.judgements}

    @property
    def illnesses(self) -> set[str]:
        return {each.illness for each in self.record.exchanges if each.illness}

    def names_an_illness(self, judgement: Judgement) -> bool:
        return any(illness in judgement.reason for illness in self.illnesses)


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedServer]:
    with EmbeddedServer("--ping-seconds", "0") as running:
        yield running


def run(target: IllTarget, out: Path, *, timeout: float = TIMEOUT, areas: tuple[str, ...] = AREAS) -> Ran:
    asked = [option for area in areas for option in ("-r", area)]
    begin = time.monotonic()
    ended = subprocess.run(
        [
            *(sys.executable, "-m", "chatconform", "run", target.url, "--out", str(out)),
            *("--timeout", str(timeout), "-c", "4", "--clients=none", *asked),
        ],
        env={**os.environ, "COLUMNS": "100", "CHATCONFORM_KEY": target.server.key},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    seconds = time.monotonic() - begin
    assert "Traceback" not in ended.stdout + ended.stderr
    (file,) = out.glob("*.jsonl")
    return Ran(
        output=" ".join(ended.stdout.split()),
        code=ended.returncode,
        seconds=seconds,
        record=read_record(file),
    )


@pytest.fixture(scope="module")
def healthy(server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """What the same target gives when it stays well."""
    with IllTarget(server, hangs, well_for=sys.maxsize) as target:
        return run(target, tmp_path_factory.mktemp("healthy"), timeout=30.0)


def expect_honest(ran: Ran, healthy: Ran) -> None:
    """The record is whole, what was measured stands, and what was not says why."""
    assert ran.record.footer is not None
    assert ran.record.footer.complete
    assert ran.judgements.keys() == healthy.judgements.keys()
    ill = {each.id for each in ran.record.exchanges if each.illness}
    for key, judgement in ran.judgements.items():
        assert judgement.verdict is not Verdict.FAIL, judgement
        if judgement.verdict is healthy.judgements[key].verdict:
            continue
        # It differs, so the illness must be why, and be said.
        assert judgement.verdict in UNMEASURED, judgement
        assert ran.names_an_illness(judgement), judgement
    untouched = [each for each in ran.record.judgements if not ill & set(each.exchanges) and each.exchanges]
    assert any(each.verdict is Verdict.PASS for each in untouched)
    assert any(each.verdict is Verdict.ERROR for each in ran.record.judgements)


@pytest.mark.parametrize(
    ("illness", "told"),
    [
        pytest.param(dies, "the target was given up", id="dies"),
        pytest.param(hangs, f"no answer came within {TIMEOUT:g} s", id="hangs"),
        pytest.param(drips, f"the answer did not end within {TIMEOUT:g} s", id="drips"),
        pytest.param(answers(429, "Retry-After: 30"), "429 Reason, Retry-After: 30", id="429"),
        pytest.param(answers(500), "500 Reason", id="500"),
        pytest.param(answers(503), "503 Reason", id="503"),
        pytest.param(hangs_in_streams, "streaming was given up", id="hangs-in-streams"),
    ],
)
def test_a_target_that_falls_ill_for_good(
    illness: Illness, told: str, server: EmbeddedServer, healthy: Ran, tmp_path: Path
) -> None:
    """The run ends soon with exit code 3, says when the target was given up and why, and fails nothing."""
    with IllTarget(server, illness, well_for=len(healthy.record.exchanges) // 3) as target:
        ran = run(target, tmp_path)

    assert ran.seconds < BOUND
    assert target.requests < len(healthy.record.exchanges) + 40
    assert ran.code == 3, ran.output
    expect_honest(ran, healthy)
    assert any(told in each for each in ran.illnesses), ran.illnesses
    assert told in ran.output
    assert "s into the run" in ran.output


def test_a_target_that_is_well_for_the_first_calls_only(
    server: EmbeddedServer, healthy: Ran, tmp_path: Path
) -> None:
    """Where everything fails after the smoke calls, nothing is measured and nothing fails."""
    smoke = sum(each.scenario == "smoke" for each in healthy.record.exchanges)
    with IllTarget(server, answers(500), well_for=smoke) as target:
        ran = run(target, tmp_path)

    assert ran.code == 3, ran.output
    # What the target does not declare is not asked of it, ill or well.
    asked = [each for each in ran.record.judgements if each.verdict is not Verdict.NOT_APPLICABLE]
    assert {each.verdict for each in asked} == {Verdict.ERROR}
    assert all(ran.names_an_illness(each) for each in asked)


def test_a_target_that_recovers_is_measured_to_the_end(
    server: EmbeddedServer, healthy: Ran, tmp_path: Path
) -> None:
    """Three seconds of refusals in the middle of a run cost no verdict."""
    with IllTarget(server, refuses_for(3.0), well_for=len(healthy.record.exchanges) // 3) as target:
        ran = run(target, tmp_path, timeout=5.0)

    assert any(_status(each) == 429 for each in ran.record.exchanges)
    assert verdicts(ran) == verdicts(healthy)
    assert ran.code == healthy.code == 0, ran.output


def test_what_had_really_failed_stays_failed(server: EmbeddedServer, healthy: Ran, tmp_path: Path) -> None:
    """A defect that was seen before the target died decides the exit code, and no other check fails."""

    def spoil(answer: bytes) -> bytes:
        return answer.replace(b'"object":"chat.completion",', b'"object":"chat_completion",')

    with IllTarget(server, dies, len(healthy.record.exchanges) // 3, spoil) as target:
        ran = run(target, tmp_path)

    failed = {each.requirement for each in ran.record.judgements if each.verdict is Verdict.FAIL}
    assert "CC-RESP-001" in failed
    assert all(each.startswith("CC-RESP-") for each in failed)
    assert ran.code == 1, ran.output
    assert "the target was given up" in ran.output


def verdicts(ran: Ran) -> dict[tuple[str, str], Verdict]:
    return {key: each.verdict for key, each in ran.judgements.items()}


def _status(exchange: Exchange) -> int:
    return exchange.response.status if exchange.response else 0
