"""A run record from its header to its footer, whatever happens in between."""

import dataclasses
import json
import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatconform.client.target import Target
from chatconform.errors import HarnessError
from chatconform.findings.reception import Difference, DoorCount, Outcome, Reception, Standing
from chatconform.findings.verdict import Evidence, Judgement, Observation, Verdict
from chatconform.plays.path import ALL_PATHS, PLAIN
from chatconform.plays.play import Play
from chatconform.record import (
    IncompleteRecord,
    RecordWriter,
    Tokens,
    begin_header,
    read_record,
    read_rows,
)
from chatconform.record.encode import to_line
from chatconform.tests.support.recording_rows import (
    HEADER,
    VALIDATOR,
    exchange,
    judgement,
    response,
    writer,
)
from chatconform.wire.exchange import Exchange, Failure, FailureKind, Request
from chatconform.wire.redaction import Redactor

KEY = "sk-0123456789abcdef"


RECEPTION = Reception(
    exchange="x1",
    client="openai",
    version="3.57.0",
    door="stream",
    outcome=Outcome.LOSSY,
    differences=(Difference(what="usage", outcome=Outcome.LOSSY, wire="12", client=""),),
)


STANDING = Standing(
    client="openai", version="3.57.0", doors=(DoorCount(door="stream", outcomes={Outcome.LOSSY: 1}),)
)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().split(b"\n")[:-1]]


def test_record_from_header_to_footer(tmp_path: Path) -> None:
    """What was written is read back in order, and the footer has counted it."""
    path = tmp_path / "new" / "run.jsonl"
    body = b'{"usage": {"prompt_tokens": 7, "completion_tokens": 3}}'
    stream = b'data: {"usage": null}\n\ndata: {"usage": {"prompt_tokens": 5, "completion_tokens": 2}}\n\n'
    first, second = (
        exchange("x1", came=response(body)),
        exchange("x2", came=response(stream, media="text/event-stream")),
    )
    # Another scenario sent the first one; here it is a step of this play.
    steps = tuple(
        replace(each, scenario="s", path="plain", attempt=2, step=step)
        for step, each in (("control", first), ("asked", second))
    )
    play = Play(scenario="s", path=PLAIN, attempt=2, exchanges=steps, notes={"code": "B4"}, ended="e")
    with writer(path) as record:
        record.exchange(first)
        record.exchange(second)
        record.play(play)
        record.judgement(judgement("A", Verdict.PASS))
        record.judgement(judgement("A", Verdict.FAIL))
        record.judgement(judgement("B", Verdict.PASS))
        record.reception(RECEPTION)
        record.standing(STANDING)

    read = read_record(path)

    assert (read.header, read.exchanges, read.plays) == (HEADER, (first, second), (play,))
    assert [each.verdict for each in read.judgements] == [Verdict.PASS, Verdict.FAIL, Verdict.PASS]
    assert (read.receptions, read.standings) == ((RECEPTION,), (STANDING,))
    assert read.footer is not None
    assert read.footer.tokens == Tokens(prompt=12, completion=5)
    assert read.footer.verdicts == {Verdict.FAIL: 1, Verdict.PASS: 1}
    assert (read.footer.requests, read.footer.complete, read.footer.reason) == (2, True, "")
    assert next(read_rows(path)) == HEADER
    for line in lines(path):
        VALIDATOR.validate(line)


@pytest.mark.parametrize("path", ALL_PATHS, ids=str)
def test_plays_keep_their_path(tmp_path: Path, path: Any) -> None:
    """A play is read back on the path on which it was performed."""
    with writer(tmp_path / "r.jsonl") as record:
        record.play(Play(scenario="s", path=path))

    assert read_record(tmp_path / "r.jsonl").plays[0].path == path


def test_requests_that_were_not_sent_do_not_count(tmp_path: Path) -> None:
    """The footer counts what reached the wire."""
    unsent = dataclasses.replace(
        exchange(), failure=Failure(kind=FailureKind.NOT_SENT, message="given up", at=0.0)
    )
    with writer(tmp_path / "r.jsonl") as record:
        record.exchange(unsent)
        record.exchange(exchange("x2"))
        footer = record.finish()

    assert footer.requests == 1


