"""The story of docs/gating.md, through the command line, on the reference server with a fault and without."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chatconform.running.embedded import EmbeddedServer
from chatconform.tests.support.reports import ended
from chatconform.tests.support.story import BROKEN

BASELINE = Path("baseline.yaml")
BEGIN, LAST_DAY, DAY_AFTER = "2026-11-26", "2026-12-24", "2026-12-25"


class Teller:
    """Runs against one server or another, as a job would day after day."""

    def __init__(self, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capfd = capfd
        self._monkeypatch = monkeypatch
        self.said: list[str] = []

    def run(self, server: EmbeddedServer, *options: str, today: str = BEGIN) -> int:
        """The exit code of a run; what the gate said is kept."""
        self._monkeypatch.setenv("CHATCONFORM_KEY", server.key)
        selection = ("-r", "STOP", "--clients", "none", "--fuzz", "off", "--out", "results")
        self._capfd.readouterr()
        code = ended("run", server.url, *selection, "--baseline", BASELINE, "--today", today, *options)
        _, _, gate = self._capfd.readouterr().out.rpartition("─\n")
        self.said = gate.splitlines()
        return code

    def named(self) -> list[str]:
        """The requirements that the gate named."""
        words = (line.split() for line in self.said)
        return sorted({found[0] for found in words if found and found[0].startswith("CC-")})


def test_the_story(
    healthy: EmbeddedServer,
    faulty: EmbeddedServer,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """From the first baseline to an entry that expired: what the gate says on each day, and what it wants."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    teller = Teller(capfd, monkeypatch)

    # There is no baseline yet, and none comes about by itself.
    assert teller.run(healthy) == 2
    assert not BASELINE.exists()

    # The first one: what holds has to hold from now on.
    assert teller.run(healthy, "--baseline-update") == 0
    first = BASELINE.read_text(encoding="utf-8")
    assert teller.run(healthy) == 0
    assert teller.said[-1] == "✓ the gate is open: 9 held"

    # A defect comes in: the gate names the requirement, and no other.
    assert teller.run(faulty) == 1
    assert teller.named() == [BROKEN]
    assert any(line.startswith("✗ new failure") for line in teller.said)
    assert teller.said[-1] == "✗ the gate is shut: 1 new failure, 8 held"

    # Nobody accepts it without a reason.
    assert teller.run(faulty, "--baseline-update") == 2
    assert BASELINE.read_text(encoding="utf-8") == first

    # Somebody does with one, until Christmas.
    terms = (
        "--reason",
        "the new sampler knows ASCII",
        "--expires",
        LAST_DAY,
        "--ticket",
        "#17",
    )
    assert teller.run(faulty, "--baseline-update", *terms) == 0
    accepted = BASELINE.read_text(encoding="utf-8")
    assert teller.run(faulty) == 0
    assert teller.said[-1] == "✓ the gate is open: 1 known failure, 8 held"
    assert "expires in 28 days (2026-12-24); #17" in " ".join(" ".join(teller.said).split())

    # It is fixed: the entry has to go, for it would hide the same failure tomorrow.
    assert teller.run(healthy) == 1
    assert (teller.named(), teller.said[-1]) == ([BROKEN], "✗ the gate is shut: 1 fixed, 8 held")
    assert teller.run(healthy, "--baseline-update") == 0
    assert BASELINE.read_text(encoding="utf-8") == first
    assert teller.run(healthy) == 0

    # It is not fixed, and the day comes: its last day still counts.
    BASELINE.write_text(accepted, encoding="utf-8")
    assert teller.run(faulty, today=LAST_DAY) == 0
    assert teller.run(faulty, today=DAY_AFTER) == 1
    assert (teller.named(), teller.said[-1]) == ([BROKEN], "✗ the gate is shut: 1 expired, 8 held")


def test_a_run_writes_what_the_gate_says(
    faulty: EmbeddedServer, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`run --gate-format` writes what `gate --format` would of the record; a pipe gets one text alone."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CHATCONFORM_KEY", faulty.key)
    selection = ("-r", BROKEN, "--clients", "none", "--fuzz", "off", "--out", "results")
    gated = ("--baseline", BASELINE, "--today", BEGIN)
    first = ("--baseline-update", "--reason", "as we found it")
    assert ended("run", faulty.url, *selection, *gated, *first) == 0
    capfd.readouterr()

    assert (
        ended("run", faulty.url, *selection, *gated, "--gate-format", "json", "--gate-format", "summary=g.md")
        == 0
    )

    told = capfd.readouterr()
    assert json.loads(told.out)["headline"] == "✓ the gate is open: 1 known failure"
    assert "✓ the gate is open: 1 known failure" in told.err
    record = max(Path("results").iterdir())
    assert ended("gate", record, *gated, "--format", "summary=again.md") == 0
    assert Path("g.md").read_text(encoding="utf-8") == Path("again.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--gate-format", "json"), "Name its baseline: --baseline FILE"),
        (("--gate-format", "html", "--baseline", BASELINE), "there is no format 'html'"),
        (("--gate-format", f"json={BASELINE}", "--baseline", BASELINE), "would replace the baseline"),
        (("--gate-format", "json", "--format", "ndjson", "--baseline", BASELINE), "cannot both go to stdout"),
    ],
)
def test_mistakes_are_told_before_anything_is_sent(
    options: tuple[object, ...],
    said: str,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A run of minutes does not end with an answer that cannot be written."""
    monkeypatch.chdir(tmp_path)

    assert ended("run", "http://127.0.0.1:9/v1", *options) == 2

    assert said in " ".join(capfd.readouterr().err.split())
    assert list(tmp_path.iterdir()) == []
