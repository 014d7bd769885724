"""The suites under plain pytest: verdicts as outcomes, options, one answer from several processes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from chatconform.record import Record, read_record
from chatconform.resources import folder
from chatconform.running.embedded import EmbeddedServer

SUITES = folder("suites")


def run_pytest(*arguments: str, key: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments],
        cwd=SUITES.parent,
        env={**os.environ, "CHATCONFORM_KEY": key},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def verdicts(record: Record) -> dict[tuple[str, str], str]:
    return {(judgement.check, judgement.path): judgement.verdict.value for judgement in record.judgements}


def only_record(out: Path) -> Record:
    (found,) = out.glob("*.jsonl")
    return read_record(found)


def test_two_processes_give_the_verdicts_of_one(server: EmbeddedServer, tmp_path: Path) -> None:
    """`-n 2` judges as one process does, sends as many requests, and writes one complete record."""
    areas = [str(SUITES / area) for area in ("stop", "limit", "models")]
    target = ("--target-url", server.url, "--target-model", server.model)

    one = run_pytest(*areas, *target, "--out", str(tmp_path / "one"), key=server.key)
    two = run_pytest(*areas, *target, "--out", str(tmp_path / "two"), "-n", "2", key=server.key)

    assert (one.returncode, two.returncode) == (0, 0), one.stdout + two.stdout
    first, second = only_record(tmp_path / "one"), only_record(tmp_path / "two")
    assert verdicts(first) == verdicts(second)
    assert len(verdicts(first)) > 10
    assert len(first.exchanges) == len(second.exchanges)


def test_a_selected_requirement_is_judged_alone(server: EmbeddedServer, tmp_path: Path) -> None:
    """`--requirement` keeps one requirement, sends only what it needs, and the record says so."""
    ran = run_pytest(
        str(SUITES),
        "--target-url",
        server.url,
        "--requirement",
        "CC-STOP-001",
        "--out",
        str(tmp_path),
        key=server.key,
    )

    assert ran.returncode == 0, ran.stdout
    record = only_record(tmp_path)
    assert {judgement.requirement for judgement in record.judgements} == {"CC-STOP-001"}
    assert {exchange.scenario.partition(".")[0] for exchange in record.exchanges} == {
        "smoke",
        "stop",
    }


@pytest.mark.parametrize(
    ("option", "told"),
    [
        (("--requirement", "CC-STOP-999"), "CC-STOP-999"),
        (("--profile", "standart"), "standard"),
        (("--target-url", "ftp://x"), "not an http or https URL"),
        (("--target-url", "localhost"), "not an http or https URL"),
        (("--target", "staging"), "no chatconform.toml is here or above"),
        (("--target", "staging", "--target-url", "http://x"), "both --target and --target-url were given"),
        (("--target-url", "http://127.0.0.1:9", "--target-key-env", "NO_SUCH_NAME"), "NO_SUCH_NAME"),
        (("--target-url", "http://127.0.0.1:9", "--target-header", "nonsense"), "not a header"),
    ],
)
def test_a_bad_option_is_one_sentence(option: tuple[str, ...], told: str) -> None:
    """A bad option ends pytest with its usage code and says what was wrong, with no traceback."""
    ran = run_pytest(str(SUITES / "stop"), *option)

    assert ran.returncode == pytest.ExitCode.USAGE_ERROR
    assert told in ran.stderr
    assert "Traceback" not in ran.stderr + ran.stdout


def test_an_unreachable_target_measures_nothing(unused_tcp_port: int) -> None:
    """With nobody at the URL the run ends with code 3 and says why."""
    ran = run_pytest(str(SUITES / "stop"), "--target-url", f"http://127.0.0.1:{unused_tcp_port}/v1")

    assert ran.returncode == 3
    assert "127.0.0.1" in ran.stdout + ran.stderr


def test_an_unreachable_target_measures_nothing_in_two_processes(unused_tcp_port: int) -> None:
    """The same holds with workers: no verdict, code 3."""
    ran = run_pytest(
        str(SUITES / "stop"), "--target-url", f"http://127.0.0.1:{unused_tcp_port}/v1", "-n", "2"
    )

    assert ran.returncode == 3
    assert "not measured" in ran.stdout


@pytest.fixture
def unused_tcp_port() -> int:
    import socket

    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])
