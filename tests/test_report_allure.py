"""Allure results by both doors: from a record, and from pytest with `--alluredir`."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chatconform.record import read_record
from chatconform.reports.machine.allure import write_allure
from chatconform.reports.machine.allure_labels import attachments
from chatconform.resources import folder
from chatconform.running.embedded import EmbeddedServer
from chatconform.tests.support.exchanges import completion, exchange, hung
from chatconform.tests.support.reports import HOSTILE, hostile, told

SUITES = folder("suites")
AREAS = (str(SUITES / "stop"), str(SUITES / "auth"))


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedServer]:
    with EmbeddedServer("--fault", "stop-ignored") as running:
        yield running


def results(where: Path) -> dict[str, Any]:
    """The results of a folder by their names."""
    found = [json.loads(file.read_text()) for file in where.glob("*-result.json")]
    return {each["name"]: each for each in found}


def statuses(where: Path) -> dict[str, str]:
    """The status of each result of a folder."""
    return {name: each["status"] for name, each in results(where).items()}


def labels(result: Any) -> set[tuple[str, str]]:
    return {(each["name"], each["value"]) for each in result["labels"]}


def test_verdicts_become_statuses(tmp_path: Path) -> None:
    """A broken rule failed, what was not measured is broken, and the rest is skipped with its reason."""
    write_allure(told(), tmp_path)

    statuses = {name.split()[0]: each["status"] for name, each in results(tmp_path).items()}
    assert statuses == {
        "CC-STREAM-001": "passed",
        "CC-STOP-001": "failed",
        "CC-STOP-002": "broken",
        "CC-STOP-003": "failed",
        "CC-STOP-004": "skipped",
        "CC-STOP-005": "skipped",
        "CC-STOP-006": "skipped",
    }
    skipped = next(each for each in results(tmp_path).values() if each["status"] == "skipped")
    assert skipped["statusDetails"]["message"].endswith(": it said so")


def test_a_result_carries_what_its_requirement_says(tmp_path: Path) -> None:
    """Labels, links, parameters and attachments are there, the stream as it came."""
    write_allure(told(), tmp_path)
    found = results(tmp_path)
    plain = found["CC-STOP-001 Text ends before a stop string, with finish_reason stop [plain]"]
    stream = found["CC-STOP-001 Text ends before a stop string, with finish_reason stop [streamed]"]

    assert labels(plain) >= {
        ("epic", "OpenAI Chat Completions API"),
        ("feature", "Stop strings"),
        ("story", "CC-STOP-001 Text ends before a stop string, with finish_reason stop"),
        ("severity", "critical"),
    }
    assert plain["parameters"][0] == {"name": "path", "value": "plain"}
    assert "openai-openapi" in plain["links"][0]["url"]
    assert plain["historyId"] != stream["historyId"]
    assert plain["testCaseId"] == stream["testCaseId"]
    files = {each["name"]: (tmp_path / each["source"]).read_text() for each in stream["attachments"]}
    assert [name.split()[1] for name in files][:3] == ["request", "response", "curl"]
    assert "data: [DONE]" in files["x0002 response"]
    assert files["x0002 curl"].startswith("curl ")


def test_the_same_record_twice_is_one_run(tmp_path: Path) -> None:
    """Its results replace their own, and those of others stay."""
    (tmp_path / "other-result.json").write_text("{}")

    write_allure(told(), tmp_path)
    before = sorted(tmp_path.iterdir())
    write_allure(told(), tmp_path)

    assert sorted(tmp_path.iterdir()) == before
    assert (tmp_path / "other-result.json").read_text() == "{}"


def test_hostile_text_names_no_file(tmp_path: Path) -> None:
    """Names of files are made by us alone, whatever a record says."""
    odd = replace(exchange(completion()), id=f"../../{HOSTILE}")
    record = hostile("../../../x")

    write_allure(told(replace(record, exchanges=(*record.exchanges, odd))), tmp_path / "in")

    assert [each.name for each in tmp_path.iterdir()] == ["in"]
    assert results(tmp_path / "in")


def test_no_character_of_a_target_acts(tmp_path: Path) -> None:
    """No file of the folder holds a control character or a direction of writing."""
    bodies = HOSTILE.encode("utf-8", "surrogatepass")
    odd = replace(exchange(bodies, sent={"text": HOSTILE}, headers=(("x-odd", HOSTILE),)), id="x0001")

    write_allure(told(replace(hostile(), exchanges=(odd,))), tmp_path)

    for file in tmp_path.iterdir():
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e\u2066\u2028]", file.read_text(), re.ASCII)
    assert "\\\\u202e" in (tmp_path / "environment.properties").read_text()


def test_attachments_are_bounded() -> None:
    """Of a body of many megabytes the first is attached; a failed exchange says how it failed."""
    big = replace(exchange(b"x" * 5_000_000), id="x1")

    sizes = [len(each.body) for each in attachments(big, "curl")]
    failed = [each.body for each in attachments(replace(hung(), id="x2"), "curl")]

    assert max(sizes) < 1_100_000
    assert b"timeout" in failed[1]


def run_pytest(server: EmbeddedServer, where: Path, *arguments: str) -> None:
    target = ("--target-url", server.url, "--target-model", server.model, "--alluredir", str(where))
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *target, *arguments],
        cwd=SUITES.parent,
        env={**os.environ, "CHATCONFORM_KEY": server.key},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode in {0, 1}, ran.stdout + ran.stderr


@pytest.fixture(scope="module")
def by_pytest(server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the results of pytest, and the record of the same run."""
    where = tmp_path_factory.mktemp("pytest")
    run_pytest(server, where / "al", *AREAS, "--out", str(where))
    return where


