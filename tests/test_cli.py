"""The command line as a user meets it: what is printed, and which exit code."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from chatconform.cli import main
from chatconform.ledger import Ledger, load_ledger
from chatconform.record import read_record
from chatconform.running.embedded import EmbeddedServer


def chatconform(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "chatconform", *arguments],
        cwd=cwd,
        env={**os.environ, "COLUMNS": "100", **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What is printed for a mistake of the user, which ends with exit code 2 and without a traceback."""
    with pytest.raises(SystemExit) as exit_:
        main(list(arguments))
    told = capsys.readouterr()
    assert exit_.value.code == 2
    assert "Traceback" not in told.err + told.out
    return " ".join(told.err.split())


def test_a_run_without_a_url_checks_the_embedded_server(tmp_path: Path) -> None:
    """`chatconform run` prints a table and a headline, ends with 0 and leaves its record."""
    ran = chatconform("run", "-r", "STOP", "-r", "MODELS", cwd=tmp_path)

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "✓ conforms" in ran.stdout
    assert "MODELS" in ran.stdout
    (record,) = (tmp_path / "chatconform-results").glob("*.jsonl")
    assert str(record.name) in ran.stdout.replace("\n", "")


def test_a_key_on_the_command_line_is_nowhere_to_be_seen(server: EmbeddedServer, tmp_path: Path) -> None:
    """A typed key works, and is in no output and in no byte of the record."""
    ran = chatconform("run", server.url, "--key", server.key, "-r", "AUTH", "-r", "RESP-001", cwd=tmp_path)

    assert ran.returncode == 0, ran.stdout + ran.stderr
    (record,) = (tmp_path / "chatconform-results").glob("*.jsonl")
    assert server.key not in ran.stdout + ran.stderr + record.read_text(encoding="utf-8")
    assert any("[redacted]" in argument for argument in read_record(record).header.command)


