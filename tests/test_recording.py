"""Reading what an upstream recorded: what is found, and what a foreign or broken file comes to."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatconform.client import recording
from chatconform.client.recording import Recording, recording_header, recording_of
from chatconform.client.target import Target
from chatconform.errors import NotMeasured, UsageError
from chatconform.running.run import target_from
from chatconform.wire.received import (
    Found,
    Received,
    RecordingHeader,
    found_text,
    header_line,
    read_found,
    read_header,
    read_received,
    received_line,
)

HEADER = RecordingHeader(
    models=("m",), features={"outage": "Out.", "stall": "Stall."}, started="2026-11-26T00:00:00+00:00"
)


def received(code: str, *, name: str = "req_1", status: int | None = None) -> Received:
    body = {"model": "m", "messages": [{"role": "user", "content": f"Ünï {code}"}]}
    path = "/v1/chat/completions"
    return Received(time=1.5, id=name, method="POST", path=path, stream=False, status=status, body=body)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "upstream.jsonl"
    path.write_bytes(header_line(HEADER) + received_line(received("OLDCODE")))
    return path


def test_what_bears_a_code_is_found(file: Path) -> None:
    """Of all requests since the record was opened those are found that bear the code, in order."""
    opened = Recording(file)
    with file.open("ab") as stream:
        stream.writelines(
            [
                received_line(received("NEWCODE", name="a")),
                received_line(received("OTHER", name="b")),
                received_line(received("NEWCODE", name="c", status=400)),
            ]
        )

    assert opened.header == HEADER
    assert opened.find("OLDCODE") == Found(received=(), calls=3)
    assert [each.id for each in opened.find("NEWCODE").received] == ["a", "c"]
    assert opened.find("NEWCODE").received[1] == received("NEWCODE", name="c", status=400)


def test_a_line_that_is_being_written_is_not_read(file: Path) -> None:
    """A last line without its end is left for later; one that is no request is passed over."""
    opened, line = Recording(file), received_line(received("NEWCODE"))
    with file.open("ab") as stream:
        stream.write(b'{"NEWCODE": 1}\nNEWCODE\n\xff NEWCODE\n' + line[:-7])
    half = opened.find("NEWCODE")
    with file.open("ab") as stream:
        stream.write(line[-7:])

    assert half.received == ()
    assert [each.id for each in opened.find("NEWCODE").received] == ["req_1"]


def test_a_record_that_was_begun_anew_is_read_from_its_start(file: Path) -> None:
    """An upstream that was started again has a shorter file; what it received counts."""
    opened = Recording(file)
    file.write_bytes(header_line(HEADER)[:-1] + b"\n" + received_line(received("N"))[:40])
    file.write_bytes(header_line(HEADER) + received_line(received("N")))

    assert len(opened.find("N").received) == 1


def test_reading_is_bounded(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a line without end nor a file without end is read for ever."""
    opened = Recording(file)
    with file.open("ab") as stream:
        stream.writelines(received_line(received("CODE", name=str(n))) for n in range(40))
    monkeypatch.setattr(recording, "_MOST_READ", 1000)
    few = opened.find("CODE")
    monkeypatch.undo()
    monkeypatch.setattr(recording, "_LONGEST_LINE", 64)

    assert 0 < few.calls < 10
    assert opened.find("CODE").received == ()
    monkeypatch.undo()
    assert len(opened.find("CODE").received) == 16
    assert opened.find("CODE").calls == 40


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\xff" * 50,
        b"[]\n",
        b'{"format": "chatconform-upstream", "version": 2, "models": [], "features": {}, "started": ""}\n',
        b'{"format": "chatconform-upstream", "version": 1}\n',
        b"{" * 100_000,
    ],
)
def test_a_foreign_file_is_a_mistake_of_the_user(tmp_path: Path, content: bytes) -> None:
    """What is no record is refused before anything is sent, with a hint."""
    file = tmp_path / "file"
    file.write_bytes(content)
    with pytest.raises(UsageError, match="is not the record of an upstream") as caught:
        recording_header(file)

    assert "serve --record FILE" in str(caught.value.hint)


@pytest.mark.parametrize("name", ["missing.jsonl", "."])
def test_a_file_that_cannot_be_read_is_a_mistake_of_the_user(tmp_path: Path, name: str) -> None:
    """A file that is not there, and a folder, are told with the system's reason and a hint."""
    with pytest.raises(UsageError, match="cannot be read: ") as caught:
        target_from("http://127.0.0.1:1/v1", model=None, key_env=None, upstream=tmp_path / name)

    assert caught.value.hint


def test_a_record_that_goes_away_measures_nothing(file: Path) -> None:
    """Where the file vanishes within a run, the target is not to blame."""
    opened = Recording(file)
    file.unlink()
    with pytest.raises(NotMeasured, match="cannot be read any more"):
        opened.find("CODE")


def test_a_target_declares_what_its_upstream_can_do(file: Path) -> None:
    """The features of the header are declared with the file; what the user declares goes before them."""
    target = target_from(
        "http://127.0.0.1:1/v1", model=None, key_env=None, upstream=file, declared=("stall=Other.", "auth")
    )

    assert target.declared["recording-upstream"] == str(file)
    assert (target.declared["outage"], target.declared["stall"]) == ("Out.", "Other.")
    assert recording_of(target.declared) is not None
    assert recording_of(Target(url="http://127.0.0.1:1/v1").declared) is None


@pytest.mark.parametrize("value", ["", "=", "=/nowhere/at/all"])
def test_a_declared_record_is_looked_at_too(value: str) -> None:
    """To declare the feature without a file that can be read is a mistake as well."""
    with pytest.raises(UsageError):
        target_from(
            "http://127.0.0.1:1/v1", model=None, key_env=None, declared=(f"recording-upstream{value}",)
        )


def test_what_was_found_survives_a_record(file: Path) -> None:
    """What is noted as text is read back as it was; a text that is none comes to nothing."""
    found = Found(received=(received("A"), received("B", status=400)), calls=7)

    assert read_found(found_text(found)) == found
    assert read_found("nothing") == Found(received=(), calls=0)
    assert read_found('{"received": [1, {"id": 2}], "calls": "x"}') == Found(received=(), calls=0)


@given(st.binary(max_size=200))
def test_no_line_breaks_the_reader(line: bytes) -> None:
    """Any bytes are a line, or none; never an exception."""
    assert read_header(line) is None or line.startswith(b"{")
    assert read_received(line) is None or b"body" in line
