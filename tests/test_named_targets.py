"""Targets of a file on the command line: found by name, and options go before what the file says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from chatconform.client.target import Target
from chatconform.contract import overlaid
from chatconform.errors import UsageError
from chatconform.findings.verdict import Verdict
from chatconform.ledger import load_ledger
from chatconform.ledger.profile import load_profile
from chatconform.record import read_record
from chatconform.resources import folder
from chatconform.running.embedded import EmbeddedServer
from chatconform.targeting.called import TargetOptions, targets_called
from chatconform.tests.test_cli import chatconform, refused

FILE = """\
[targets.staging]
url = "http://127.0.0.1:1/v1"
model = "m"
key-env = "STAGING_KEY"
timeout = 5
headers = { X-Org = "of-file", X-Other = "o" }
features = { tools = false, browser-access = true }

[targets.prod]
url = "http://127.0.0.1:2/v1"
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "chatconform.toml").write_text(FILE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STAGING_KEY", "sk-of-staging")
    return tmp_path


def called(*names: str, config: Path | None = None, **said: object) -> Target:
    target = targets_called(names, config, TargetOptions(**said))[0].target  # type: ignore[arg-type]
    assert target is not None
    return target


def test_options_go_before_the_file(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each option takes the place of what the file says of the same, and leaves the rest."""
    monkeypatch.setenv("OTHER_KEY", "sk-other")
    target = called(
        "staging",
        model="n",
        key_env="OTHER_KEY",
        headers=("x-org: of-option",),
        declared=("body-limit=9",),
        lacks=("browser-access",),
    )

    assert (target.model, target.key, target.key_env, target.timeout) == ("n", "sk-other", "OTHER_KEY", 5.0)
    assert dict(target.headers) == {"X-Other": "o", "x-org": "of-option"}
    assert target.declared == {"auth": "", "body-limit": "9"}
    assert target.lacks == {"tools", "browser-access"}


def test_what_is_declared_by_an_option_is_not_lacking(place: Path) -> None:
    """The option has the last word in both directions."""
    assert called("staging", declared=("tools",)).lacks == frozenset()


def test_a_typed_key_goes_to_the_target(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key on the command line takes the place of the file's."""
    monkeypatch.setenv("CHATCONFORM_KEY", "sk-before")
    assert called("staging", key="sk-typed").key == "sk-typed"


def test_names_and_urls_may_be_mixed(place: Path) -> None:
    """Several targets are several, however they are called."""
    found = targets_called(("staging", "http://a/v1"), None, TargetOptions())

    assert [(each.name, each.target.url) for each in found if each.target] == [
        ("staging", "http://127.0.0.1:1/v1"),
        ("", "http://a/v1"),
    ]


@pytest.mark.parametrize(
    ("names", "said", "told"),
    [
        (("stagin",), {}, "there is no target 'stagin'"),
        (("localhost:8000/v1",), {}, "not an http or https URL"),
        (("staging", "prod"), {"model": "m"}, "--model describes one target"),
        (("staging", "staging"), {}, "staging is called more than once"),
        ((), {"config": Path("x.toml")}, "--config was given, but no target named"),
        (("staging",), {"config": Path("x.toml")}, "x.toml: cannot be read"),
    ],
)
def test_a_mistake_is_one_sentence(
    place: Path, names: tuple[str, ...], said: dict[str, object], told: str
) -> None:
    """What cannot be meant is refused before anything is sent."""
    config = said.pop("config", None)
    assert config is None or isinstance(config, Path)
    with pytest.raises(UsageError, match=told):
        targets_called(names, config, TargetOptions(**said))  # type: ignore[arg-type]


def test_a_name_without_a_file_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who has no file yet learns how to get one."""
    monkeypatch.chdir(tmp_path)

    told = refused(capsys, "run", "staging")

    assert "there is no target 'staging': no chatconform.toml is here or above" in told
    assert "chatconform init" in told


def test_a_missing_variable_ends_with_two(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The name of the variable is told, with file and line."""
    monkeypatch.delenv("STAGING_KEY")

    assert "chatconform.toml:4: target staging: the environment variable STAGING_KEY" in refused(
        capsys, "run", "staging"
    )


def test_a_target_of_a_file_is_run(server: EmbeddedServer, tmp_path: Path) -> None:
    """`chatconform run NAME` is a run like any other; its record has the name, and no secret."""
    text = f"""
        [targets.mine]
        url = "{server.url}"
        key-env = "MINE"
        headers.X-Tenant = {{ env = "TENANT" }}
        concurrency = 3
        features.logprobs = false
    """
    (tmp_path / "chatconform.toml").write_text(text, encoding="utf-8")
    below = tmp_path / "below"
    below.mkdir()

    ran = chatconform(
        "run", "mine", "-r", "STOP", "-r", "AUTH", cwd=below, MINE=server.key, TENANT="tenant-of-mine"
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr
    (file,) = (below / "chatconform-results").glob("*-mine.jsonl")
    header = read_record(file).header
    assert header.target.concurrency == 3
    assert header.target.key_env == "MINE"
    assert header.target.lacks == ("logprobs",)
    assert "auth" in header.target.declared
    written = file.read_text(encoding="utf-8")
    assert "tenant-of-mine" not in written + ran.stdout + ran.stderr
    assert server.key not in written


def test_every_body_and_every_url_has_what_the_file_says(server: EmbeddedServer, tmp_path: Path) -> None:
    """Fields of the user go with every request, the generated ones and those of the smoke calls included."""
    text = f"""
        [targets.mine]
        url = "{server.url}"
        key-env = "MINE"
        query.tenant = {{ env = "TENANT" }}
        body.metadata = {{ team = "blue" }}
    """
    (tmp_path / "chatconform.toml").write_text(text, encoding="utf-8")

    ran = chatconform(
        "run", "mine", "-r", "CONTRACT", "-r", "STOP", cwd=tmp_path, MINE=server.key, TENANT="tenant-of-mine"
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr
    (file,) = (tmp_path / "chatconform-results").glob("*.jsonl")
    record = read_record(file)
    bodies = [json.loads(each.request.body) for each in record.exchanges if _is_object(each.request.body)]
    assert len(bodies) > 20
    assert all("metadata" in body for body in bodies)
    assert sum(body["metadata"] == {"team": "blue"} for body in bodies) > len(bodies) / 2
    assert all(each.request.url.endswith("?tenant=[redacted]") for each in record.exchanges)
    assert "tenant-of-mine" not in file.read_text(encoding="utf-8") + ran.stdout + ran.stderr


@pytest.mark.parametrize(
    ("options", "profile"), [((), "core"), (("--profile", "text"), "text"), (("--strict",), "core")]
)
def test_a_target_is_held_to_what_its_file_says(
    server: EmbeddedServer, tmp_path: Path, options: tuple[str, ...], profile: str
) -> None:
    """The record names the target, the profile that was meant with its version, and that SHOULD decides."""
    (tmp_path / "chatconform.toml").write_text(
        f"[targets.mine]\nurl = '{server.url}'\nkey-env = 'MINE'\nprofile = 'core'\nstrict = true\n"
    )

    asked = ("run", "mine", "-r", "STOP-001", "--clients", "none", *options)
    ran = chatconform(*asked, cwd=tmp_path, MINE=server.key)

    assert ran.returncode == 0, ran.stdout + ran.stderr
    (file,) = (tmp_path / "chatconform-results").glob("*.jsonl")
    header = read_record(file).header
    told = load_profile(profile, load_ledger())
    assert (header.target.name, header.profile, header.profile_version) == ("mine", profile, told.version)
    assert header.policy.strict
    assert f"mine ({server.url}), model" in " ".join(ran.stdout.split())


def test_a_name_that_was_made_up_for_a_url_is_in_no_record(server: EmbeddedServer, tmp_path: Path) -> None:
    """Several URLs are told apart while they are run; none of them has a name for that."""
    urls = (server.url, server.url.replace("127.0.0.1", "localhost"))
    ran = chatconform(
        *("run", *urls, "-r", "STOP-001", "--clients", "none"), cwd=tmp_path, CHATCONFORM_KEY=server.key
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr
    records = [read_record(file) for file in tmp_path.rglob("*.jsonl")]
    assert {each.header.target.url for each in records} == {*urls}
    assert {each.header.target.name for each in records} == {""}


def test_pytest_calls_a_target_by_its_name(server: EmbeddedServer, tmp_path: Path) -> None:
    """The suites under plain pytest are held to the target's profile, and to its overlays."""
    overlay = {
        "overlay": "1.0.0",
        "info": {"title": "A vendor", "version": "1"},
        "actions": [{"target": "$.components.schemas.Completion", "update": {"required": ["citations"]}}],
    }
    (tmp_path / "vendor.yaml").write_text(json.dumps(overlay))
    said = f"url = '{server.url}'\nkey-env = 'MINE'\nprofile = 'core'\noverlays = ['vendor.yaml']\n"
    (tmp_path / "chatconform.toml").write_text(f"[targets.mine]\n{said}")

    asked = ("--target", "mine", "--requirement", "RESP-012", "--requirement", "TOOLS", "--out", "out")
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder("suites")), *asked],
        cwd=tmp_path,
        env={**os.environ, "MINE": server.key},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert ran.returncode == 1, ran.stdout + ran.stderr
    (file,) = (tmp_path / "out").glob("*.jsonl")
    record = read_record(file)
    assert (record.header.target.name, record.header.profile) == ("mine", "core")
    assert record.header.contract_digest == overlaid([tmp_path / "vendor.yaml"]).digest
    assert [(each.requirement, each.verdict) for each in record.judgements] == [("CC-RESP-012", Verdict.FAIL)]


def _is_object(body: bytes) -> bool:
    try:
        return isinstance(json.loads(body), dict)
    except ValueError:
        return False


def test_requests_of_a_minute(tmp_path: Path) -> None:
    """A target with a quota gets no more than it allows, the calls before the run included."""
    with EmbeddedServer("--rate-limit", "9/60s") as strict:
        text = f"[targets.mine]\nurl = '{strict.url}'\nkey-env = 'MINE'\nrequests-per-minute = 9\n"
        (tmp_path / "chatconform.toml").write_text(text, encoding="utf-8")

        ran = chatconform("run", "mine", "-r", "STOP-001", "--clients", "none", cwd=tmp_path, MINE=strict.key)

    (file,) = (tmp_path / "chatconform-results").glob("*.jsonl")
    record = read_record(file)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert not [each for each in record.exchanges if each.response and each.response.status == 429]


def test_other_models_are_asked_where_the_file_says_so(server: EmbeddedServer, tmp_path: Path) -> None:
    """Requests with tools go to one model, generated ones to another, and all others to the usual one."""
    text = f"""
        [targets.mine]
        url = "{server.url}"
        key-env = "MINE"
        model = "{server.model}"
        models = {{ tools = "reference/slash-1" }}
    """
    (tmp_path / "chatconform.toml").write_text(text, encoding="utf-8")

    ran = chatconform("run", "mine", "-r", "TOOLS-001", "-r", "STOP-001", cwd=tmp_path, MINE=server.key)

    assert ran.returncode == 0, ran.stdout + ran.stderr
    (file,) = (tmp_path / "chatconform-results").glob("*.jsonl")
    bodies = [json.loads(each.request.body) for each in read_record(file).exchanges if each.request.body]
    assert {body["model"] for body in bodies if "tools" in body} == {"reference/slash-1"}
    assert {body["model"] for body in bodies[3:] if "tools" not in body} == {server.model}


def test_a_model_of_a_role_that_does_not_answer_is_told(server: EmbeddedServer, tmp_path: Path) -> None:
    """A misspelt model is noticed before the run."""
    text = f"[targets.mine]\nurl = '{server.url}'\nkey-env = 'MINE'\nmodels.small = 'refrence-1'\n"
    (tmp_path / "chatconform.toml").write_text(text, encoding="utf-8")

    ran = chatconform("run", "mine", "-r", "STOP-001", cwd=tmp_path, MINE=server.key)

    assert ran.returncode == 2
    assert "refrence-1" in ran.stderr
