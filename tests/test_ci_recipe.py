"""The recipe and the GitLab template as a job runs them: their script in a shell, against real servers."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml

from chatconform.running.embedded import EmbeddedServer
from chatconform.tests.support.composite import environment
from chatconform.tests.support.story import BROKEN

ROOT = Path(__file__).parents[1]
TEMPLATE: dict[str, Any] = yaml.safe_load((ROOT / "ci" / "gitlab.yml").read_text(encoding="utf-8"))
ARGS = ("-r", BROKEN, "--fuzz", "off", "--clients", "none")


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a job clones: a repository with the scripts, as chatconform is installed where the tests run."""
    folder = tmp_path_factory.mktemp("repository")
    shutil.copytree(ROOT / "ci", folder / "ci")
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false")
    for arguments in (
        ("init", "--quiet", "--initial-branch", "main"),
        ("add", "."),
        ("commit", "-qm", "scripts"),
    ):
        subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, timeout=60)
    return folder


def ran(command: list[str], cwd: Path, variables: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    env = environment(**{"CHATCONFORM_INSTALL": "false", **variables})
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=120, check=False)


def recipe(cwd: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """The recipe with arguments and variables of a job."""
    return ran([str(ROOT / "ci" / "recipe.sh"), *arguments], cwd, variables)


def gitlab(cwd: Path, repository: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """The script of the template as GitLab's runner has it: line by line in one shell, until a line fails."""
    job = TEMPLATE[".chatconform"]
    given = {**job["variables"], "CHATCONFORM_REPOSITORY": str(repository), **variables}
    return ran(["bash", "-eo", "pipefail", "-c", "\n".join(job["script"])], cwd, given)


def test_the_recipe_ends_as_the_run_does(
    tmp_path: Path, healthy: EmbeddedServer, faulty: EmbeddedServer
) -> None:
    """0 and 1, each with its reports; arguments of the script are arguments of the run."""
    codes = {}
    for server in (healthy, faulty):
        job = recipe(tmp_path, *ARGS, CHATCONFORM_TARGET=server.url, CHATCONFORM_KEY=server.key)
        codes[server.url] = job.returncode
        badge = json.loads((tmp_path / "chatconform-results" / "badge.json").read_text(encoding="utf-8"))
        assert badge["color"] == ("red" if job.returncode else "brightgreen")
        # Nothing but the Action wants annotations.
        assert "::error" not in job.stdout + job.stderr

    assert codes == {healthy.url: 0, faulty.url: 1}


def test_a_baseline_decides(tmp_path: Path, healthy: EmbeddedServer, faulty: EmbeddedServer) -> None:
    """What was accepted is green; the gate's answer lies beside the reports."""
    update = ("--baseline-update", "--reason", "known for long")
    job = {"CHATCONFORM_BASELINE": "b.yaml", "CHATCONFORM_TARGET": faulty.url, "CHATCONFORM_KEY": faulty.key}
    first = recipe(tmp_path, *ARGS, *update, **job)
    again = recipe(tmp_path, *ARGS, **job)
    fixed = recipe(
        tmp_path, *ARGS, **job | {"CHATCONFORM_TARGET": healthy.url, "CHATCONFORM_KEY": healthy.key}
    )

    assert (first.returncode, again.returncode, fixed.returncode) == (0, 0, 1), first.stderr
    answer = json.loads((tmp_path / "chatconform-results" / "gate.json").read_text(encoding="utf-8"))
    assert [each["class"] for each in answer["findings"] if each["fails"]] == ["fixed"]


def test_what_was_given_last_counts(tmp_path: Path, healthy: EmbeddedServer) -> None:
    """Arguments go before variables, and those of the script before those in one."""
    job = {"CHATCONFORM_TARGET": healthy.url, "CHATCONFORM_KEY": healthy.key, "CHATCONFORM_PROFILE": "full"}
    words = " ".join((*ARGS, "--profile standard --seed 'two words'\n --timeout 50"))

    ended = recipe(tmp_path, "--timeout", "40", CHATCONFORM_ARGS=words, **job)

    assert ended.returncode == 0, ended.stderr
    (record,) = (tmp_path / "chatconform-results").glob("*Z-*.jsonl")
    header = json.loads(record.read_text(encoding="utf-8").partition("\n")[0])
    assert (header["profile"], header["seed"]) == ("standard", "two words")
    assert header["target"]["timeout"] == 50


def test_what_cannot_be_installed_is_not_measured(tmp_path: Path) -> None:
    """The installer's exit code would mean that the target does not conform."""
    job = recipe(tmp_path, CHATCONFORM_INSTALL="true", CHATCONFORM_PYTHON="3.1", UV_PYTHON_DOWNLOADS="never")

    assert job.returncode == 3
    assert job.stderr.endswith("ci/recipe.sh: chatconform could not be installed\n")


def test_another_package_than_the_locked_one_is_refused(tmp_path: Path) -> None:
    """The lock's hashes are held, though it is taken for constraints."""
    copied = tmp_path / "source"
    hidden = shutil.ignore_patterns(".*", "node_modules", "docs", "chatconform-results")
    shutil.copytree(ROOT, copied, ignore=hidden)
    lock = copied / "requirements.lock"
    before, click, after = re.split(r"(?ms)(^click==.*?(?=^\S))", lock.read_text(), maxsplit=1)
    lock.write_text(before + re.sub("sha256:[0-9a-f]{8}", "sha256:00000000", click) + after)

    job = ran([str(copied / "ci" / "recipe.sh")], tmp_path, {"CHATCONFORM_INSTALL": "true"})

    assert job.returncode == 3
    assert "Hash mismatch for `click==" in job.stderr


def test_the_template_of_gitlab(
    tmp_path: Path, repository: Path, healthy: EmbeddedServer, faulty: EmbeddedServer
) -> None:
    """A red job and a green one; every artifact that it names is there, and the key is a variable's name."""
    artifacts = TEMPLATE[".chatconform"]["artifacts"]
    for server, code in ((healthy, 0), (faulty, 1)):
        work = tmp_path / str(code)
        work.mkdir()
        job = gitlab(
            work,
            repository,
            CHATCONFORM_TARGET=server.url,
            CHATCONFORM_KEY_ENV="STAGING_KEY",
            STAGING_KEY=server.key,
            CHATCONFORM_ARGS=" ".join(ARGS),
        )

        assert job.returncode == code, job.stderr
        assert all((work / path).exists() for path in (*artifacts["paths"], *artifacts["reports"].values()))
        suite = ET.fromstring((work / artifacts["reports"]["junit"]).read_text(encoding="utf-8"))
        assert bool(list(suite.iter("failure"))) == bool(code)
        issues = json.loads((work / artifacts["reports"]["codequality"]).read_text(encoding="utf-8"))
        assert {issue["check_name"].split()[0] for issue in issues} == ({BROKEN} if code else set())
        assert list((work / "chatconform-results").glob("*Z-*.jsonl"))
        assert server.key not in job.stdout + job.stderr


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({}, "CHATCONFORM_TARGET is empty"),
        (
            {"CHATCONFORM_TARGET": "http://127.0.0.1:9/v1", "CHATCONFORM_KEY_ENV": "STAGING_KEY"},
            "STAGING_KEY is not set",
        ),
    ],
)
def test_a_mistake_of_gitlab_is_no_green_job(
    tmp_path: Path, repository: Path, variables: dict[str, str], said: str
) -> None:
    """What a job does not say is no reason to check something else."""
    job = gitlab(tmp_path, repository, **variables)

    assert job.returncode == 2
    assert said in " ".join(job.stderr.split())


def test_the_template_needs_a_repository(tmp_path: Path) -> None:
    """Git says what is missing, and nothing is run."""
    job = gitlab(tmp_path, Path(), CHATCONFORM_REPOSITORY="", CHATCONFORM_TARGET="http://127.0.0.1:9/v1")

    assert job.returncode not in {0, 1, 4}
    assert not (tmp_path / "chatconform-results").exists()
