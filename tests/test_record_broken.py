"""Records that are broken are refused with file and line."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from chatconform.findings.verdict import Verdict
from chatconform.record import (
    Footer,
    RecordError,
    Tokens,
    read_record,
    read_rows,
)
from chatconform.record.encode import to_line
from chatconform.record.rows import PlayRow, Row
from chatconform.tests.support.recording_rows import HEADER, exchange, judgement, request, response, writer


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
