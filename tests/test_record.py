"""A run record says what happened, survives a kill, and holds no secret."""

import dataclasses
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
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
    Footer,
    Header,
    IncompleteRecord,
    RecordError,
    RecordWriter,
    TargetInfo,
    Tokens,
    begin_header,
    read_record,
    read_rows,
)
from chatconform.record.decode import row_from_line
from chatconform.record.encode import to_line
from chatconform.record.rows import PlayRow, Row
from chatconform.resources import text
from chatconform.wire.exchange import Exchange, Failure, FailureKind, Headers, Request, Response
from chatconform.wire.redaction import Redactor
from chatconform.wire.stream import Arrival

KEY = "sk-0123456789abcdef"
SCHEMA = json.loads(text("reports/record.schema.json"))
VALIDATOR = jsonschema.Draft202012Validator(
    SCHEMA, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
)

HEADER = Header(
    tool="0.1.0",
    contract_version="1.0.0",
    contract_digest="0" * 64,
    ledger_digest="f" * 64,
    target=TargetInfo(
        url="http://h/v1", model="m", declared=("auth",), concurrency=8, timeout=60.0, key_env="KEY"
    ),
    profile="standard",
    requirements=("CC-STOP-001",),
    command=("chatconform", "run"),
    seed="seed",
    started="2026-11-22T20:00:00.000Z",
    python="3.11.7",
    platform="Linux",
)


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


def request(body: bytes = b"{}", headers: Headers = ()) -> Request:
    return Request(method="POST", url="http://h/v1/chat/completions", headers=headers, body=body)


def response(
    raw: bytes, *, media: str = "application/json", sizes: tuple[int, ...] | None = None
) -> Response:
    cuts = (len(raw),) if sizes is None else sizes
    return Response(
        status=200,
        reason="OK",
        headers=(("Content-Type", media),),
        raw=raw,
        arrivals=tuple(Arrival(at=0.1 * n, size=size) for n, size in enumerate(cuts)),
        headers_at=0.05,
    )


def exchange(name: str = "x0001", *, sent: Request | None = None, came: Response | None = None) -> Exchange:
    return Exchange(
        id=name,
        scenario="stop.letters",
        path="plain",
        attempt=1,
        step="control",
        request=sent or request(),
        response=came,
        failure=None if came else Failure(kind=FailureKind.TIMEOUT, message="late", at=1.0),
        started=1_795_000_000.5,
        elapsed=1.5,
    )


def judgement(requirement: str, verdict: Verdict) -> Judgement:
    return Judgement(requirement=requirement, check="c", path="plain", verdict=verdict)


def writer(path: Path, secrets: tuple[str, ...] = ()) -> RecordWriter:
    return RecordWriter(path, HEADER, redactor=Redactor(secrets))


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().split(b"\n")[:-1]]