class Defective(BaseHTTPRequestHandler):
    """A server that speaks the API and never ends with `stop`; its text is hostile to terminals."""

    TEXT = "\x1b[2J\u202ehello, here is some text. And here is more."

    def do_GET(self) -> None:
        entry = {"id": "m", "object": "model", "created": 1, "owned_by": "x"}
        self.answer({"object": "list", "data": [entry]})

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        message = {"role": "assistant", "content": self.TEXT, "refusal": None}
        choice = {"index": 0, "message": message, "finish_reason": "length", "logprobs": None}
        usage = {"prompt_tokens": 5, "completion_tokens": 5, "total_tokens": 10}
        head = {"id": "c", "object": "chat.completion", "created": int(time.time()), "model": "m"}
        self.answer({**head, "choices": [choice], "usage": usage})

    def answer(self, body: object) -> None:
        content = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Stay silent."""


@pytest.fixture
def defective() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Defective) as running:
        Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_address[1]}/v1"
        running.shutdown()


def test_a_failure_is_told_with_evidence_and_a_curl_line(defective: str, tmp_path: Path) -> None:
    """A broken MUST ends with 1, and says what was expected, what came, where, and how to see it again."""
    ran = chatconform("run", defective, "-r", "STOP-001", cwd=tmp_path)

    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "✗ CC-STOP-001  MUST" in ran.stdout
    assert "expected  a text without '.' or '!' or '?'" in ran.stdout
    assert "/choices/0/message/content" in ran.stdout
    assert "curl" in ran.stdout
    assert f"{defective}/chat/completions" in ran.stdout
    assert "✗ does not conform" in ran.stdout


def test_every_check_and_both_sides_of_a_comparison_can_be_sent_again(defective: str, tmp_path: Path) -> None:
    """A requirement that two checks break, and one that two requests show, have two curl lines each."""
    ran = chatconform("run", defective, "-r", "STOP-002", "-r", "USAGE-014", cwd=tmp_path)

    told = {part.split()[0]: part.partition("\n? ")[0] for part in ran.stdout.split("✗ ")[1:]}
    assert told["CC-STOP-002"].count("check ") == told["CC-STOP-002"].count("curl -sSi") == 2
    assert told["CC-USAGE-014"].count("curl -sSi") == 2


@pytest.mark.parametrize(("requirement", "lines"), [("USAGE-014", 2), ("RESP-002", 2), ("STREAM-001", 1)])
def test_what_two_answers_show_together_has_two_curl_lines(
    defective: str, tmp_path: Path, requirement: str, lines: int
) -> None:
    """A rule that compares two answers is broken by both requests, and both can be sent again."""
    ran = chatconform("run", defective, "-r", requirement, cwd=tmp_path)

    assert ran.stdout.count("\ncurl ") == lines, ran.stdout


def test_hostile_text_does_not_reach_the_terminal(defective: str, tmp_path: Path) -> None:
    """Control characters and direction marks of a target are printed as escapes."""
    ran = chatconform("run", defective, "-r", "STOP-001", cwd=tmp_path)

    assert "\x1b" not in ran.stdout
    assert "\u202e" not in ran.stdout
    assert "hello, here is some text" in ran.stdout


def test_a_requirement_without_checks_is_nothing_to_judge(tmp_path: Path) -> None:
    """Asked for what no check of the profile judges, the run says so instead of conforming."""
    ran = chatconform("run", "--profile", "text", "-r", "CC-FORMAT-001", cwd=tmp_path)

    assert ran.returncode == 2
    assert "CC-FORMAT-001" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_an_unreachable_target_is_not_measured(tmp_path: Path) -> None:
    """A refused connection is one sentence and exit code 3, and leaves no record."""
    ran = chatconform("run", "http://127.0.0.1:1/v1", "--model", "m", cwd=tmp_path)

    assert ran.returncode == 3
    assert ran.stderr.count("error:") == 1
    assert "Traceback" not in ran.stderr
    assert not list(tmp_path.rglob("*.jsonl"))


def test_a_wrong_key_is_told_before_anything_is_judged(server: EmbeddedServer, tmp_path: Path) -> None:
    """A key that the target refuses ends the run with code 2 and never shows the key."""
    ran = chatconform("run", server.url, "--target-key-env", "MINE", cwd=tmp_path, MINE="sk-wrong-0123456789")

    assert ran.returncode == 2
    assert "MINE" in ran.stderr
    assert "sk-wrong-0123456789" not in ran.stderr + ran.stdout


def test_a_requirement_that_does_not_apply_is_nothing_to_measure(tmp_path: Path) -> None:
    """Alone it sends nothing, and leaves no record: the user is told what is missing."""
    ran = chatconform("run", "-r", "CC-STREAM-021", cwd=tmp_path)

    assert ran.returncode == 2
    assert "CC-STREAM-021 does not apply" in " ".join(ran.stderr.split())
    assert not (tmp_path / "chatconform-results").exists()


def test_an_unknown_model_lists_what_there_is(server: EmbeddedServer, tmp_path: Path) -> None:
    """A model that the target does not have is told together with those that it has."""
    ran = chatconform("run", server.url, "--model", "refrence-1", "--key", server.key, cwd=tmp_path)

    assert ran.returncode == 2
    assert "reference-1" in ran.stderr


def test_a_base_url_without_its_prefix_is_told(server: EmbeddedServer, tmp_path: Path) -> None:
    """A base URL without /v1 is told with the one that works."""
    ran = chatconform("run", server.url.removesuffix("/v1"), "--key", server.key, cwd=tmp_path)

    assert ran.returncode in {2, 3}
    assert "/v1" in ran.stderr


@pytest.fixture
def heeds_ctrl_c() -> Iterator[None]:
    """What a shell starts in the background ignores Ctrl-C, and hands that down to what a test starts."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heeds_ctrl_c")
