"""What the pages say, read from their text: no browser is needed for that."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatconform.findings.verdict import Verdict
from chatconform.ledger import load_ledger
from chatconform.ledger.links import linked
from chatconform.reports.comparison.speed import timings_of
from chatconform.reports.comparison.table import comparison_of
from chatconform.reports.comparison.text import as_csv, as_json, markdown
from chatconform.reports.pages.html import html_report
from chatconform.tests.support.exchanges import completion, exchange, hung, streamed
from chatconform.tests.support.pages import a_comparison, a_run, timed_stream
from chatconform.tests.support.reports import FAIL, HEADER, PASS, ended, judgement, record_of, told, write

LEDGER = load_ledger()


def test_a_record_that_was_cut_off_says_so_in_its_page() -> None:
    """Beside the headline, with how far it goes."""
    html = html_report(told(replace(a_run(), footer=None)))

    assert "Not a whole run: the record was cut off; it holds 2 requests and 5 judgements" in html


def test_every_source_of_the_ledger_is_told_whole() -> None:
    """The pieces of a text are the text, and an abbreviation that SOURCES.md explains has an address."""
    for row in LEDGER:
        for text in (row.source, *row.seen_in):
            assert "".join(piece.text for piece in linked(text)) == text
    assert [
        piece.url for piece in linked("RFC9110 s8.3; vllm-project/vllm#9; sdk:_base_client.x") if piece.url
    ] == [
        "https://www.rfc-editor.org/rfc/rfc9110#section-8.3",
        "https://github.com/vllm-project/vllm/issues/9",
        "https://github.com/openai/openai-python/blob/v3.54.0/src/openai/_base_client.py",
    ]


@given(st.text())
def test_any_text_can_be_linked(text: str) -> None:
    """The pieces together are the text, whatever it is."""
    assert "".join(piece.text for piece in linked(text)) == text


def test_columns_name_themselves() -> None:
    """By their models; by host or time where these are the same; by number as a last resort."""
    run = told(a_run())
    elsewhere = replace(HEADER, target=replace(HEADER.target, url="http://other/v1"))
    later = replace(HEADER, started="2026-11-23T20:00:00.000Z")

    def names(*records: object, given_names: tuple[str, ...] = ()) -> list[str]:
        reports = [told(replace(a_run(), header=header)) for header in records]  # type: ignore[arg-type]
        return [column.name for column in comparison_of(reports, LEDGER, names=given_names).columns]

    assert names(HEADER, replace(HEADER, target=replace(HEADER.target, model="n"))) == ["m", "n"]
    assert names(HEADER, elsewhere) == ["m at target", "m at other"]
    assert names(HEADER, later) == ["m, 2026-11-22 20:00", "m, 2026-11-23 20:00"]
    assert names(HEADER, HEADER) == ["run (1)", "run (2)"]
    assert names(HEADER, elsewhere, given_names=("mine",)) == ["mine", "m"]
    assert run.source.stem == "run"


def test_runs_of_one_target_tell_what_changed() -> None:
    """Of several targets it is a matrix, of one at two times a change."""
    before = told(record_of((judgement("CC-STOP-001", PASS),)))
    after = told(record_of((judgement("CC-STOP-001", FAIL),), header=replace(HEADER, started="2026-12-01")))

    comparison = comparison_of([before, after], LEDGER)

    assert comparison.is_of_one_target
    assert [line.requirement.id for line in comparison.different] == ["CC-STOP-001"]
    assert not a_comparison().is_of_one_target


def test_a_requirement_that_one_run_did_not_ask_for_is_no_verdict() -> None:
    """Its cell is empty, and counts as a difference."""
    line = next(line for line in a_comparison().lines if line.requirement.id == "CC-STOP-002")

    assert [cell.verdict for cell in line.cells] == [Verdict.ERROR, None]
    assert line.differs


def test_the_texts_of_a_matrix_are_read_by_others() -> None:
    """CSV by a spreadsheet, JSON by a program, Markdown by a forge: all say the same verdicts."""
    comparison = a_comparison()

    rows = list(csv.reader(io.StringIO(as_csv(comparison))))
    data = json.loads(as_json(comparison))
    text = markdown(comparison)

    assert rows[0] == ["requirement", "level", "area", "title", "m", "another"]
    assert next(row for row in rows if row[0] == "CC-STREAM-006")[:2] == ["CC-STREAM-006", "MUST"]
    told_in_json = {each["id"]: each["verdicts"] for each in data["requirements"]}
    assert {row[0]: row[4:] for row in rows[1:]} == {
        name: [verdict or "absent" for verdict in verdicts] for name, verdicts in told_in_json.items()
    }
    assert "| CC-STREAM-006 (MUST)" in text
    assert "CC-HTTP-001" not in text


@pytest.mark.parametrize("name", ["=1+1", "@SUM(A1)", "-2", "+3"])
def test_no_name_is_a_formula(name: str) -> None:
    """What a spreadsheet would calculate stands behind a quote."""
    comparison = comparison_of([told(a_run()), told(a_run())], LEDGER, names=(name, "b"))

    assert f"'{name}" in as_csv(comparison).splitlines()[0]


@pytest.mark.parametrize("name", ["a|b", "`x`", "<b>", "a\nb"])
def test_no_name_breaks_a_table(name: str) -> None:
    """Every line of a Markdown table has as many cells as its head."""
    comparison = comparison_of([told(a_run()), told(a_run())], LEDGER, names=(name, "b"))

    heads = [line for line in markdown(comparison).splitlines() if line.startswith("| area")]

    assert heads[0].replace("\\|", "").count("|") == 4


def test_timings_are_of_whole_answers() -> None:
    """First token, between tokens, end; a stream that hangs and a refusal tell nothing of them."""
    timings = timings_of([timed_stream(), hung(), exchange({}, status=400), exchange(completion())])

    # The role comes first, with no text; then three pieces of text, ten milliseconds apart.
    assert timings.first == (110.0,)
    assert timings.between == (10.0, 10.0)
    assert timings.total == (500.0, 500.0)
    assert timings_of([streamed()]).between == (0.0,)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("a.jsonl",), "one record has nothing to be compared with"),
        (("a.jsonl", "a.jsonl"), "was named twice"),
        (("a.jsonl", "b.jsonl", "--format", "markdwn"), "Did you mean markdown?"),
        (("a.jsonl", "b.jsonl", "--name", "x", "--name", "y", "--name", "z"), "3 names for 2 records"),
        (("a.jsonl", "b.jsonl", "--out", "a.jsonl"), "would replace one of the records"),
        (("a.jsonl", "cut.jsonl"), "the record was cut off"),
    ],
)
def test_mistakes_are_named(
    arguments: tuple[str, ...],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """In one sentence, with the exit code of a usage error, and nothing is written."""
    write(a_run(), tmp_path / "a.jsonl")
    write(a_run(), tmp_path / "b.jsonl")
    write(replace(a_run(), footer=None), tmp_path / "cut.jsonl")
    monkeypatch.chdir(tmp_path)
    before = {file: file.read_bytes() for file in tmp_path.iterdir()}

    assert ended("compare", *arguments) == 2

    assert said in " ".join(capsys.readouterr().err.split())
    assert {file: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_a_comparison_lies_beside_the_first_record(tmp_path: Path) -> None:
    """Unless told where: a page is made to be opened."""
    files = [write(a_run(), tmp_path / name) for name in ("a.jsonl", "b.jsonl")]

    assert ended("compare", *files) == 0

    assert "<!doctype html>" in (tmp_path / "comparison.html").read_text(encoding="utf-8")