# A record is UTF-8: it holds any text but lone surrogates.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
seconds = st.floats(0, 1e9, allow_nan=False)
counts = st.integers(0, 10**9)
headers = st.lists(st.tuples(texts, texts), max_size=3).map(tuple)
gaps = {"withheld": texts, "head_withheld": texts}
requests = st.builds(Request, method=texts, url=texts, headers=headers, body=st.binary(max_size=50), **gaps)
responses = st.builds(
    Response,
    status=st.integers(100, 999),
    reason=texts,
    headers=headers,
    raw=st.one_of(st.binary(max_size=50), texts.map(str.encode)),
    arrivals=st.lists(st.builds(Arrival, at=seconds, size=counts), max_size=3).map(tuple),
    headers_at=seconds,
    complete=st.booleans(),
    decoded=st.booleans(),
    **gaps,
)
failures = st.builds(Failure, kind=st.sampled_from(FailureKind), message=texts, at=seconds)
exchanges = st.builds(
    Exchange,
    id=texts.filter(bool),
    scenario=texts,
    path=texts,
    attempt=st.integers(1, 9),
    step=texts,
    request=requests,
    response=st.none() | responses,
    failure=st.none() | failures,
    started=seconds,
    elapsed=seconds,
    retry_of=st.none() | texts,
    reused=st.booleans(),
    sent_again=st.booleans(),
    illness=texts,
    undated=texts,
    unpooled=texts,
)
words = st.lists(texts, max_size=3).map(tuple)
plays = st.builds(
    PlayRow,
    scenario=texts,
    path=texts,
    attempt=st.integers(1, 9),
    steps=st.lists(st.tuples(texts, texts), max_size=3).map(tuple),
    notes=st.dictionaries(texts, texts, max_size=3),
    ended=texts,
    error=texts,
)
verdicts = st.sampled_from(Verdict)
judgements = st.builds(
    Judgement,
    requirement=texts,
    check=texts,
    path=texts,
    verdict=verdicts,
    reason=texts,
    expected=texts,
    came=texts,
    evidence=st.lists(st.builds(Evidence, exchange=texts, where=texts, quoted=texts), max_size=2).map(tuple),
    observations=st.lists(st.builds(Observation, topic=texts, camp=texts), max_size=2).map(tuple),
    attempts=st.lists(verdicts, max_size=3).map(tuple),
    exchanges=words,
    bug=texts,
)
digests = st.text("0123456789abcdef", min_size=64, max_size=64)
moments = st.datetimes().map(lambda moment: moment.isoformat(timespec="milliseconds") + "Z")
runs = st.builds(
    Header,
    tool=texts,
    contract_version=texts,
    contract_digest=digests,
    ledger_digest=digests,
    target=st.builds(
        TargetInfo,
        url=texts,
        model=texts,
        declared=words,
        concurrency=st.integers(1, 99),
        timeout=seconds,
        key_env=texts,
    ),
    profile=texts,
    requirements=words,
    command=words,
    seed=texts,
    started=moments,
    python=texts,
    platform=texts,
)
footers = st.builds(
    Footer,
    finished=moments,
    wall=seconds,
    requests=counts,
    tokens=st.builds(Tokens, prompt=counts, completion=counts),
    verdicts=st.dictionaries(verdicts, st.integers(1, 999)),
    complete=st.booleans(),
    reason=texts,
)
outcomes = st.sampled_from(Outcome)
receptions = st.builds(
    Reception,
    exchange=texts,
    client=texts,
    version=texts,
    door=texts,
    outcome=outcomes,
    differences=st.lists(
        st.builds(Difference, what=texts, outcome=outcomes, wire=texts, client=texts), max_size=2
    ).map(tuple),
    error=texts,
)
standings = st.builds(
    Standing,
    client=texts,
    version=texts,
    doors=st.lists(
        st.builds(DoorCount, door=texts, outcomes=st.dictionaries(outcomes, st.integers(1, 999))), max_size=2
    ).map(tuple),
    unheard=counts,
    reason=texts,
)
rows = st.one_of(runs, exchanges, plays, judgements, receptions, standings, footers)


@settings(max_examples=300)
@given(rows)
def test_rows_come_back_as_they_were(row: Row) -> None:
    """Every row, whatever it holds, is one line that follows the published schema and reads back the same."""
    line = to_line(row)

    assert line.count(b"\n") == 1
    VALIDATOR.validate(json.loads(line))
    assert row_from_line(line) == row


