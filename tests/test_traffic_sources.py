"""What kind of traffic a file holds, and what is met in it."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from chatconform.errors import Unrecorded
from chatconform.findings.verdict import Verdict
from chatconform.judging.check import OfTraffic
from chatconform.judging.judge import judge_traffic
from chatconform.record.encode import to_line
from chatconform.running.catalogue import all_checks
from chatconform.tests.support.exchanges import chunks, completion, exchange, sse, streamed
from chatconform.tests.support.recording_rows import HEADER, writer
from chatconform.traffic.entry_writing import entry_of_exchange
from chatconform.traffic.met import Beside, Described, Heard, Met, Unjudged
from chatconform.traffic.source import source_at
from chatconform.traffic.transcripts import NO_HEAD, exchange_of

STREAMS = Path(__file__).parents[1] / "fixtures" / "streams"
RULES = [made for made in all_checks() if isinstance(made, OfTraffic)]
STREAM = sse(chunks())
HAR = json.dumps({"log": {"version": "1.2", "entries": [entry_of_exchange(streamed())]}}).encode()


def met_in(path: Path, content: bytes | None = None) -> list[Met]:
    if content is not None:
        path.write_bytes(content)
    return [met for met in source_at(path).met() if not isinstance(met, Described)]


@pytest.mark.parametrize("name", ["traffic.har", "traffic.jsonl", "traffic"])
@pytest.mark.parametrize(
    "content",
    [
        HAR,
        b"\xef\xbb\xbf" + HAR,
        b"\n\n " + HAR,
        gzip.compress(HAR, mtime=0),
        gzip.compress(HAR[:99], mtime=0) + gzip.compress(HAR[99:], mtime=0),
    ],
    ids=["plain", "mark", "blank", "gzip", "gzip-in-two"],
)
def test_a_file_is_known_by_its_beginning(tmp_path: Path, name: str, content: bytes) -> None:
    """A HAR is one by any name, packed or not."""
    (met,) = met_in(tmp_path / name, content)

    assert isinstance(met, Heard)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"\x28\xb5\x2f\xfd rest", "zstd"),
        (b"PK\x03\x04rest", "zip"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "binary"),
        (b"\x1b\x00\x05brotli", "binary"),
        ("{}".encode("utf-16"), "UTF-16"),
        (b"[]", "neither a HAR"),
        (b"<html>", "neither a HAR"),
        (gzip.compress(HAR, mtime=0)[:60], "gzip is broken"),
        (gzip.compress(HAR, mtime=0)[:-9] + b"garbage!!", "gzip is broken"),
        (b"\x1f\x8bno gzip at all", "gzip is broken"),
    ],
)
def test_what_is_no_traffic_is_named(tmp_path: Path, content: bytes, reason: str) -> None:
    """A file of another kind is named, with what to do about it where that is known."""
    last = met_in(tmp_path / "traffic", content)[-1]

    assert isinstance(last, Unjudged)
    assert last.is_end
    assert reason in last.reason
    assert last.where.file == tmp_path / "traffic"


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """A file that went away is no traceback."""
    (met,) = met_in(tmp_path / "gone")

    assert isinstance(met, Unjudged)
    assert "No such file" in met.reason


# --- run records ---


def test_a_record_is_read_past_its_broken_rows(tmp_path: Path) -> None:
    """Exchanges are heard, the calls before a run are beside, and a row that is none is named by its line."""
    path = tmp_path / "run.jsonl"
    came = exchange(completion())
    with writer(path) as written:
        written.exchange(replace(came, scenario="smoke", id="x0"))
        written.exchange(came)
    lines = path.read_bytes().splitlines(keepends=True)
    lines[2:2] = [b"{}\n", b'{"kind": "exchange"}\n', b"\xff\xfe\n"]
    found = met_in(path, b"".join(lines))

    assert Counter(map(type, found)) == {Heard: 1, Beside: 1, Unjudged: 3}
    heard = next(met for met in found if isinstance(met, Heard))
    assert heard.exchange == came
    assert [met.where.position for met in found if isinstance(met, Unjudged)] == [
        "line 3",
        "line 4",
        "line 5",
    ]


def test_a_record_that_was_cut_off_is_judged_and_named(tmp_path: Path) -> None:
    """Without a footer, and within a row, what came before is heard."""
    whole = to_line(HEADER) + to_line(exchange(completion()))

    first, second = met_in(tmp_path / "run.jsonl", whole)
    cut = met_in(tmp_path / "cut.jsonl", whole[:-30])

    assert isinstance(first, Heard)
    assert isinstance(second, Unjudged)
    assert second.is_end
    assert [type(met) for met in cut] == [Unjudged, Unjudged]


def test_a_row_that_is_too_long_is_not_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is named by its line, and the next one is read."""
    monkeypatch.setattr("chatconform.traffic.records.PIECE_LIMIT", 4000)
    rows = [HEADER, exchange(completion("x" * 5000)), exchange(completion())]

    found = met_in(tmp_path / "run.jsonl", b"".join(map(to_line, rows)))

    assert [type(met) for met in found] == [Unjudged, Heard, Unjudged]