def test_ctrl_c_keeps_what_was_recorded(tmp_path: Path) -> None:
    """An interrupted run says where its record is; the record is readable and says that it is incomplete."""
    with EmbeddedServer("--seconds-per-token", "0.2") as slow:
        running = subprocess.Popen(
            [sys.executable, "-m", "chatconform", "run", slow.url, "--key", slow.key, "-r", "LIMIT"],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        wait_for(lambda: any(file.stat().st_size > 3000 for file in tmp_path.rglob("*.jsonl")))
        running.send_signal(signal.SIGINT)
        told, _ = running.communicate(timeout=30)

    assert running.returncode == 3, told
    assert "Traceback" not in told
    (file,) = tmp_path.rglob("*.jsonl")
    assert file.name in told.replace("\n", "")
    footer = read_record(file, allow_incomplete=True).footer
    assert footer is not None
    assert not footer.complete


def wait_for(condition, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def test_an_unknown_requirement_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    """An id that the ledger does not know is refused with the nearest ones."""
    assert "CC-STOP-00" in refused(capsys, "run", "--requirement", "CC-STOP-099")


def test_an_unknown_profile_names_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    """A profile that does not exist is refused with the known ones."""
    assert "standard" in refused(capsys, "run", "--profile", "standart")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("run", "--no-such-option"), "--no-such-option"),
        (("run", "--concurrency", "0"), "concurrency"),
        (("run", "not a url"), "not an http or https URL"),
        (("run", "http://127.0.0.1:99999/v1"), "not a URL"),
        (("run", "--model", "m"), "no URL"),
        (("run", "http://127.0.0.1:1/v1", "--header", "nonsense"), "not a header"),
        (("run", "http://127.0.0.1:1/v1", "--target-key-env", "NO_SUCH_NAME"), "NO_SUCH_NAME"),
        (("run", "http://127.0.0.1:1/v1", "--key", "a", "--key-env", "B"), "Give one of them"),
        (("run", "http://127.0.0.1:1/v1", "--upstream", "no-such-file"), "no-such-file, cannot be read"),
        (("run", "http://127.0.0.1:1/v1", "--upstream", __file__), "is not the record of an upstream"),
        (("run", "--upstream", "any"), "no URL"),
        (("explain", "CC-NOPE-001"), "CC-NOPE-001"),
        (("list", "STOP", "--coverage"), "--coverage is of the whole ledger"),
        (("list", "--all"), "--all was given without --coverage"),
        (("nonsense",), "nonsense"),
    ],
)
def test_a_bad_option_is_one_sentence(
    arguments: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the user got wrong is named, with exit code 2."""
    assert told in refused(capsys, *arguments)


def test_list_shows_requirements_and_their_checks(capsys: pytest.CaptureFixture[str]) -> None:
    """`chatconform list AREA` shows each requirement of the area with the number of its checks."""
    with pytest.raises(SystemExit) as exit_:
        main(["list", "STOP"])

    told = capsys.readouterr().out
    assert exit_.value.code == 0
    assert "CC-STOP-001" in told
    assert "requirements" in told
    assert "CC-LIMIT-001" not in told


def test_list_shows_the_coverage(tmp_path: Path) -> None:
    """`chatconform list --coverage` ends with the totals, and with 1 while a requirement is unchecked."""
    listed = chatconform("list", "--coverage", cwd=tmp_path, COLUMNS="80")

    assert "Traceback" not in listed.stderr
    told = re.fullmatch(
        r"(\d+) requirements: (\d+) checked, (\d+) excluded, (\d+) unchecked; "
        r"contract: (\d+) of (\d+) elements \((\d+) %\)",
        listed.stdout.splitlines()[-1],
    )
    assert told is not None, listed.stdout
    rows, checked, excluded, unchecked, spoken, elements, _ = map(int, told.groups())
    assert rows == checked + excluded + unchecked
    assert listed.returncode == (1 if unchecked else 0)
    assert spoken < elements
    for word in ("area", "HTTP", "operations", "values that no requirement speaks for"):
        assert word in listed.stdout


def test_the_help_of_list_tells_the_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever gates a build on the coverage learns from the help what ends with 1."""
    with pytest.raises(SystemExit) as exit_:
        main(["list", "--help"])

    told = " ".join(capsys.readouterr().out.split())
    assert exit_.value.code == 0
    assert "Exit code 1 while a requirement is neither checked nor excluded." in told


def test_explain_tells_all_about_a_requirement(capsys: pytest.CaptureFixture[str]) -> None:
    """`chatconform explain ID` shows the rule, its source, how it is provoked and judged, and its checks."""
    with pytest.raises(SystemExit) as exit_:
        main(["explain", "CC-STOP-001"])

    told = capsys.readouterr().out
    assert exit_.value.code == 0
    for word in (
        "rule",
        "source",
        "provoke",
        "judge",
        "broken by",
        "stop.the_text_ends_before_a_stop_string",
    ):
        assert word in told


def test_explain_tells_why_nothing_is_checked(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An excluded requirement is explained with the reason in the place of its checks."""
    row = replace(load_ledger()["CC-STOP-001"], id="CC-STOP-999", checks=(), excluded="Nobody can see it.")
    monkeypatch.setattr("chatconform.cli.catalogue.load_ledger", lambda: Ledger((row,)))
    with pytest.raises(SystemExit):
        main(["explain", "CC-STOP-999"])

    assert "none: Nobody can see it." in capsys.readouterr().out


def test_the_cost_is_told_before_anything_is_sent(server: EmbeddedServer, tmp_path: Path) -> None:
    """A run says how many requests and tokens it will take, and a conforming target takes as many."""
    target = (server.url, "--model", server.model, "--key", server.key)

    ran = chatconform("run", *target, "-r", "STOP", "-r", "RESP", "--out", "out", cwd=tmp_path)

    assert ran.returncode == 0, ran.stdout + ran.stderr
    (file,) = (tmp_path / "out").glob("*.jsonl")
    record = read_record(file)
    planned = re.search(r"plan: about (\d+) requests and ([\d,]+) tokens", ran.stderr)
    assert planned is not None
    sent = [exchange for exchange in record.exchanges if exchange.scenario != "smoke"]
    assert int(planned[1]) == len(sent)
    assert record.footer is not None
    spent = record.footer.tokens.prompt + record.footer.tokens.completion
    assert int(planned[2].replace(",", "")) == pytest.approx(spent, rel=0.3)


def test_a_feature_can_be_declared_absent(server: EmbeddedServer, tmp_path: Path) -> None:
    """What needs a feature that the target lacks is not applicable, and nothing is sent for it."""
    target = (server.url, "--model", server.model, "--key", server.key)

    ran = chatconform(
        "run",
        *target,
        "--without",
        "logprobs",
        "-r",
        "LOGPROBS",
        "-r",
        "RESP-001",
        "--out",
        "o",
        cwd=tmp_path,
    )

    (file,) = (tmp_path / "o").glob("*.jsonl")
    record = read_record(file)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    judged = {each.requirement: each for each in record.judgements}
    assert judged["CC-LOGPROBS-001"].verdict == "not-applicable"
    assert "declared to lack logprobs" in judged["CC-LOGPROBS-001"].reason
    assert not any(b'"top_logprobs": 3' in exchange.request.body for exchange in record.exchanges)


@pytest.mark.parametrize("option", ["--declare", "--without"])
def test_an_unknown_feature_is_refused_with_the_nearest(
    option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A misspelt feature is told together with the ones that are like it."""
    told = refused(capsys, "run", "http://127.0.0.1:9/v1", option, "brower-access")

    assert "there is no feature 'brower-access'" in told
    assert "browser-access" in told


def test_the_list_of_commands_says_each_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """A newcomer reads whole sentences, also in a terminal of 80 columns."""
    with pytest.raises(SystemExit):
        main(["--help"])
    _, _, told = capsys.readouterr().out.partition("Commands:\n")

    lines = told.splitlines()
    assert lines
    assert all(line.endswith((".", "?")) and not line.endswith("...") for line in lines), told