@pytest.mark.parametrize(
    "body",
    [
        b'{"usage": {"prompt_tokens": true, "completion_tokens": "9"}}',
        b'{"usage": {"prompt_tokens": -1, "completion_tokens": 1e400}}',
        b'{"usage": {"prompt_tokens": 100000000000000000000000000}}',
        b'{"usage": []}',
        b"[" * 100_000,
        b"\xff",
    ],
)
def test_incredible_usage_is_not_counted(tmp_path: Path, body: bytes) -> None:
    """A target can claim anything of its tokens; only credible numbers are added up."""
    with writer(tmp_path / "r.jsonl") as record:
        record.exchange(exchange(came=response(body)))
        footer = record.finish()

    assert footer.tokens == Tokens()
    assert read_record(tmp_path / "r.jsonl").exchanges[0].response == response(body)


def test_header_of_a_run() -> None:
    """The header names the target without its user name and key, and this machine."""

    class Source:
        version = "1.2"
        digest = "a" * 64

    target = Target(url=f"https://user:{KEY}@h/v1", model="m", key=KEY, declared=frozenset({"b", "a"}))
    header = begin_header(
        target=target,
        contract=Source(),
        ledger=Source(),
        profile="standard",
        requirements=["A"],
        command=["run"],
        seed="s",
    )

    assert (header.target.url, header.target.declared) == ("https://h/v1", ("a", "b"))
    assert KEY not in repr(header)
    VALIDATOR.validate(json.loads(to_line(header)))


def test_no_secret_is_written(tmp_path: Path) -> None:
    """A key is taken out of every part of every row, whoever put it there."""
    path = tmp_path / "r.jsonl"
    leaky = exchange(
        sent=Request(
            method="POST",
            url=f"http://h/?key={KEY}",
            headers=(("Authorization", f"Bearer {KEY}"), ("X-Other", KEY)),
            body=f'{{"a": "{KEY}"}}'.encode(),
        ),
        came=dataclasses.replace(
            response(f"\xff{KEY}".encode("latin-1")), reason=KEY, headers=(("X-Echo", KEY),)
        ),
    )
    broken = Failure(kind=FailureKind.CLOSED, message=KEY, at=0.0)
    leaky = dataclasses.replace(leaky, failure=broken, illness=KEY)
    header = dataclasses.replace(HEADER, command=("run", KEY), seed=KEY)
    evidence = Evidence(exchange="x0001", where=KEY, quoted=KEY)
    with RecordWriter(path, header, redactor=Redactor([KEY])) as record:
        record.exchange(leaky)
        record.play(
            Play(scenario="s", path=PLAIN, exchanges=(leaky,), notes={KEY: KEY}, ended=KEY, error=KEY)
        )
        record.judgement(
            Judgement(
                requirement="A",
                check="c",
                path="plain",
                verdict=Verdict.FAIL,
                reason=KEY,
                expected=KEY,
                came=KEY,
                evidence=(evidence,),
                observations=(Observation(topic="t", camp=KEY),),
                bug=KEY,
            )
        )
        record.reception(
            dataclasses.replace(
                RECEPTION,
                differences=(Difference(what="text", outcome=Outcome.WRONG, wire=KEY, client=KEY),),
                error=KEY,
            )
        )
        record.standing(dataclasses.replace(STANDING, reason=KEY))
        record.finish(incomplete=KEY)

    written = path.read_bytes()
    assert KEY.encode() not in written
    assert written.count(b"[redacted]") > 15
    raw = read_record(path).exchanges[0].response
    assert raw is not None
    assert raw.raw == b"\xff[redacted]"


