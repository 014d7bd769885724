"""`chatconform soak`: whole runs against real servers, some of which are otherwise every now and then."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from chatconform.cli.apart import News
from chatconform.cli.run_options import DEFAULT_OUT
from chatconform.cli.soaking import Bounds, Failed, Performed, perform_soak
from chatconform.client.target import Target
from chatconform.errors import NotMeasured
from chatconform.history.glance import Glance
from chatconform.record import read_record
from chatconform.running.embedded import EmbeddedServer
from chatconform.running.run import Run
from chatconform.tests.support.flaky import after, by_turns, in_chats, well, with_fault
from chatconform.tests.support.ill import Illness, IllTarget, answers, dies
from chatconform.tests.test_cli import chatconform, heeds_ctrl_c, refused, wait_for

__all__ = ["heeds_ctrl_c"]
RULES = ("STOP-001", "STREAM-003", "USAGE-001")
CHOSEN = tuple(part for rule in RULES for part in ("-r", rule))


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedServer]:
    with EmbeddedServer("--ping-seconds", "0") as running:
        yield running


def soak(
    target: IllTarget, folder: Path, *options: str, rules: tuple[str, ...] = CHOSEN
) -> subprocess.CompletedProcess[str]:
    shared = ("--clients", "none", "--timeout", "5", *rules)
    return chatconform("soak", target.url, *shared, *options, cwd=folder, CHATCONFORM_KEY=target.server.key)


def ill(server: EmbeddedServer, *moods: Illness) -> IllTarget:
    return IllTarget(server, by_turns(*moods), well_for=0)


def document(folder: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((folder / "soak.json").read_text(encoding="utf-8"))
    return told


def test_a_good_server_has_no_unstable_verdict(server: EmbeddedServer, tmp_path: Path) -> None:
    """A line a run, a record a run with the same seed, and exit code 0."""
    with ill(server, well) as target:
        ran = soak(target, tmp_path, "--runs", "2", "--format", "json")

    assert ran.returncode == 0, ran.stdout + ran.stderr
    told = json.loads(ran.stdout)
    assert told["unstable"] == []
    assert "✓ no verdict is unstable" in ran.stderr
    for number in (1, 2):
        assert f"run {number} of 2: ✓ 3  " in ran.stderr
    records = sorted((tmp_path / DEFAULT_OUT).glob("*.jsonl"))
    assert [Path(run["record"]).name for run in told["runs"]] == [file.name for file in records]
    assert {read_record(file).header.seed for file in records} == {"chatconform"}


def test_a_defect_that_comes_and_goes_is_found_with_its_cause(server: EmbeddedServer, tmp_path: Path) -> None:
    """Which verdicts, in which runs, two exchanges that show it, and what the flaky list lacks."""
    with ill(server, well, with_fault("stop-ignored"), well, with_fault("stream-without-done")) as target:
        first = chatconform(
            "run", target.url, "--clients", "none", *CHOSEN, "--baseline", "b.yaml", "--baseline-update",
            cwd=tmp_path, CHATCONFORM_KEY=server.key,
        )  # fmt: skip
        assert first.returncode == 0, first.stdout + first.stderr
        flaky = "flaky:\n  - requirement: CC-STREAM-003\n    reason: known\n"
        with (tmp_path / "b.yaml").open("a", encoding="utf-8") as file:
            file.write(flaky)
        before = (tmp_path / "b.yaml").read_bytes()
        ran = soak(
            target, tmp_path, "--runs", "4", "--baseline", "b.yaml", "--format", "json=soak.json",
            "--format", "summary=soak.md", "--out", "records",
        )  # fmt: skip

    assert ran.returncode == 1, ran.stdout + ran.stderr
    told = {(each["requirement"], each["path"]): each for each in document(tmp_path)["unstable"]}
    # The run before the soak was the first turn, so that the defects are those of the runs 1 and 3.
    stop = told["CC-STOP-001", "plain"]
    assert {each["verdict"]: each["runs"] for each in stop["verdicts"]} == {"pass": [2, 3, 4], "fail": [1]}
    assert {each["causes"][0] for each in told.values()} == {"answers-differ"}
    assert {name for name, _ in told} == {"CC-STOP-001", "CC-STREAM-003"}
    shown, like = stop["attributions"][0]["shown_by"]
    bodies = []
    for exhibit in (shown, like):
        record = read_record(tmp_path / exhibit["record"])
        exchange = next(each for each in record.exchanges if each.id == exhibit["exchange"])
        bodies.append(exchange.request.body)
        assert exchange.response is not None
        assert exhibit["shows"].startswith(str(exchange.response.status))
    assert bodies[0] == bodies[1]
    assert "✗ fail  1 of 4 (95 %: 1 to 81 %), run 1" in ran.stdout
    assert "- requirement: CC-STOP-001  # MUST" in ran.stdout
    assert "- requirement: CC-STREAM-003" not in ran.stdout
    assert "in the flaky list of b.yaml already: CC-STREAM-003" in ran.stdout
    assert (tmp_path / "b.yaml").read_bytes() == before
    assert "| CC-STOP-001 (MUST)" in (tmp_path / "soak.md").read_text(encoding="utf-8")


def test_a_target_that_falls_ill_in_a_run_is_told_from_a_flaky_one(
    server: EmbeddedServer, tmp_path: Path
) -> None:
    """Its verdicts change for a reason of their own, and are not proposed."""
    with ill(server, well, after(4, answers(503))) as target:
        ran = soak(target, tmp_path, "--runs", "2", "--format", "json=soak.json", "--timeout", "2")

    assert ran.returncode == 1, ran.stdout + ran.stderr
    told = document(tmp_path)
    assert {cause for each in told["unstable"] for cause in each["causes"]} == {"target-ill"}
    assert told["proposed"] == []
    assert "not proposed, for it is to be mended" in ran.stdout


def test_a_target_that_is_not_there_ends_it_at_once(tmp_path: Path) -> None:
    """In one sentence, with the exit code of what was not measured."""
    ran = chatconform("soak", "http://127.0.0.1:1/v1", "--runs", "9", "-r", "STOP-001", cwd=tmp_path)

    assert ran.returncode == 3
    assert "error: GET http://127.0.0.1:1/v1/models: cannot connect to 127.0.0.1:1" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert list(tmp_path.rglob("*.jsonl")) == []


@pytest.mark.usefixtures("heeds_ctrl_c")
def test_ctrl_c_ends_it_with_what_there_is(server: EmbeddedServer, tmp_path: Path) -> None:
    """The run that was going on is left out, its record is ended, and nobody is told that all is well."""
    with ill(server, well) as target:
        running = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "chatconform",
                "soak",
                target.url,
                "--hours",
                "1",
                *CHOSEN,
                "--clients",
                "none",
            ],
            cwd=tmp_path,
            env={**os.environ, "CHATCONFORM_KEY": server.key},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        wait_for(lambda: len(list(tmp_path.rglob("*.jsonl"))) == 3)
        running.send_signal(signal.SIGINT)
        told, _ = running.communicate(timeout=60)

    assert running.returncode == 3, told
    assert "Traceback" not in told
    assert "interrupted" in told
    assert "nothing changed in" in told


@dataclass
class Notes:
    """What an audience was told."""

    begun: list[int] = field(default_factory=list)
    runs: list[int] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)

    def begin(self, number: int) -> None:
        self.begun.append(number)

    def tell(self, news: News) -> None:
        assert news

    def performed(self, run: Performed, before: Glance | None) -> None:
        assert (before is None) is (run.number == 1)
        self.runs.append(run.number)

    def failed(self, run: Failed) -> None:
        self.reasons.append(run.reason)


def asked(target: IllTarget, folder: Path) -> Run:
    return Run(
        target=Target(url=target.url, key=target.server.key, timeout=3),
        requirements=("STOP-001",),
        out=folder,
    )


def test_a_target_that_is_gone_for_good_ends_it_early(server: EmbeddedServer, tmp_path: Path) -> None:
    """It is tried again after pauses that grow, three times, and what was measured before is kept."""
    notes, pauses = Notes(), []
    with ill(server, well, dies) as target:
        soaked = perform_soak(asked(target, tmp_path), Bounds(runs=9), notes, pause=pauses.append)

    assert notes.begun == [1, 2, 3, 4]
    assert notes.runs == [1]
    assert len(notes.reasons) == 3
    assert pauses == [5.0, 10.0]
    assert soaked.given_up
    assert not soaked.interrupted
    assert len(soaked.runs) == 1


def test_a_target_that_comes_back_is_soaked_on(server: EmbeddedServer, tmp_path: Path) -> None:
    """One run came to nothing, and is told; the others count."""
    notes, pauses = Notes(), []
    with ill(server, well, in_chats(answers(503)), well) as target:
        soaked = perform_soak(asked(target, tmp_path), Bounds(runs=3), notes, pause=pauses.append)

    assert notes.runs == [1, 3]
    assert [failed.number for failed in soaked.failed] == [2]
    assert not soaked.given_up


def test_the_first_record_may_be_refused(server: EmbeddedServer, tmp_path: Path) -> None:
    """Whoever gave the baseline of another target does not wait for all runs to hear that."""

    def accept(_: object) -> None:
        raise NotMeasured("it is another")

    notes = Notes()
    with ill(server, well) as target, pytest.raises(NotMeasured, match="another"):
        perform_soak(asked(target, tmp_path), Bounds(runs=9), notes, accept=accept)

    assert notes.begun == [1]


def test_bounds_end_it() -> None:
    """After so many runs, or when the time is over; the first of both."""
    assert list(Bounds(runs=3).numbers()) == [1, 2, 3]
    assert list(Bounds(seconds=0.0).numbers()) == []
    assert list(Bounds(runs=2, seconds=1000.0).numbers()) == [1, 2]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "nobody said how long"),
        (("--runs", "1"), "1 is not in the range x>=2"),
        (("--hours", "0"), "0.0 is not in the range"),
        (("--runs", "2", "--any-target"), "the baseline is missing"),
        (("--runs", "2", "--baseline", "none.yaml"), "there is no baseline none.yaml"),
        (("--runs", "2", "--baseline", "b.yaml", "--format", "json=b.yaml"), "would replace the baseline"),
        (("--runs", "2", "--format", "jsn"), "Did you mean json"),
        (("--runs", "2", "-r", "STPO"), "STPO"),
        (("nobody", "--runs", "2"), "there is no target 'nobody'"),
        (("http://a/v1", "http://b/v1", "--runs", "2"), "unexpected extra argument"),
    ],
)
def test_mistakes_are_named_before_anything_is_sent(
    arguments: tuple[str, ...],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """In one sentence, with the exit code of a usage error."""
    monkeypatch.chdir(tmp_path)

    assert said in refused(capsys, "soak", *arguments)
    assert list(tmp_path.iterdir()) == []
