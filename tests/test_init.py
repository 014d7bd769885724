"""`chatconform init`: what it asks, what it finds out, and that it overwrites nothing."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from chatconform.cli.init import init
from chatconform.client.exploring import explore
from chatconform.client.target import Target
from chatconform.running.embedded import EmbeddedServer
from chatconform.targeting import read_targets
from chatconform.targeting.writing import file_text
from chatconform.tests.test_cli import chatconform, defective, refused

__all__ = ["defective"]


def test_what_is_written_can_be_run(server: EmbeddedServer, tmp_path: Path) -> None:
    """The target is asked, what it has is written with comments, and the next command is told."""
    wrote = chatconform(
        "init", "--yes", "--url", server.url, "--key-env", "MINE", cwd=tmp_path, MINE=server.key
    )

    assert wrote.returncode == 0, wrote.stderr
    assert "chatconform run local" in wrote.stdout
    file = tmp_path / "chatconform.toml"
    (target,) = read_targets(file)
    assert (target.name, target.url, target.model) == ("local", server.url, server.model)
    assert target.declared.keys() >= {"auth", "tools", "logprobs", "several-choices", "browser-access"}
    assert target.lacks == frozenset()
    assert server.key not in file.read_text(encoding="utf-8") + wrote.stdout + wrote.stderr
    ran = chatconform("run", "local", "-r", "STOP-001", cwd=tmp_path, MINE=server.key)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_what_a_target_lacks_is_seen(defective: str) -> None:
    """A server that answers everything alike has no tools that it refuses, and no pages that it lets in."""
    found = asyncio.run(explore(Target(url=defective)))

    assert found.model == "m"
    assert not found.streams
    assert found.features["model-routing"] is False
    assert "browser-access" not in found.features
    assert "auth" not in found.features


def test_it_asks_for_what_was_not_said(
    server: EmbeddedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each question has a default that can be taken."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MINE_KEY", server.key)

    ran = CliRunner().invoke(init, input=f"{server.url}\nmine\n\n", standalone_mode=False)

    assert ran.exception is None, ran.output
    (target,) = read_targets(tmp_path / "chatconform.toml")
    assert target.name == "mine"
    assert target.key is not None
    assert target.key.env == "MINE_KEY"


@pytest.mark.parametrize(("answer", "written"), [("y", True), ("n", False)])
def test_a_target_that_cannot_be_asked_is_a_question(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str, written: bool
) -> None:
    """Somebody may describe a target that is not there yet."""
    monkeypatch.chdir(tmp_path)

    CliRunner().invoke(
        init, ["--url", "http://127.0.0.1:1/v1"], input=f"later\n-\n{answer}\n", standalone_mode=False
    )

    assert (tmp_path / "chatconform.toml").exists() is written


def test_without_an_answer_nothing_is_written(tmp_path: Path) -> None:
    """Where nobody is there to answer, the way without questions is told."""
    ran = chatconform("init", cwd=tmp_path)

    assert ran.returncode == 2
    assert "chatconform.toml is not written" in ran.stderr
    assert "--yes" in ran.stderr


def test_without_questions_an_unreachable_target_writes_nothing(tmp_path: Path) -> None:
    """A script learns by the exit code that there is no file."""
    ran = chatconform("init", "--yes", "--url", "http://127.0.0.1:1/v1", cwd=tmp_path)

    assert ran.returncode == 3
    assert "cannot connect" in ran.stderr
    assert not (tmp_path / "chatconform.toml").exists()


def test_nothing_is_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that is there stays as it is."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "chatconform.toml").write_text("mine", encoding="utf-8")

    told = refused(capsys, "init", "--yes", "--url", "http://127.0.0.1:1/v1")

    assert "chatconform.toml is there already, and stays as it is" in told
    assert (tmp_path / "chatconform.toml").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--yes",), "no target was given"),
        (("--yes", "--url", "nowhere"), "not an http or https URL"),
        (("--yes", "--url", "http://a", "--name", "a b"), "this is no name"),
        (("--yes", "--url", "http://a", "--key-env", "sk-secret"), "this is no environment variable"),
        (("--yes", "--url", "http://a", "--no-probe", "--config", "no/such/f.toml"), "cannot be written"),
    ],
)
def test_a_mistake_is_one_sentence(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    told: str,
) -> None:
    """What cannot be used is told, and a key that was typed in the wrong place is not repeated."""
    monkeypatch.chdir(tmp_path)

    said = refused(capsys, "init", *arguments)

    assert told in said
    assert "sk-secret" not in said


def test_the_schema_is_printed(tmp_path: Path) -> None:
    """Editors get the schema by a pipe."""
    ran = chatconform("init", "--schema", cwd=tmp_path)

    assert json.loads(ran.stdout)["title"] == "chatconform.toml"


@given(st.text(max_size=8), st.text(max_size=8))
def test_any_model_can_be_written(tmp_path_factory: pytest.TempPathFactory, model: str, other: str) -> None:
    """A target chooses the names of its models, also those that would end a text or a line."""
    file = tmp_path_factory.mktemp("init") / "chatconform.toml"
    text = file_text("a", url="http://a", model=model, key_env="", features={}, models=(model, other))
    file.write_text(text, encoding="utf-8")

    (target,) = read_targets(file)

    assert target.model == model.encode("utf-8", "replace").decode()
