"""The plan of a run: it counts what will be sent, also where answers break off, and touches nothing."""

from __future__ import annotations

from pathlib import Path

from chatconform.plays.scenario import Scenario, keys_of
from chatconform.running.features import UPSTREAM_TRIGGERS
from chatconform.running.rehearsal import rehearse
from chatconform.suites.gate.failures import down, failing_midway, hiccup, stalling
from chatconform.suites.gate.scenarios import bare, continued, forwarded
from chatconform.suites.stream.failures import cut_off


def requests(*scenarios: Scenario, upstream: Path | None = None) -> int:
    """How many requests these scenarios are said to take, on all their paths."""
    declared = {**UPSTREAM_TRIGGERS, **({"recording-upstream": str(upstream)} if upstream else {})}
    keys = [key for scenario in scenarios for key in keys_of(scenario)]
    return rehearse(keys, declared=declared, seed="tests").requests


def test_an_answer_that_breaks_off_is_counted() -> None:
    """What is cut was sent, and so is the control after it."""
    assert requests(cut_off) == 2


def test_a_run_against_a_gateway_is_rehearsed_without_its_record(tmp_path: Path) -> None:
    """The rehearsal has a record of its own: that of the upstream is neither read nor written."""
    record = tmp_path / "upstream.jsonl"
    record.write_text("not ours\n")

    assert requests(bare, continued, upstream=record) == 2 + 2 * 3
    assert requests(forwarded, upstream=record) == 2 * 6
    # Each failure is followed by a control.
    assert requests(down, hiccup, failing_midway, stalling, upstream=record) == 2 * (2 + 2 + 3 + 1)
    assert record.read_text() == "not ours\n"