def test_a_record_says_what_its_target_lacks(tmp_path: Path) -> None:
    """The features that were declared absent come before the exchanges."""
    path = tmp_path / "run.jsonl"
    header = replace(HEADER, target=replace(HEADER.target, lacks=("tools",)))
    path.write_bytes(to_line(header) + to_line(exchange(completion())))

    first = next(iter(source_at(path).met()))

    assert first == Described(lacks=frozenset({"tools"}))


# --- event streams ---


def test_a_directory_is_all_its_streams(tmp_path: Path) -> None:
    """Every file below it is read, but for hidden ones."""
    (tmp_path / "inner" / ".git").mkdir(parents=True)
    for name in ("b.sse", "inner/a.txt", ".hidden", "inner/.git/x.sse"):
        (tmp_path / name).write_bytes(STREAM)
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00")

    found = met_in(tmp_path)

    assert [met.where.file.name for met in found if isinstance(met, Heard)] == ["b.sse", "a.txt"]
    assert [met.where.file.name for met in found if isinstance(met, Unjudged)] == ["picture.png"]


@pytest.mark.parametrize("begin", [b"", b"\n\n", b": ping\n\n", b"\xef\xbb\xbf", b"event: message\r\n"])
def test_a_stream_is_known_by_its_first_line(tmp_path: Path, begin: bytes) -> None:
    """Fields, comments, blank lines and a mark may come first."""
    (met,) = met_in(tmp_path / "answer", begin + STREAM)

    assert isinstance(met, Heard)
    assert met.exchange.is_stream
    assert met.exchange.response is not None
    assert len(met.exchange.response.stream.chunks) == len(chunks())


def test_a_stream_too_large_to_be_held_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not read to its end."""
    monkeypatch.setattr("chatconform.traffic.transcripts.PIECE_LIMIT", 100)

    (met,) = met_in(tmp_path / "answer.sse", STREAM)

    assert isinstance(met, Unjudged)
    assert "larger than" in met.reason


def test_the_head_that_curl_prints_is_read() -> None:
    """With `curl -i` status and headers are known, behind those of a proxy or of 100 Continue."""
    head = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/2 200 \r\ncontent-type: text/event-stream\r\ndate: x\r\n\r\n"
    came = exchange_of(head + STREAM, name="x").response

    assert came is not None
    assert (came.status, came.header("date"), came.raw) == (200, "x", STREAM)
    bare = exchange_of(STREAM, name="x").response
    assert bare is not None
    with pytest.raises(Unrecorded, match=NO_HEAD):
        bare.header("date")


def _verdicts(raw: bytes) -> dict[str, set[Verdict]]:
    came = exchange_of(raw, name="x")
    found: dict[str, set[Verdict]] = {}
    for made in RULES:
        found.setdefault(made.requirement, set()).add(judge_traffic(made, [came]).verdict)
    return found


@pytest.mark.parametrize("file", sorted(STREAMS.glob("good/*.sse")), ids=lambda file: file.stem)
def test_a_good_stream_by_itself_fails_nothing(file: Path) -> None:
    """Whatever was asked for, no rule fails a legal stream, and the rules of its framing pass it."""
    found = _verdicts(file.read_bytes())

    assert {name for name, verdicts in found.items() if Verdict.FAIL in verdicts} == set()
    assert all(found[name] == {Verdict.PASS} for name in ("CC-STREAM-002", "CC-STREAM-004", "CC-STREAM-010"))


NEEDS_MORE = [
    *("CC-HTTP-007", "CC-HTTP-010", "CC-HTTP-013", "CC-HTTP-014", "CC-RESP-023", "CC-STREAM-031"),
    *("CC-ERR-015", "CC-ERR-018", "CC-AUTH-007", "CC-REQ-001", "CC-REQ-022", "CC-RESP-008", "CC-STREAM-013"),
    *("CC-STREAM-001", "CC-STREAM-018", "CC-STREAM-020", "CC-STREAM-026", "CC-STREAM-032", "CC-STREAM-036"),
    *("CC-TOOLS-015", "CC-TOOLS-016", "CC-LIMIT-008", "CC-LIMIT-009", "CC-USAGE-004", "CC-USAGE-006"),
    *("CC-USAGE-013", "CC-USAGE-014", "CC-ERR-007"),
]


@pytest.mark.parametrize("requirement", NEEDS_MORE)
def test_no_rule_speaks_of_what_was_not_recorded(requirement: str) -> None:
    """Whatever streams hold, rules about heads, requests and times say neither pass nor fail of them."""
    for file in STREAMS.glob("*/*.sse"):
        found = _verdicts_of(requirement, file.read_bytes())
        assert found == {Verdict.INCONCLUSIVE}, file.name


def _verdicts_of(requirement: str, raw: bytes) -> set[Verdict]:
    came = exchange_of(raw, name="x")
    return {judge_traffic(made, [came]).verdict for made in RULES if made.requirement == requirement}


def test_no_verdict_depends_on_what_stands_for_the_request() -> None:
    """What a withheld request holds is never looked at: other stand-ins change no judgement."""
    came = exchange_of((STREAMS / "good" / "usage-chunk.sse").read_bytes(), name="x")
    asked = json.dumps({"model": "m", "messages": [], "n": 2, "stream": True}).encode()
    other = replace(came, request=replace(came.request, body=asked, headers=(("authorization", "Bearer k"),)))

    for made in RULES:
        assert judge_traffic(made, [came]) == judge_traffic(made, [other]), made.id