@given(st.lists(st.sampled_from([KEY, "x", "\n\n", "data: "]), max_size=12), st.lists(st.integers(1, 40)))
def test_redaction_keeps_arrivals_true(parts: list[str], sizes: list[int]) -> None:
    """However a secret was cut by the network, the sizes of the arrivals add up to the body that is kept."""
    from chatconform.record.redact import redacted

    raw = "".join(parts).encode()
    cuts: list[int] = []
    for size in sizes:
        cuts.append(min(size, len(raw) - sum(cuts)))
    cuts.append(len(raw) - sum(cuts))
    row = redacted(exchange(came=response(raw, sizes=tuple(cuts))), Redactor([KEY]))

    assert isinstance(row, Exchange)
    assert row.response is not None
    assert len(row.response.arrivals) == len(cuts)
    assert all(arrival.size >= 0 for arrival in row.response.arrivals)
    assert sum(arrival.size for arrival in row.response.arrivals) == len(row.response.raw)
    assert KEY.encode() not in row.response.raw


def test_lone_surrogates_are_replaced(tmp_path: Path) -> None:
    r"""A target can send "\ud800" in JSON; no UTF-8 file can hold it, and the record does not break."""
    quoted = Evidence(exchange="x", where="/a", quoted="a\ud800b")
    with writer(tmp_path / "r.jsonl") as record:
        record.judgement(dataclasses.replace(judgement("A", Verdict.FAIL), evidence=(quoted,)))

    assert read_record(tmp_path / "r.jsonl").judgements[0].evidence[0].quoted == "a\ufffdb"


def test_leaving_by_an_exception_ends_the_record(tmp_path: Path) -> None:
    """Ctrl-C leaves a footer which says that the run is not complete."""

    def interrupted() -> None:
        with writer(tmp_path / "r.jsonl") as record:
            record.exchange(exchange())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()

    footer = read_record(tmp_path / "r.jsonl").footer
    assert footer is not None
    assert (footer.complete, footer.reason) == (False, "KeyboardInterrupt")


def test_killed_process_loses_nothing_that_was_written(tmp_path: Path) -> None:
    """After SIGKILL every row is there, and the record is known to be cut off."""
    path = tmp_path / "r.jsonl"
    script = f"""
import os, signal
from pathlib import Path
from chatconform.tests.support.recording_rows import exchange, writer
record = writer(Path({str(path)!r}))
for n in range(100):
    record.exchange(exchange(f"x{{n}}"))
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", script], check=False, timeout=60, env={**os.environ})

    assert done.returncode == -signal.SIGKILL
    with pytest.raises(IncompleteRecord, match="no footer"):
        read_record(path)
    assert len(read_record(path, allow_incomplete=True).exchanges) == 100


@given(st.integers(0, 400))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_record_may_be_cut_anywhere(tmp_path: Path, cut: int) -> None:
    """Wherever a record was cut, what stands before the cut can be read, and only on request."""
    path = tmp_path / "cut.jsonl"
    with writer(path) as record:
        record.exchange(exchange())
        record.judgement(judgement("A", Verdict.PASS))
    whole = path.read_bytes()
    first = whole.index(b"\n") + 1
    # A line that lacks nothing but its end is whole.
    path.write_bytes(whole[: min(first + cut * (len(whole) - first) // 400, len(whole) - 2)])

    with pytest.raises(IncompleteRecord):
        read_record(path)
    assert read_record(path, allow_incomplete=True).header == HEADER


def test_many_threads_write_whole_lines(tmp_path: Path) -> None:
    """Rows of several threads do not mix."""
    with writer(tmp_path / "r.jsonl") as record:

        def work(name: str) -> None:
            for n in range(50):
                record.exchange(exchange(f"{name}-{n}"))

        threads = [threading.Thread(target=work, args=(str(n),)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert len(read_record(tmp_path / "r.jsonl").exchanges) == 200


def test_nothing_is_written_after_the_footer(tmp_path: Path) -> None:
    """A row that comes too late is a bug of ours."""
    record = writer(tmp_path / "r.jsonl")
    record.finish()

    with pytest.raises(HarnessError, match="after the footer"):
        record.exchange(exchange())
