"""`chatconform judge`: the checks of today on the traffic of then."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from chatconform.cli import main
from chatconform.findings.verdict import Verdict
from chatconform.ledger import load_ledger
from chatconform.record import Record, read_record
from chatconform.running.rejudging import Change, changes, judge_again

AREAS = ("STOP", "MODELS", "STREAM", "HTTP", "ERR", "AUTH", "TOOLS")
LEDGER = load_ledger()


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The record of a run that has failures: of a reference server with a fault."""
    out = tmp_path_factory.mktemp("run")
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(out)
        with pytest.raises(SystemExit):
            main(["run", "--out", str(out), *(f"-r{area}" for area in AREAS)])
    return next(out.glob("*.jsonl"))


@pytest.fixture(scope="module")
def record(path: Path) -> Record:
    return read_record(path)


def judged_again(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as ended:
        main(["judge", *arguments])
    assert isinstance(ended.value.code, int)
    told = capsys.readouterr()
    assert "Traceback" not in told.err
    return ended.value.code, " ".join((told.out + told.err).split())


def test_an_unchanged_tool_judges_alike(record: Record) -> None:
    """Every judgement is the one of the run: verdict, reason, evidence and all."""
    again = judge_again(record, LEDGER, record.header.requirements)

    def key(judgement: object) -> str:
        return repr(judgement)

    assert sorted(again, key=key) == sorted(record.judgements, key=key)
    assert changes(record.judgements, again, record.header.requirements) == ()


def test_a_play_that_is_missing_leaves_its_checks_open(record: Record) -> None:
    """What newer checks would have sent was not sent: they are inconclusive and say which play is missing."""
    scenario = "stop.scenarios.more_stops"
    plays = tuple(play for play in record.plays if play.scenario != scenario)

    again = judge_again(replace(record, plays=plays), LEDGER, record.header.requirements)

    missing = [each for each in again if "the record has no play" in each.reason]
    assert missing
    assert {each.verdict for each in missing} == {Verdict.INCONCLUSIVE}
    assert all(scenario in each.reason for each in missing)


def test_what_the_target_lacked_is_still_out_of_scope(record: Record) -> None:
    """Features that were declared absent are in the record, so their rules do not apply now either."""
    header = replace(record.header, target=replace(record.header.target, lacks=("tools",)))

    again = judge_again(replace(record, header=header), LEDGER, ["CC-TOOLS-001"])

    assert {each.verdict for each in again} == {Verdict.NOT_APPLICABLE}


def test_changes_are_told_by_check_and_path(record: Record) -> None:
    """A verdict that differs, one that is new and one that is gone are changes; all else is none."""
    first, second, *rest = record.judgements
    now = (replace(first, verdict=Verdict.ERROR), *rest)
    before = (first, second, *rest[1:])

    found = changes(before, now, record.header.requirements)

    def change(of: int, then: Verdict | None, today: Verdict | None) -> Change:
        each = record.judgements[of]
        return Change(requirement=each.requirement, check=each.check, path=each.path, before=then, now=today)

    assert set(found) == {
        change(0, first.verdict, Verdict.ERROR),
        change(1, second.verdict, None),
        change(2, None, rest[0].verdict),
    }


def test_the_command_prints_and_writes(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says that nothing changed, prints the report, and writes a record that says the same."""
    out = tmp_path / "again.jsonl"

    code, told = judged_again(capsys, str(path), "--out", str(out))

    assert code == 0
    assert "no verdict has changed" in told
    assert "✓ conforms" in told
    before, now = read_record(path), read_record(out)
    assert (now.plays, now.exchanges) == (before.plays, before.exchanges)
    assert sorted(map(repr, now.judgements)) == sorted(map(repr, before.judgements))
    assert now.header.target == before.header.target
    assert now.header.policy == before.header.policy


def test_a_record_that_was_judged_strictly_stays_strict(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What decided is in the record that is written, and decides wherever that is read."""
    out = tmp_path / "again.jsonl"

    judged_again(capsys, str(path), "-r", "CC-STREAM-003", "--strict", "--out", str(out))

    assert not read_record(path).header.policy.strict
    assert read_record(out).header.policy.strict


def test_the_command_shows_what_changed(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A record whose tool judged otherwise is judged as today, and the difference shown."""
    rows = [json.loads(line) for line in path.read_bytes().splitlines()]
    for row in rows:
        if row["kind"] == "judgement" and row["requirement"] == "CC-STREAM-003":
            row["verdict"] = "fail"
    other = tmp_path / "other.jsonl"
    other.write_text("".join(json.dumps(row) + "\n" for row in rows))

    code, told = judged_again(capsys, str(other), "-r", "CC-STREAM-003")

    assert code == 0
    assert told.startswith("one verdict has changed CC-STREAM-003 stream.a_stream_ends_with_exactly_one_")
    assert "✗ fail → ✓ pass" in told


def test_a_run_that_was_cut_off_conforms_to_nothing(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What it holds is judged, with nothing to compare with; what it would have sent might have failed."""
    lines = path.read_bytes().splitlines(keepends=True)
    cut = tmp_path / "cut.jsonl"
    cut.write_bytes(b"".join(line for line in lines if b'"kind":"judgement"' not in line)[:-50])

    code, told = judged_again(capsys, str(cut))

    assert code == 3
    assert "changed" not in told
    assert "the run was cut off" in told


@pytest.mark.parametrize("content", [b"", b"{}\n", b"\x00\x01"])
def test_what_is_no_record_is_the_users_mistake(
    content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another file ends with 2 and names itself."""
    file = tmp_path / "file"
    file.write_bytes(content)

    code, told = judged_again(capsys, str(file))

    assert code == 2
    assert "not" in told


def test_a_record_is_never_written_over(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--out` with the record's own file is a mistake."""
    before = path.read_bytes()

    code, told = judged_again(capsys, str(path), "--out", str(path))

    assert code == 2
    assert "the record itself" in told
    assert path.read_bytes() == before
