"""`chatconform report` and `run --format` as a user meets them: where reports go, and what is refused."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from chatconform.record import read_record
from chatconform.reports.formats import FORMATS
from chatconform.running.embedded import EmbeddedServer
from chatconform.tests.support.reports import HOSTILE, ended, hostile, record_of, write

TEXTS = [each.name for each in FORMATS if each.is_text]


@pytest.fixture
def record(tmp_path: Path) -> Path:
    """A record in which some rules are broken."""
    return write(record_of(), tmp_path / "run.jsonl")


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedServer]:
    with EmbeddedServer("--fault", "stop-ignored") as running:
        yield running


def run(
    server: EmbeddedServer, folder: Path, *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    selected = ("-r", "CC-STOP-001", "--clients", "none", "--fuzz", "off", "--out", "results")
    return subprocess.run(
        [sys.executable, "-m", "chatconform", "run", server.url, *selected, *arguments],
        cwd=folder,
        env={**os.environ, "CHATCONFORM_KEY": server.key, "COLUMNS": "100", **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_goes_to_stdout(record: Path, name: str, capfd: pytest.CaptureFixture[str]) -> None:
    """Without a file the report is all that stdout gets, and the exit code is 0 whatever it says."""
    assert ended("report", record, "--format", name) == 0

    told = capfd.readouterr()
    assert told.out
    assert told.err == ""


def test_formats_are_listed(capfd: pytest.CaptureFixture[str], record: Path) -> None:
    """`--list` names every format and what it is for."""
    assert ended("report", "--list") == 0

    listed = [line.split()[0] for line in capfd.readouterr().out.splitlines()]
    assert listed == [each.name for each in FORMATS]


def test_several_formats_go_to_files(record: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Each is written where it was said, folders are made, and one may still go to stdout."""
    junit, sarif = tmp_path / "a" / "j.xml", tmp_path / "b" / "s.sarif"
    wanted = ("--format", f"junit={junit}", "--format", f"sarif={sarif}", "--format", "badge=-")

    assert ended("report", record, *wanted) == 0

    assert junit.read_text().startswith("<?xml")
    assert json.loads(sarif.read_text())["version"] == "2.1.0"
    told = capfd.readouterr()
    assert json.loads(told.out)["message"] == "1 of 5 MUST"
    assert str(junit) in told.err


def test_out_names_the_one_file(record: Path, tmp_path: Path) -> None:
    """`--out` is where the one format goes; with several it is a mistake."""
    file = tmp_path / "page.html"

    assert ended("report", record, "--out", file) == 0
    assert ended("report", record, "--format", "junit", "--format", "sarif", "--out", file) == 2

    assert file.read_text().startswith("<!doctype html>")


def test_a_folder_lies_beside_the_record(record: Path) -> None:
    """Allure results cannot go to stdout: without a folder they lie beside the record."""
    assert ended("report", record, "--format", "allure") == 0

    assert list(record.with_suffix(".allure").glob("*-result.json"))


def test_a_page_lies_beside_the_record(record: Path) -> None:
    """What is made to be opened is not printed: without a file it gets the record's name."""
    assert ended("report", record) == 0

    assert record.with_suffix(".html").read_text().startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--format", "junti"), "Did you mean junit?"),
        (("--format", "junit="), "names no file"),
        (("--format", "junit", "--format", "ctrf"), "cannot both go to stdout"),
        (("--format", "junit=."), "is a folder"),
        (("--format", "allure=run.jsonl"), "is a file"),
        (("--format", "junit=run.jsonl"), "would replace the record itself"),
        (("--format", "junit=run.jsonl/x"), "cannot be written"),
    ],
)
def test_mistakes_are_named(
    record: Path,
    arguments: tuple[str, ...],
    said: str,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each is told in one sentence, with the exit code of a usage error, and nothing is written."""
    monkeypatch.chdir(record.parent)
    before = record.read_bytes()

    assert ended("report", record, *arguments) == 2

    told = capfd.readouterr()
    assert told.out == ""
    assert said in " ".join(told.err.split())
    assert record.read_bytes() == before
    assert list(record.parent.iterdir()) == [record]


def test_a_record_that_was_cut_off_is_refused(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The message says how far it goes; `--incomplete` tells what there is, and that it is not all."""
    record = write(replace(record_of(), footer=None), tmp_path / "cut.jsonl")

    assert ended("report", record) == 2
    refused = " ".join(capfd.readouterr().err.split())
    assert ended("report", record, "--incomplete", "--format", "summary") == 0

    assert "it holds 2 requests and 8 judgements, and ends" in refused
    assert "after the judgement of stop.check_of_cc_stop_006 on plain" in refused
    assert "Not a whole run" in capfd.readouterr().out


def test_a_file_is_replaced_whole(record: Path, tmp_path: Path) -> None:
    """What reads the file sees the old or the new one; its rights stay, and links lead on."""
    real, link = tmp_path / "real.md", tmp_path / "link.md"
    real.write_text("old")
    real.chmod(0o640)
    link.symlink_to(real)

    assert ended("report", record, "--format", "summary", "--out", link) == 0

    assert link.is_symlink()
    assert real.read_text().startswith("###")
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert sorted(each.name for each in tmp_path.iterdir()) == ["link.md", "real.md", "run.jsonl"]


def test_a_device_is_written_to(record: Path, tmp_path: Path) -> None:
    """What leads to an open file, such as /dev/stderr, is written to, and not replaced."""
    if not Path("/dev/stderr").exists():
        pytest.skip("there is no /dev/stderr")
    arguments = [sys.executable, "-m", "chatconform", "report", record, "--format", "badge=/dev/stderr"]

    with (tmp_path / "log").open("w") as log:
        log.write("before\n")
        log.flush()
        subprocess.run(arguments, stderr=log, timeout=60, check=True)

    told = (tmp_path / "log").read_text()
    assert told.startswith("before\n")
    assert "schemaVersion" in told


def test_a_reader_may_leave(record: Path) -> None:
    """Whoever reads only the beginning of a pipe gets it, and no complaint follows."""
    command = f"{sys.executable} -m chatconform report {record} --format ndjson | head -n 1"

    ran = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=60, check=False)

    assert json.loads(ran.stdout)["kind"] == "run"
    assert ran.stderr == ""


