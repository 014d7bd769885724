"""`run --resume`: only the same run goes on from a record; anything else is refused, and nothing is sent."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from chatconform.cli import main
from chatconform.record import Header, Record, read_record
from chatconform.record.writing import lines_of
from chatconform.tests.support.logged import LoggedServer
from chatconform.wire.received import RecordingHeader, header_line

SELECTION = ("-r", "STOP", "-r", "MODELS", "--clients", "none", "--fuzz", "off")
Change = Callable[[Header], Header]


@pytest.fixture(scope="module")
def server() -> Iterator[LoggedServer]:
    with LoggedServer() as running:
        yield running


@pytest.fixture(scope="module")
def whole(server: LoggedServer, tmp_path_factory: pytest.TempPathFactory) -> Record:
    out = tmp_path_factory.mktemp("whole")
    assert chatconform("run", server.url, "--out", str(out), *SELECTION) == 0
    (file,) = out.glob("*.jsonl")
    return read_record(file)


def chatconform(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    assert isinstance(ended.value.code, int)
    return ended.value.code


def cut(record: Record, file: Path, change: Change = lambda header: header) -> Path:
    """A record that was cut off within a line."""
    cut_off = replace(record, header=change(record.header), judgements=(), footer=None)
    file.write_bytes(b"".join(lines_of(cut_off)) + b'{"kind":"exch')
    return file


def refused(
    capsys: pytest.CaptureFixture[str], server: LoggedServer, out: Path, file: Path, *arguments: str
) -> str:
    """What is said, with exit code 2; nothing was sent or written, and the record is as it was."""
    before, requests, records = file.read_bytes(), len(server.requests), list(out.glob("*.jsonl"))
    capsys.readouterr()
    assert chatconform("run", *arguments, "--resume", str(file), "--out", str(out)) == 2
    told = capsys.readouterr()
    assert "Traceback" not in told.out + told.err
    assert (file.read_bytes(), len(server.requests)) == (before, requests)
    assert list(out.glob("*.jsonl")) == records
    return " ".join((told.out + told.err).split())


def target(**changes: object) -> Change:
    return lambda header: replace(header, target=replace(header.target, **changes))  # type: ignore[arg-type]


def header(**changes: object) -> Change:
    return lambda told: replace(told, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (header(tool="0.0.9"), "chatconform is '0.0.9' in"),
        (header(contract_digest="0" * 64), "the contract is '000000000000' in"),
        (header(ledger_digest="0" * 64), "the ledger is '000000000000' in"),
        (target(url="http://elsewhere/v1"), "the URL is 'http://elsewhere/v1' in"),
        (target(name="prod"), "the name of the target is 'prod' in"),
        (target(declared=("auth",)), "what is declared is 'auth' in"),
        (target(lacks=("tools",)), "what is lacking is 'tools' in"),
        (header(profile="full"), "the profile is 'full"),
        (header(seed="another"), "the seed is 'another' in"),
        (header(shard="1/2"), "the shard is 1/2 in"),
        (header(requirements=("CC-STOP-001",)), "the list of requirements is CC-STOP-001 (1) in"),
        (lambda told: replace(told, policy=replace(told.policy, strict=True)), "strictness is 'strict' in"),
        (lambda told: replace(told, policy=replace(told.policy, fuzzing="deep")), "the fuzzing is 'deep"),
    ],
)
def test_another_run_does_not_go_on_from_a_record(
    change: Change,
    told: str,
    whole: Record,
    server: LoggedServer,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The sentence says what differs, and has the value of then and that of now."""
    file = cut(whole, tmp_path / "cut", change)

    sentence = refused(capsys, server, tmp_path, file, server.url, *SELECTION)

    assert told in sentence
    assert " now" in sentence


