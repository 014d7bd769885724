"""A run that was killed goes on from its record: the same verdicts, and no answered request once more."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatconform.client.telling import CONTROLS
from chatconform.findings.verdict import Verdict
from chatconform.judging.conformance import conformance
from chatconform.ledger import load_ledger
from chatconform.record import Record, read_record
from chatconform.tests.support.logged import LoggedServer, number_of
from chatconform.wire.exchange import Exchange

KEY = "sk-ref-secret-of-the-resuming-tests"
# Chains whose requests hold the answers before them, streams, one that is left early, and further attempts.
OPTIONS = ("-r", "MODELS", "-r", "TOOLS", "-r", "CONT", "-r", "STREAM", "-r", "SAMPLE", "--clients", "none")
# What is made up as it goes: requests by Schemathesis, made smaller, and conversations by Hypothesis.
FUZZ = ("--fuzz-requests", "60", "--clients", "none")
TALKS = ("--declare", "long-conversations=20", "--clients", "none")
CONCURRENCY = 8
_SECONDS = 120


def served(*options: str) -> LoggedServer:
    return LoggedServer((f"--key={KEY}", *options))


def command(url: str, out: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "chatconform", "run", url, "--out", str(out), *arguments]


def run(url: str, out: Path, *arguments: str) -> tuple[int, str]:
    """The exit code of a run, and all that it printed, in one line."""
    ran = subprocess.run(
        command(url, out, *arguments),
        env={**os.environ, "CHATCONFORM_KEY": KEY, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    told = ran.stdout + ran.stderr
    assert "Traceback" not in told
    return ran.returncode, " ".join(told.split())


def killed(url: str, out: Path, *arguments: str, after: int, by: int = signal.SIGKILL) -> Path:
    """The record of a run that was killed once so many exchanges stood in it."""
    with subprocess.Popen(
        command(url, out, *arguments),
        env={**os.environ, "CHATCONFORM_KEY": KEY},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # Whoever runs the tests in the background has Ctrl-C ignored, and so would have whom we start.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - no threads yet
    ) as running:
        until = time.monotonic() + _SECONDS
        while _exchanges_in(out) < after:
            assert running.poll() is None, "the run has ended before it was killed"
            assert time.monotonic() < until
            time.sleep(0.005)
        running.send_signal(by)
    return newest(out)


def _exchanges_in(out: Path) -> int:
    return sum(file.read_bytes().count(b'{"kind":"exchange"') for file in out.glob("*.jsonl"))


def newest(out: Path) -> Path:
    return max(out.glob("*.jsonl"))


def judged(record: Record) -> dict[tuple[str, str], tuple[str, str]]:
    return {(each.check, each.path): (each.verdict.value, each.reason) for each in record.judgements}


def requests(record: Record) -> Counter[tuple[str, str, str]]:
    """What was asked, however often it had to be repeated; ids of calls are the target's to choose.

    How often it is looked how the target is depends on how many requests failed at the same time.
    """
    return Counter(
        (each.request.method, each.request.url.partition("/v1")[2], _without_ids(each.request.body))
        for each in record.exchanges
        if not each.sent_again and each.scenario != CONTROLS
    )


def _without_ids(body: bytes) -> str:
    return re.sub(r"call_[0-9a-f]+", "call", body.decode("latin-1"))


def plays(record: Record) -> dict[tuple[str, str, int], tuple[list[str], str, str]]:
    return {
        (play.scenario, play.path.name, play.attempt): (
            sorted(each.step for each in play.exchanges),
            play.ended,
            play.error,
        )
        for play in record.plays
    }


def numbers(record: Record) -> dict[int, Exchange]:
    return {number: each for each in record.exchanges if (number := number_of(each))}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Record:
    """The record of a run that nothing interrupted."""
    out = tmp_path_factory.mktemp("whole")
    with served("--latency=0.01") as server:
        run(server.url, out, *OPTIONS)
    return read_record(newest(out))


@pytest.fixture
def server() -> Iterator[LoggedServer]:
    with served("--latency=0.01") as running:
        yield running


@pytest.mark.parametrize("share", [0.05, 0.5, 0.9])
def test_a_killed_run_goes_on_from_its_record(
    share: float, whole: Record, server: LoggedServer, tmp_path: Path
) -> None:
    """It ends as the run that was not killed; what was answered is as it was, and is not asked again."""
    cut = killed(server.url, tmp_path, *OPTIONS, after=int(share * len(whole.exchanges)))

    told = goes_on(server, tmp_path, cut, whole, *OPTIONS)

    before = read_record(cut, allow_incomplete=True)
    run_proper = [each for each in before.exchanges if each.scenario != "smoke"]
    assert f"{len(run_proper)} are answered in the record" in told
    assert read_record(newest(tmp_path)).header.resumed == (before.header.started,)
    assert KEY not in newest(tmp_path).read_text(encoding="utf-8")


def test_an_interrupted_run_goes_on_as_well(whole: Record, server: LoggedServer, tmp_path: Path) -> None:
    """After Ctrl-C the record has its end, and says that it is not that of the run."""
    cut = killed(server.url, tmp_path, *OPTIONS, after=int(0.5 * len(whole.exchanges)), by=signal.SIGINT)
    assert read_record(cut).footer is not None

    goes_on(server, tmp_path, cut, whole, *OPTIONS)


def goes_on(server: LoggedServer, out: Path, cut: Path, whole: Record, *options: str) -> str:
    """Go on from a record that was cut off, and see that nothing differs from a whole run."""
    before, so_far = read_record(cut, allow_incomplete=True), server.requests
    answered = numbers(before)

    code, told = run(server.url, out, *options, "--resume", str(cut))

    record = read_record(newest(out))
    assert code == conformance(whole.judgements, load_ledger()).exit_code, told
    assert judged(record) == judged(whole)
    assert requests(record) == requests(whole)
    assert plays(record) == plays(whole)
    # Every answer is that of one request of the log, and of each of them but those in flight there is one.
    lost = {each.number for each in server.requests} - numbers(record).keys()
    assert lost == {each.number for each in so_far} - answered.keys()
    assert len(lost) <= CONCURRENCY
    for number, exchange in answered.items():
        known = numbers(record)[number]
        assert known.response == exchange.response
        assert (known.started, known.elapsed) == (exchange.started, exchange.elapsed)
    return told


@pytest.mark.parametrize(
    ("fault", "options"),
    # One breaks conversations, which are shortened; the other makes generated requests fail with 500.
    [("answer-id-constant", ("-r", "TALK", *TALKS)), ("seldom-members-crash", ("-r", "CONTRACT", *FUZZ))],
)
def test_what_is_made_up_is_made_up_alike(fault: str, options: tuple[str, ...], tmp_path: Path) -> None:
    """Conversations, generated requests and those that are made smaller come of the seed and the answers."""
    faulty = (f"--fault={fault}",)
    with served(*faulty) as other:
        run(other.url, tmp_path / "whole", *options)
    whole = read_record(newest(tmp_path / "whole"))
    assert Verdict.FAIL in {each.verdict for each in whole.judgements}
    # Each was made smaller, and answers of 500 had the target looked after.
    assert any(", smaller " in each.step for each in whole.exchanges) is ("CONTRACT" in options)
    assert any(each.scenario == "health" for each in whole.exchanges) is ("CONTRACT" in options)
    assert any("transcript" in play.notes for play in whole.plays) is ("TALK" in options)
    with served("--latency=0.01", *faulty) as server:
        cut = killed(server.url, tmp_path, *options, after=len(whole.exchanges) // 2)

        goes_on(server, tmp_path, cut, whole, *options)


def test_a_target_that_limits_its_rate_is_not_waited_for_again(whole: Record, tmp_path: Path) -> None:
    """Refusals of then stand in the new record, before what came of them, and cost no time."""
    with served("--rate-limit=30/2s") as server:
        cut = killed(server.url, tmp_path, *OPTIONS, after=int(0.6 * len(whole.exchanges)))
        before, so_far = read_record(cut, allow_incomplete=True), server.requests

        run(server.url, tmp_path, *OPTIONS, "--resume", str(cut))

        record = read_record(newest(tmp_path))
        assert {key: verdict for key, (verdict, _) in judged(record).items()} == {
            key: verdict for key, (verdict, _) in judged(whole).items()
        }
        assert requests(record) == requests(whole)
        refused = {number for number, each in numbers(before).items() if each.sent_again}
        assert refused
        assert refused <= numbers(record).keys()
        by_id = {each.id: each for each in record.exchanges}
        for exchange in record.exchanges:
            if exchange.retry_of:
                assert by_id[exchange.retry_of].request.body == exchange.request.body
                assert by_id[exchange.retry_of].started < exchange.started
        lost = {each.number for each in server.requests} - numbers(record).keys()
        assert lost == {each.number for each in so_far} - numbers(before).keys()


def test_a_run_that_is_killed_twice_forgets_nothing(
    whole: Record, server: LoggedServer, tmp_path: Path
) -> None:
    """What the second run had not come to stands in the record of the first alone, which lies beside it."""
    many = len(whole.exchanges)
    first = killed(server.url, tmp_path, *OPTIONS, after=int(0.6 * many))
    second = killed(
        server.url, tmp_path, *OPTIONS, "--resume", str(first), after=int(0.6 * many) + int(0.1 * many)
    )
    known = [read_record(each, allow_incomplete=True) for each in (first, second)]
    in_flight = (
        {each.number for each in server.requests} - numbers(known[0]).keys() - numbers(known[1]).keys()
    )

    code, told = run(server.url, tmp_path, *OPTIONS, "--resume", str(second))

    record = read_record(newest(tmp_path))
    assert code == 0, told
    assert judged(record) == judged(whole)
    assert record.header.resumed == (known[1].header.started, known[0].header.started)
    assert {each.number for each in server.requests} - numbers(record).keys() == in_flight