def test_pytest_writes_what_a_result_carries(server: EmbeddedServer, by_pytest: Path) -> None:
    """Items of the suites have labels, links, parameters and exchanges of their requirements, and no key."""
    found = results(by_pytest / "al")
    broken = found["CC-STOP-001 Text ends before a stop string, with finish_reason stop [plain]"]

    assert broken["status"] == "failed"
    assert labels(broken) >= {
        ("epic", "OpenAI Chat Completions API"),
        ("feature", "Stop strings"),
        ("severity", "critical"),
    }
    assert "path" in {each["name"] for each in broken["parameters"]}
    assert [each["name"].split()[1] for each in broken["attachments"]][:3] == ["request", "response", "curl"]
    assert broken["links"]
    texts = b"".join(file.read_bytes() for file in (by_pytest / "al").iterdir())
    assert server.key.encode() not in texts
    assert b"[redacted]" in texts


def test_workers_write_the_same(server: EmbeddedServer, by_pytest: Path, tmp_path: Path) -> None:
    """With `-n 2` each process has the exchanges of its own results."""
    run_pytest(server, tmp_path, *AREAS, "-n", "2")

    assert statuses(tmp_path) == statuses(by_pytest / "al")
    attached = {name: len(each.get("attachments", [])) for name, each in results(tmp_path).items()}
    assert attached == {
        name: len(each.get("attachments", [])) for name, each in results(by_pytest / "al").items()
    }


def test_two_doors_agree(by_pytest: Path, tmp_path: Path) -> None:
    """Names and statuses are the same from the record."""
    (file,) = by_pytest.glob("*.jsonl")

    write_allure(told(read_record(file), source=file), tmp_path)

    assert statuses(tmp_path) == statuses(by_pytest / "al")


def test_pytest_tells_broken_from_failed(tmp_path: Path) -> None:
    """What was not answered was not measured: its item is broken to Allure, though pytest has it fail."""
    asked = ("--requirement", "CC-REQ-004", "--target-timeout", "1")
    with EmbeddedServer("--fault", "empty-messages-hang") as server:
        run_pytest(server, tmp_path, str(SUITES / "req"), *asked)

    assert {each["status"] for each in results(tmp_path).values()} == {"broken"}