def test_a_model_that_was_said_has_to_be_that_of_then(
    whole: Record, server: LoggedServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The model of then is in the record, and both are told."""
    file = cut(whole, tmp_path / "cut")

    sentence = refused(capsys, server, tmp_path, file, server.url, *SELECTION, "--model", "reference-2")

    assert "the model is 'reference-1' in" in sentence
    assert "'reference-2' now" in sentence


def test_a_model_that_the_target_offers_now_has_to_be_that_of_then(
    whole: Record, server: LoggedServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where none is said, the first calls show which would be asked for; then no record is begun."""
    file = cut(whole, tmp_path / "cut", target(model="gone"))

    assert chatconform("run", server.url, *SELECTION, "--resume", str(file), "--out", str(tmp_path)) == 2

    sentence = " ".join(capsys.readouterr().err.split())
    assert "is of the model 'gone', and this run would ask for 'reference-1'" in sentence
    assert "--model gone" in sentence
    assert list(tmp_path.glob("*.jsonl")) == []


def test_a_complete_run_has_nothing_to_go_on_with(
    whole: Record, server: LoggedServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who resumes by mistake is told so."""
    file = tmp_path / "complete"
    file.write_bytes(b"".join(lines_of(whole)))

    assert "there is nothing to resume" in refused(capsys, server, tmp_path, file, server.url, *SELECTION)


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"", "it has no header"), (b"\x00\xff\n", "not JSON"), (b'{"kind":"head', "it has no header")],
)
def test_what_is_no_record_is_refused(
    content: bytes,
    told: str,
    server: LoggedServer,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """An empty file, a file of others, and one that was cut within its header."""
    file = tmp_path / "file"
    file.write_bytes(content)

    assert told in refused(capsys, server, tmp_path, file, server.url, *SELECTION)


def test_a_file_that_is_not_there_is_refused(
    server: LoggedServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its name is told."""
    assert chatconform("run", server.url, *SELECTION, "--resume", str(tmp_path / "no.jsonl")) == 2
    assert "cannot be read" in " ".join(capsys.readouterr().err.split())


def test_the_embedded_server_and_several_targets_are_refused(
    whole: Record, server: LoggedServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The server of then is gone, and a record is of one target."""
    file = cut(whole, tmp_path / "cut")

    assert "the embedded server of then is gone" in refused(capsys, server, tmp_path, file, *SELECTION)
    several = refused(capsys, server, tmp_path, file, server.url, "http://127.0.0.1:9/v1", *SELECTION)
    assert "a record is of one target" in several


def test_a_gateway_with_its_upstream_is_refused(
    whole: Record, server: LoggedServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What arrived there on account of which request was to be seen at the time only."""
    file, upstream = cut(whole, tmp_path / "cut"), tmp_path / "upstream"
    upstream.write_bytes(
        header_line(RecordingHeader(models=("m",), features={}, started="2026-11-26T00:00:00Z"))
    )

    sentence = refused(capsys, server, tmp_path, file, server.url, *SELECTION, "--upstream", str(upstream))

    assert "the record of an upstream cannot be resumed" in sentence


def test_a_record_that_holds_everything_but_its_end_asks_for_nothing(
    whole: Record, server: LoggedServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not even the calls before the run are made; the plan says how much is known."""
    file, requests = cut(whole, tmp_path / "cut"), len(server.requests)

    assert chatconform("run", server.url, *SELECTION, "--resume", str(file), "--out", str(tmp_path)) == 0

    assert len(server.requests) == requests
    count = sum(each.scenario != "smoke" for each in whole.exchanges)
    assert f"; {count} are answered in the record" in " ".join(capsys.readouterr().err.split())
    (made,) = tmp_path.glob("*.jsonl")
    assert read_record(made).header.resumed == (whole.header.started,)


def test_pytest_goes_on_with_a_run_as_well(whole: Record, server: LoggedServer, tmp_path: Path) -> None:
    """The option of the plugin, with two workers: nothing is sent again, and what differs is refused."""
    out, file = tmp_path / "out", cut(whole, tmp_path / "cut")
    requests = len(server.requests)
    selection = ["--requirement", "STOP", "--requirement", "MODELS", "--fuzz", "off", "--clients", "none"]
    arguments = ["suites/stop", "suites/models", "-q", "-p", "no:cacheprovider", *selection]
    arguments += ["--target-url", server.url, "--out", str(out), "--resume", str(file)]

    def tested(*more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "pytest", *arguments, *more],
            cwd=Path(__file__).parent.parent,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    went_on, another = tested("-n", "2"), tested("--seed", "another")

    assert went_on.returncode == 0, went_on.stdout
    assert len(server.requests) == requests
    (made,) = out.glob("*.jsonl")
    assert read_record(made).header.resumed == (whole.header.started,)
    assert another.returncode == 4
    assert "the seed is 'chatconform' in" in another.stderr
