"""A run with clients: the column of its own, how it is chosen, and that it changes no verdict."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from chatconform.cli import main
from chatconform.findings.reception import Outcome
from chatconform.oracles import catalogue
from chatconform.oracles.booth import Booth
from chatconform.record import Record, read_record
from chatconform.record.decode import row_from_line
from chatconform.record.encode import to_line
from chatconform.resources import folder
from chatconform.running.embedded import EmbeddedServer

FAULT = "X-Chatconform-Fault: role-in-every-delta"


def run(
    server: EmbeddedServer, cwd: Path, *arguments: str
) -> tuple[subprocess.CompletedProcess[str], Record]:
    target = (server.url, "--model", server.model, "--key", server.key)
    ran = subprocess.run(
        [
            sys.executable,
            "-m",
            "chatconform",
            "run",
            *target,
            "-r",
            "STREAM-008",
            *arguments,
            "--out",
            str(cwd),
        ],
        cwd=cwd,
        env={**os.environ, "COLUMNS": "100"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    (file,) = cwd.glob("*.jsonl")
    return ran, read_record(file)


Made = tuple[subprocess.CompletedProcess[str], Record]


@pytest.fixture(scope="module")
def sound(server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A run against a server that conforms."""
    return run(server, tmp_path_factory.mktemp("sound"))


@pytest.fixture(scope="module")
def faulty(server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A run against a server that repeats the role."""
    return run(server, tmp_path_factory.mktemp("faulty"), "--header", FAULT)


@pytest.fixture(scope="module")
def silent(server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The same without clients."""
    return run(server, tmp_path_factory.mktemp("silent"), "--header", FAULT, "--clients", "none")


def test_a_run_shows_what_breaks_a_client_beside_what_is_broken(faulty: Made) -> None:
    """The official client listens by default; what it makes of a defect stands beside the requirement."""
    ran, record = faulty
    section = ran.stdout.partition("clients that read")[2]

    (standing,) = record.standings
    assert standing.client == "openai"
    assert standing.count(Outcome.WRONG) == len(record.receptions) > 0
    assert {each.door for each in record.receptions} == {"stream", "stream (async)"}
    assert "✗ openai  wrong  stream, stream (async)" in section
    assert "CC-STREAM-008" in section


def test_a_client_changes_no_verdict(faulty: Made, silent: Made) -> None:
    """It breaks, but no MUST is broken: the run conforms, with clients and without."""
    assert faulty[0].returncode == silent[0].returncode == 0
    assert [each.verdict for each in faulty[1].judgements] == [each.verdict for each in silent[1].judgements]


def test_a_server_that_conforms_breaks_no_client(sound: Made) -> None:
    """Every answer is replayed through every door that fits, and comes out the same."""
    (standing,) = sound[1].standings

    assert sound[1].receptions == ()
    assert (standing.unheard, standing.count(Outcome.SAME) > 0) == (0, True)


def test_clients_can_be_switched_off(silent: Made) -> None:
    """Then nothing is said of them."""
    assert (silent[1].standings, silent[1].receptions) == ((), ())
    assert "clients that read" not in silent[0].stdout


def test_nothing_is_sent_for_a_client(faulty: Made, silent: Made) -> None:
    """The target sees the same requests with and without."""
    assert len(faulty[1].exchanges) == len(silent[1].exchanges)


def test_an_old_record_is_still_read(sound: Made, tmp_path: Path) -> None:
    """A record of before clients listened has none, and one without those rows is complete."""
    (file,) = Path(sound[0].args[-1]).glob("*.jsonl")
    lines = [line for line in file.read_bytes().splitlines(keepends=True) if b'"kind":"standing"' not in line]
    old = tmp_path / "old.jsonl"
    old.write_bytes(b"".join(lines))

    assert read_record(old).standings == ()
    assert read_record(old).judgements == sound[1].judgements
    assert all(to_line(row_from_line(line)) == line for line in lines)


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as exit_:
        main(list(arguments))
    assert exit_.value.code == 2
    return " ".join(capsys.readouterr().err.split())


def test_an_unknown_client_is_refused_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    """A misspelt client is told together with those that are like it, before anything is sent."""
    told = refused(capsys, "run", "http://127.0.0.1:9/v1", "--clients", "openai,litelm")

    assert "there is no client 'litelm'" in told
    assert "litellm" in told


@pytest.mark.parametrize("text", ["", " , ", "none,openai"])
def test_no_client_and_none_beside_others_is_refused(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What can only be a slip is not guessed at."""
    assert "names no clients" in refused(capsys, "run", "http://127.0.0.1:9/v1", "--clients", text)


def test_the_folder_where_the_user_is_holds_no_client(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file of the user's that is called like a package is not run."""
    (tmp_path / "openai.py").write_text("raise SystemExit(1)")
    monkeypatch.chdir(tmp_path)

    with Booth("openai") as booth:
        assert booth.version.startswith("3.")


@pytest.mark.parametrize(
    ("name", "package", "command"),
    [
        ("litellm", "litellm", "pip install 'chatconform[litellm]'"),
        ("langchain", "langchain_openai", "pip install 'chatconform[langchain]'"),
        ("pydantic-ai", "pydantic_ai", "pip install 'chatconform[pydantic-ai]'"),
    ],
)
def test_a_client_that_is_missing_is_told_with_its_extra(
    name: str, package: str, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The line that installs it can be pasted."""
    if find_spec(package):
        pytest.skip(f"{package} is installed here")

    assert command in refused(capsys, "run", "http://127.0.0.1:9/v1", "--clients", name)


def test_a_client_of_npm_is_told_with_its_packages(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And node itself, where there is none."""
    monkeypatch.chdir(tmp_path)
    arguments = ("run", "http://127.0.0.1:9/v1", "--clients", "ai-sdk")
    monkeypatch.setattr(catalogue.shutil, "which", lambda _: "/usr/bin/node")
    assert "npm install ai @ai-sdk/openai-compatible" in refused(capsys, *arguments)

    monkeypatch.setattr(catalogue.shutil, "which", lambda _: None)
    assert "needs node" in refused(capsys, *arguments)


def test_the_extras_of_the_package_are_the_clients() -> None:
    """Whoever is told to install an extra finds it."""
    text = (folder("spec").parent / "pyproject.toml").read_text(encoding="utf-8")

    for kind in catalogue.KINDS.values():
        if not kind.is_npm and kind.name not in catalogue.DEFAULT:
            assert f'\n{kind.name} = ["' in text


def test_clients_listen_under_plain_pytest(server: EmbeddedServer, tmp_path: Path) -> None:
    """With `--out` the official one by default; the summary says how it did."""
    suite = str(folder("suites") / "stream")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        suite,
        "--target-url",
        server.url,
    ]
    options = ["--target-model", server.model, "--requirement", "CC-STREAM-008", "--out", str(tmp_path)]
    ran = subprocess.run(
        [*command, *options, "--target-header", FAULT],
        cwd=folder("suites").parent,
        env={**os.environ, "CHATCONFORM_KEY": server.key},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    (file,) = tmp_path.glob("*.jsonl")
    assert read_record(file).receptions
    assert "client openai " in ran.stdout
