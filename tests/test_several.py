"""Several targets at once: a process and a record each, one table, and the exit code of the worst."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from chatconform.cli.several import named, worst_code
from chatconform.client.target import Target
from chatconform.judging.conformance import ExitCode
from chatconform.record import read_record
from chatconform.running.embedded import EmbeddedServer
from chatconform.running.run import Run
from chatconform.tests.test_cli import chatconform, defective, heeds_ctrl_c, refused, wait_for

__all__ = ["defective", "heeds_ctrl_c"]


def written(folder: Path, **urls: str) -> None:
    texts = [f"[targets.{name}]\nurl = '{url}'\nkey-env = 'MINE'\n" for name, url in urls.items()]
    (folder / "chatconform.toml").write_text("".join(texts), encoding="utf-8")


def rows(told: str) -> dict[str, str]:
    """The rows of the last table by the name of the target."""
    table = told[told.rindex("outcome") :]
    return dict(re.findall(r"^ (\S+) +(.*?) *$", table, re.MULTILINE))


def test_each_target_has_its_own_report_and_record(
    server: EmbeddedServer, defective: str, tmp_path: Path
) -> None:
    """One conforms, one does not, one is not there: each is told, and the code is that of the worst."""
    written(tmp_path, good=server.url, bad=defective, gone="http://127.0.0.1:1/v1")
    options = ("-r", "STOP-001", "-r", "RESP-001", "--clients", "none", "--format", "junit=out/junit.xml")

    ran = chatconform("run", "good", "bad", "gone", *options, cwd=tmp_path, MINE=server.key)

    assert ran.returncode == 1, ran.stdout + ran.stderr
    told = rows(ran.stdout)
    assert told["good"].startswith("✓ conforms")
    assert told["bad"].startswith("✗ does not conform")
    assert told["gone"].startswith("! not measured")
    assert "cannot connect to 127.0.0.1:1" in ran.stdout
    assert "✗ CC-STOP-001" in ran.stdout
    records = sorted((tmp_path / "chatconform-results").glob("*.jsonl"))
    assert {read_record(file).header.target.url for file in records} == {server.url, defective}
    assert {file.name for file in (tmp_path / "out").iterdir()} == {"junit-good.xml", "junit-bad.xml"}
    for name in ("good", "bad"):
        assert f"{name}: checking http" in ran.stderr
        assert f"{name}: plan: about" in ran.stderr
        assert f"{name}: ended after" in ran.stderr
    assert server.key not in ran.stdout + ran.stderr


@pytest.mark.usefixtures("heeds_ctrl_c")
def test_ctrl_c_ends_all_records(tmp_path: Path) -> None:
    """An interrupt is handed down: every record is ended, and every report is of what there is."""
    with EmbeddedServer("--seconds-per-token", "0.2") as slow:
        urls = (slow.url, slow.url.replace("127.0.0.1", "localhost"))
        running = subprocess.Popen(
            [sys.executable, "-m", "chatconform", "run", *urls, "-r", "LIMIT", "--clients", "none"],
            cwd=tmp_path,
            env={**os.environ, "CHATCONFORM_KEY": slow.key},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        wait_for(lambda: sum(file.stat().st_size > 3000 for file in tmp_path.rglob("*.jsonl")) == 2)
        running.send_signal(signal.SIGINT)
        told, _ = running.communicate(timeout=60)

    assert running.returncode == 3, told
    assert "Traceback" not in told
    records = [read_record(file, allow_incomplete=True) for file in tmp_path.rglob("*.jsonl")]
    assert len(records) == 2
    assert all(record.footer is not None and not record.footer.complete for record in records)


def test_reports_of_several_cannot_share_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    """A pipe takes one document."""
    told = refused(capsys, "run", "http://a/v1", "http://b/v1", "--format", "junit")

    assert "junit of several targets cannot go to stdout" in told


def test_everybody_has_a_name() -> None:
    """Targets without one are called by their host, and no two alike."""
    urls = ("http://a:80/v1", "https://a:80/v2", "https://b/v1", "http://[::1]:5/v1")
    runs = [Run(target=Target(url="http://a"), name="a-80"), *(Run(target=Target(url=url)) for url in urls)]

    assert [run.label for run in named(runs)] == ["a-80", "a-80-2", "a-80-3", "b", "--1-5"]


@pytest.mark.parametrize(
    ("codes", "worst"), [((0, 3), 3), ((3, 1, 0), 1), ((1, 4), 4), ((2, 3), 2), ((2, 1), 1), ((0, 0), 0)]
)
def test_the_worst_code_stands_for_all(codes: tuple[int, ...], worst: int) -> None:
    """A bug of ours, then a broken rule, then what cannot be used or was not measured."""
    assert worst_code([ExitCode(code) for code in codes]) == worst