def test_a_plain_locale_gets_utf_8(tmp_path: Path) -> None:
    """Whatever the locale, the report is UTF-8, and hostile text breaks nothing on its way out."""
    record = write(hostile(HOSTILE), tmp_path / "run.jsonl")
    arguments = [sys.executable, "-m", "chatconform", "report", str(record), "--format", "summary"]
    environment = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}

    ran = subprocess.run(arguments, env=environment, capture_output=True, timeout=60, check=False)

    assert ran.returncode == 0, ran.stderr
    assert "\N{CRAB}" in ran.stdout.decode()


def test_a_run_writes_the_same(server: EmbeddedServer, tmp_path: Path) -> None:
    """`run --format` leaves a pipe to the report that it is for, and tells people on stderr."""
    ran = run(server, tmp_path, "--format", "ndjson", "--format", "junit=j.xml", "--format", "allure=al")

    assert ran.returncode == 1, ran.stderr
    lines = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [line["kind"] for line in lines] == ["run", "requirement", "summary"]
    assert lines[1]["verdict"] == "fail"
    assert "CC-STOP-001  MUST" in ran.stderr
    (record,) = (tmp_path / "results").glob("*.jsonl")
    assert ended("report", record, "--format", f"junit={tmp_path / 'again.xml'}") == 0
    assert (tmp_path / "again.xml").read_text() == (tmp_path / "j.xml").read_text()
    assert len(list((tmp_path / "al").glob("*-result.json"))) == len(read_record(record).judgements)
    assert server.key not in ran.stdout + ran.stderr


def test_a_run_with_files_prints_as_ever(server: EmbeddedServer, tmp_path: Path) -> None:
    """The terminal's report stays on stdout where no other report wants it."""
    ran = run(server, tmp_path, "--format", "summary=s.md")

    assert "CC-STOP-001  MUST" in ran.stdout
    assert (tmp_path / "s.md").exists()


def test_a_run_notices_mistakes_before_it_sends(server: EmbeddedServer, tmp_path: Path) -> None:
    """A run of minutes does not end with a report that cannot be written."""
    ran = run(server, tmp_path, "--format", "sarfi=x.sarif")

    assert ran.returncode == 2
    assert "Did you mean sarif or" in ran.stderr
    assert not (tmp_path / "results").exists()


def test_a_job_gets_our_commands_alone(server: EmbeddedServer, tmp_path: Path) -> None:
    """In a job of GitHub Actions commands are stopped while a target's words are printed."""
    ran = run(server, tmp_path, "--format", "github", GITHUB_ACTIONS="true")

    commands = [line for line in ran.stdout.splitlines() if line.startswith("::")]
    stop, go_on, annotation = commands
    assert stop.startswith("::stop-commands::")
    assert go_on == f"::{stop.removeprefix('::stop-commands::')}::"
    assert annotation.startswith("::error title=CC-STOP-001 MUST ")
    assert ran.stdout.index(go_on) > ran.stdout.index("CC-STOP-001  MUST") > ran.stdout.index(stop)
    assert "stop-commands" not in run(server, tmp_path, GITHUB_ACTIONS="").stdout