def test_schema_is_a_schema() -> None:
    """The published document is a valid schema of draft 2020-12, and describes everything in it."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    undescribed = [
        f"{kind}.{name}"
        for kind, definition in SCHEMA["$defs"].items()
        for name, member in definition.get("properties", {}).items()
        if not ({"description", "$ref"} & set(member))
    ]

    assert SCHEMA["title"]
    assert SCHEMA["description"]
    assert undescribed == []


@pytest.mark.parametrize(
    "kind", [Exchange, Request, Response, Failure, PlayRow, Judgement, Reception, Standing, Footer]
)
def test_every_field_is_written(kind: type) -> None:
    """A field that somebody adds to a value cannot be forgotten in the record."""
    definition = SCHEMA["$defs"][kind.__name__.lower().removesuffix("row")]
    written = set(definition["properties"]) - {"kind"} | ({"kind"} if kind is Failure else set())
    renamed = {"body": "raw"} if kind is Response else {}

    assert {renamed.get(name, name) for name in written} == {each.name for each in dataclasses.fields(kind)}


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
from chatconform.tests.test_record import exchange, writer
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


def line_of(row: Row, **changes: object) -> bytes:
    return json.dumps({**json.loads(to_line(row)), **changes}).encode() + b"\n"


END = to_line(
    Footer(
        finished="2026-11-22T20:00:00.000Z", wall=1.0, requests=0, tokens=Tokens(), verdicts={}, complete=True
    )
)
GOOD = to_line(HEADER)


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        (b"", None, "no header"),
        (END, 1, "no header comes first"),
        (GOOD + GOOD + END, 2, "second header"),
        (GOOD + END + line_of(exchange()), 3, "after the footer"),
        (GOOD + b"{]\n" + END, 2, "not JSON"),
        (GOOD + b"\n" + END, 2, "not JSON"),
        (GOOD + b'{"kind": "poem"}\n' + END, 2, "kind is none of header, exchange"),
        (GOOD + b"[]\n" + END, 2, "not a row"),
        (line_of(HEADER, schema="9") + END, 1, "version '9'"),
        (GOOD + line_of(exchange(), started="now") + END, 2, "/started"),
        (GOOD + line_of(exchange(), extra=1) + END, 2, "extra"),
        (GOOD + line_of(exchange(), failure={"kind": "odd", "message": "", "at": 0}) + END, 2, "failure"),
        (GOOD + line_of(judgement("A", Verdict.PASS), verdict="maybe") + END, 2, "/verdict"),
        (GOOD + line_of(exchange()) + line_of(exchange()) + END, 3, "second exchange x0001"),
        (
            GOOD + to_line(PlayRow(scenario="s", path="plain", attempt=1, steps=(("s", "x9"),))) + END,
            2,
            "x9",
        ),
        (GOOD + to_line(PlayRow(scenario="s", path="scenic", attempt=1, steps=())) + END, 2, "scenic"),
    ],
)
def test_broken_records_are_refused_with_file_and_line(
    tmp_path: Path, content: bytes, line: int | None, reason: str
) -> None:
    """A file that is no record, or a damaged one, is refused by name, with the line and what is wrong."""
    path = tmp_path / "r.jsonl"
    path.write_bytes(content)

    with pytest.raises(RecordError, match=reason) as raised:
        read_record(path, allow_incomplete=True)

    assert raised.value.line == line
    assert str(raised.value).startswith(f"{path}:{line}: " if line else f"{path}: ")


def test_broken_base64_is_refused(tmp_path: Path) -> None:
    """A body that is no base64 does not turn into other bytes."""
    row = json.loads(to_line(exchange(sent=request(b"\xff"))))
    row["request"]["body"]["base64"] = "/w=!"
    (tmp_path / "r.jsonl").write_bytes(GOOD + json.dumps(row).encode() + b"\n" + END)

    with pytest.raises(RecordError, match="no row of kind exchange"):
        read_record(tmp_path / "r.jsonl")


@pytest.mark.parametrize("make", [lambda path: path / "none.jsonl", lambda path: path])
def test_unreadable_files_are_the_users_matter(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    """A file that is not there, or is a folder, is an error with its name."""
    with pytest.raises(RecordError, match="cannot be read"):
        read_record(make(tmp_path))


def test_reading_row_by_row_holds_one_row(tmp_path: Path) -> None:
    """A long record can be read in bounded memory."""
    import tracemalloc

    path = tmp_path / "r.jsonl"
    with writer(path) as record:
        for n in range(120):
            record.exchange(exchange(f"x{n}", came=response(b"a" * 200_000)))
    tracemalloc.start()
    count = sum(1 for _ in read_rows(path))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert count == 122
    assert peak < path.stat().st_size / 4
