"""Shards: the requirements of a run divided among several, each judged by exactly one of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatconform.cli import main
from chatconform.errors import UsageError
from chatconform.findings.verdict import Verdict
from chatconform.ledger import load_ledger
from chatconform.record import read_record
from chatconform.running.shard import Shard, shard_from

LEDGER = load_ledger()
IDS = st.lists(st.text(max_size=3), min_size=1, max_size=60, unique=True)


def ran(tmp_path: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, list[Path]]:
    """The exit code of a run, what was printed in one line, and the records that there are."""
    out = tmp_path / "records"
    with pytest.raises(SystemExit) as ended:
        main(["run", "--out", str(out), "--clients", "none", *arguments])
    assert isinstance(ended.value.code, int)
    told = capsys.readouterr()
    assert "Traceback" not in told.out + told.err
    return ended.value.code, " ".join((told.out + told.err).split()), sorted(out.glob("*.jsonl"))


@given(ids=IDS, data=st.data())
def test_every_requirement_is_in_exactly_one_shard(ids: list[str], data: st.DataObject) -> None:
    """The shards of a selection, one behind the other, are the selection; none is larger by two."""
    of = data.draw(st.integers(1, len(ids)))

    parts = [Shard(number, of).part(ids) for number in range(1, of + 1)]

    assert [each for part in parts for each in part] == ids
    assert {len(part) for part in parts} <= {len(ids) // of, -(-len(ids) // of)}


@given(number=st.integers(1, 999), more=st.integers(0, 999))
def test_a_shard_is_read_as_it_is_written(number: int, more: int) -> None:
    """`2/5` and back."""
    shard = Shard(number, number + more)

    assert shard_from(str(shard)) == shard


@given(
    text=st.text().filter(lambda text: "/" not in text)
    | st.from_regex(r"[0-9]{0,2}/0|0/[0-9]+|-.*", fullmatch=True)
)
def test_what_is_no_shard_is_refused(text: str) -> None:
    """Nothing else is read as a shard, and the sentence quotes what it was."""
    with pytest.raises(UsageError) as refused:
        shard_from(text)

    assert repr(text) in str(refused.value)


@pytest.mark.parametrize("shard", ["0/5", "6/5", "x", "", "1/0", "2", "1/2/3", "-1/5", "1/1000"])
def test_a_bad_shard_is_refused_before_anything_is_sent(
    shard: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One sentence that names the shard, exit code 2, and no record."""
    code, told, records = ran(tmp_path, capsys, "--shard", shard)

    assert code == 2
    assert f"--shard {shard}" in told or f"--shard {shard!r}" in told
    assert records == []


def test_a_shard_judges_its_own_requirements_and_says_that_it_is_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Header, judgements and report are those of the second of three parts of an area."""
    summary = tmp_path / "summary.md"

    code, told, (path,) = ran(
        tmp_path, capsys, "-r", "STOP", "--shard", "2/3", "--format", f"summary={summary}"
    )

    record = read_record(path)
    assert code == 0
    assert record.header.shard == "2/3"
    assert record.header.requirements == ("CC-STOP-004", "CC-STOP-005", "CC-STOP-006")
    assert {each.requirement for each in record.judgements} == set(record.header.requirements)
    assert "shard 2/3 of a run: what follows is about 3 requirements of it" in told
    assert "shard 2/3" in summary.read_text(encoding="utf-8")


def test_the_page_says_that_it_is_about_a_shard(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The facts of a run have the shard among them."""
    page = tmp_path / "page.html"

    ran(tmp_path, capsys, "-r", "STOP", "--shard", "1/9", "--format", f"html={page}")

    assert "Shard" in page.read_text(encoding="utf-8")
    assert "1/9" in page.read_text(encoding="utf-8")


def test_a_shard_in_which_nothing_applies_leaves_a_record(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever merges needs all shards: this one says that nothing was measured, and has its judgements."""
    code, told, (path,) = ran(tmp_path, capsys, "-r", "GATE", "--shard", "2/5")

    record = read_record(path)
    assert code == 3
    assert "not measured well enough to say" in told
    assert record.footer is not None
    assert record.footer.complete
    assert {each.requirement for each in record.judgements} == set(record.header.requirements)
    assert {each.verdict for each in record.judgements} == {Verdict.NOT_APPLICABLE}


def test_pytest_takes_a_shard_as_well(tmp_path: Path) -> None:
    """The option of the plugin selects the same requirements."""
    models = [row.id for row in LEDGER.select(["MODELS"])]

    arguments = ["suites/models", "-q", "-p", "no:cacheprovider", "--shard", "2/3"]
    subprocess.run(
        [sys.executable, "-m", "pytest", *arguments, "--requirement", "MODELS", "--out", str(tmp_path)],
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        timeout=120,
        check=True,
    )

    (path,) = tmp_path.glob("*.jsonl")
    assert read_record(path).header.requirements == Shard(2, 3).part(models)
