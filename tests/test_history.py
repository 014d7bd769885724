"""Many runs over time: which verdict changed when, what else changed then, and what is no change."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from chatconform.findings.verdict import Verdict
from chatconform.history.course import Course
from chatconform.history.glance import Glance, glance_of
from chatconform.history.history import History, TargetHistory, history_of
from chatconform.ledger import load_ledger
from chatconform.reports.history.terminal import print_history
from chatconform.reports.history.text import as_csv, as_json, markdown
from chatconform.tests.support.history import (
    LETTERS,
    record_on,
    rows_of,
    run_of,
    runs_of,
    started,
    verdicts_on,
)
from chatconform.tests.support.pages import a_history
from chatconform.tests.support.reports import (
    FAIL,
    HEADER,
    HOSTILE,
    PASS,
    ended,
    hostile,
    judgement,
    record_of,
    write,
)

LEDGER = load_ledger()
RULE, OTHER = "CC-STOP-001", "CC-STOP-002"


def only(runs: list[Glance]) -> TargetHistory:
    (target,) = history_of(runs, LEDGER, folder=Path()).targets
    return target


def course(letters: str) -> Course:
    return only(runs_of({RULE: letters})).courses[0]


def printed(history: History, *, width: int = 100) -> str:
    out = io.StringIO()
    print_history(history, Console(file=out, width=width, highlight=False))
    return out.getvalue()


def test_a_change_is_told_by_the_first_run_with_it() -> None:
    """Before and after, the run in which it came, and the run before."""
    (change,) = course("PPFF").changes

    assert (change.before, change.after) == (PASS, FAIL)
    assert (change.since.source.name, change.run.source.name) == ("run001.jsonl", "run002.jsonl")


@pytest.mark.parametrize(
    ("letters", "changes", "unstable"),
    [
        ("PPPP", 0, False),
        ("P", 0, False),
        ("PPFF", 1, False),
        ("PFFP", 2, False),
        ("PFPF", 3, True),
        ("P--P", 0, False),
        ("P-F-", 1, False),
        ("--P-", 0, False),
        ("PEPE", 3, True),
    ],
)
def test_what_was_not_judged_is_no_change(letters: str, changes: int, unstable: bool) -> None:
    """Verdicts are compared with the last run that judged the same; there and back is not unstable."""
    told = course(letters)

    assert len(told.changes) == changes
    assert told.is_unstable is unstable


@given(st.text(alphabet="".join(LETTERS), min_size=1, max_size=30).filter(lambda text: set(text) != {"-"}))
def test_the_changes_tell_the_whole_course(letters: str) -> None:
    """From the first verdict on, the changes lead through all others; the newest is the first."""
    told = course(letters)
    judged = [(place, verdict) for place, verdict in enumerate(told.verdicts) if verdict]

    replayed = [judged[0][1]]
    changes = {change.place: change for change in told.changes}
    for place, _ in judged[1:]:
        change = changes.get(place)
        assert change is None or change.before is replayed[-1]
        replayed.append(change.after if change else replayed[-1])
    assert replayed == [verdict for _, verdict in judged]
    assert [change.place for change in told.changes] == sorted(changes, reverse=True)


def test_paths_that_a_run_did_not_judge_change_nothing() -> None:
    """What is broken on a path that a smaller profile does not judge is neither mended nor broken by that."""
    both = {"plain": PASS, "streamed": FAIL}

    def changes(*runs: dict[str, Verdict]) -> list[tuple[str, str, int, int]]:
        glances = [
            glance_of(
                rows_of(
                    record_of(
                        [judgement(RULE, each, path=path) for path, each in run.items()],
                        header=replace(HEADER, started=started(day)),
                    )
                ),
                Path(f"{day}.jsonl"),
            )
            for day, run in enumerate(runs)
        ]
        found = only(glances).courses[0].changes
        return [(each.before, each.after, int(each.since.source.stem), each.place) for each in found]

    assert changes(both, {"plain": PASS}, both) == []
    assert changes(both, {"plain": FAIL}) == [("pass", "fail", 0, 1)]
    assert changes({"plain": PASS}, {"streamed": FAIL}) == []
    assert changes(both, {"plain": PASS}, {"plain": PASS, "streamed": PASS}) == [("fail", "pass", 0, 2)]


def test_what_else_changed_is_told_with_it() -> None:
    """A new tool, contract, ledger, profile or model is the likeliest cause; what stayed is not named."""
    newer = replace(HEADER, tool="0.2.0", ledger_digest="a" * 64, target=replace(HEADER.target, model="n"))
    named = {place: replace(HEADER, target=replace(HEADER.target, name="it")) for place in (0, 1)}
    after = replace(newer, target=replace(newer.target, name="it"))
    (target,) = history_of(runs_of({RULE: "PPF"}, headers={**named, 2: after}), LEDGER, folder=Path()).targets
    (change,) = target.courses[0].changes

    assert [(shift.what, shift.before, shift.after) for shift in change.shifts] == [
        ("tool", "0.1.0", "0.2.0"),
        ("ledger", "ffffffff", "aaaaaaaa"),
        ("model", "m", "n"),
    ]
    told = printed(history_of(target.runs, LEDGER, folder=Path()))
    assert "with tool 0.1.0 → 0.2.0; ledger ffffffff → aaaaaaaa; model m → n" in " ".join(told.split())


def test_the_newest_change_is_first() -> None:
    """Whatever the ledger's order is."""
    target = only(runs_of({RULE: "PFFF", OTHER: "PPPF", "CC-STOP-003": "PPFF"}))

    assert [each.requirement.id for each in target.changed] == [OTHER, "CC-STOP-003", RULE]


def test_what_changed_together_stands_together() -> None:
    """A night on which the target was down is one entry, not four hundred."""
    target = only(runs_of({RULE: "PEP", OTHER: "PEP", "CC-STOP-003": "PFP"}))

    groups = [[each.requirement.id for each in group] for group in target.alike]
    assert sorted(groups) == [[RULE, OTHER], ["CC-STOP-003"]]


def test_runs_are_of_targets() -> None:
    """By their name; without one by URL and model, a server on this machine whatever its port."""

    def header(**target: str):  # type: ignore[no-untyped-def]
        return replace(HEADER, target=replace(HEADER.target, **target))

    headers = [
        header(name="staging", url="http://a/v1"),
        header(name="staging", url="http://b/v1", model="n"),
        header(url="http://127.0.0.1:1/v1"),
        header(url="http://localhost:2/v1"),
        header(url="http://c/v1"),
        header(url="http://c/v1", model="n"),
    ]
    runs = [run_of({RULE: PASS}, day=day, header=each) for day, each in enumerate(headers)]

    targets = history_of(reversed(runs), LEDGER, folder=Path()).targets

    assert [(target.name, len(target.runs)) for target in targets] == [
        ("n at http://c/v1", 1),
        ("m at http://c/v1", 1),
        ("m at http://localhost/v1", 2),
        ("staging", 2),
    ]
    assert [run.source.name for run in targets[-1].runs] == ["run000.jsonl", "run001.jsonl"]


def test_a_requirement_that_was_retired_is_left_out() -> None:
    """What the ledger no longer has has no title to be told by."""
    assert [each.requirement.id for each in only(runs_of({RULE: "PP", "CC-GONE-001": "PF"})).courses] == [
        RULE
    ]


def test_the_texts_say_the_same() -> None:
    """CSV, JSON and Markdown tell the same verdicts and changes, each for its reader."""
    history = a_history()
    rows = list(csv.DictReader(io.StringIO(as_csv(history))))
    data = json.loads(as_json(history))
    text = markdown(history)

    first = next(each for each in data["targets"] if each["name"] == "m at http://target/v1")
    told = {each["id"]: each for each in first["requirements"]}
    assert told["CC-USAGE-001"]["verdicts"] == ["pass", "fail", "pass", "fail"]
    assert first["unstable"] == ["CC-USAGE-001"]
    (change,) = told["CC-STREAM-006"]["changes"]
    assert (change["before"], change["after"], change["record"]) == ("pass", "fail", "run003.jsonl")
    of_rule = [row["verdict"] for row in rows if row["requirement"] == "CC-USAGE-001"]
    assert of_rule == told["CC-USAGE-001"]["verdicts"]
    assert len(rows) == 3 * 4 + 1
    assert "unstable: changed 3 times | ✓ pass → ✗ fail | 2026-01-04 20:00 UTC, `run003.jsonl`" in text
    assert "CC-HTTP-001" not in text


@pytest.mark.parametrize("width", [50, 60, 80, 120])
def test_it_fits_every_screen(width: int) -> None:
    """No line of it is wider than the screen, and the day and the counts are whole."""
    told = printed(a_history(), width=width)

    assert max(map(len, told.splitlines())) <= width
    assert "2026-01-04 20:00" in told
    assert "2026-01-04 20:00  ✓ pass → ✗ fail" in told


def test_a_long_history_is_cut_on_the_screen_alone() -> None:
    """The latest forty runs are shown, and how many there are besides."""
    told = printed(history_of(runs_of({RULE: "PF" * 30}), LEDGER, folder=Path()))

    assert "60 runs, from" in told
    assert "and 20 earlier runs" in told
    assert "unstable: changed 59 times" in told


@pytest.mark.parametrize("name", ["=1+1", "@SUM(A1)", "a|b\n"])
def test_no_name_does_anything(name: str) -> None:
    """Neither in a spreadsheet nor in a table."""
    header = replace(HEADER, target=replace(HEADER.target, name=name))
    history = history_of([run_of({RULE: PASS}, header=header)], LEDGER, folder=Path())

    assert not any(cell.startswith("=") for row in csv.reader(io.StringIO(as_csv(history))) for cell in row)
    assert markdown(history).splitlines()[0].startswith("### `")


def test_a_hostile_record_is_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No control character of it reaches the terminal or any text."""
    file = write(hostile(), tmp_path / "a.jsonl")
    for arguments in ((), ("--format", "markdown"), ("--format", "csv")):
        assert ended("history", file, *arguments) == 0
        told = capsys.readouterr()
        assert not set(told.out + told.err) & set("\x1b\x07\u202e\u2066\x00")
        assert HOSTILE not in told.out


def folder_of(tmp_path: Path, courses: dict[str, str]) -> Path:
    for day in range(len(next(iter(courses.values())))):
        write(record_on(day, verdicts_on(courses, day)), tmp_path / "runs" / "deeper" / f"{9 - day}.jsonl")
    return tmp_path / "runs"


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    (tmp_path / "runs" / "deeper").mkdir(parents=True)
    return folder_of(tmp_path, {RULE: "PPF", OTHER: "PPP"})


def test_a_folder_is_read(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All records below it, ordered by their beginnings and not by their names, each once."""
    assert ended("history", runs, runs / "deeper" / "9.jsonl", "--format", "json") == 0

    (target,) = json.loads(capsys.readouterr().out)["targets"]
    assert [Path(run["record"]).name for run in target["runs"]] == ["9.jsonl", "8.jsonl", "7.jsonl"]
    assert target["changed"] == [RULE]


def test_the_page_lies_beside_the_records(runs: Path, tmp_path: Path) -> None:
    """Or where --output says; several forms are written at once."""
    assert ended("history", runs, "--format", "html", "--format", f"csv={tmp_path / 'h.csv'}") == 0
    assert ended("history", runs, "--format", "markdown", "--output", tmp_path / "h.md") == 0

    assert "<!doctype html>" in (runs / "deeper" / "history.html").read_text(encoding="utf-8")
    assert (tmp_path / "h.csv").read_text(encoding="utf-8").startswith("target,started,record")
    assert "CC-STOP-001" in (tmp_path / "h.md").read_text(encoding="utf-8")


def test_what_is_no_record_is_left_out_of_a_folder(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is said, and the rest is told; who names it is refused."""
    (runs / "other.jsonl").write_text('{"kind": "something"}\n', encoding="utf-8")
    (runs / "empty.jsonl").write_text("", encoding="utf-8")

    assert ended("history", runs) == 0
    told = capsys.readouterr()
    assert "other.jsonl" in told.err
    assert "left out" in told.err
    assert "3 runs" in told.out
    assert ended("history", runs / "other.jsonl") == 2


def test_one_run_has_no_trend(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """That is said; it is no mistake."""
    assert ended("history", runs / "deeper" / "9.jsonl") == 0

    told = capsys.readouterr().out
    assert "one run (2026-01-01 20:00 UTC): there is no trend yet" in told
    assert "changed" not in told


def test_records_that_were_cut_off_are_taken_if_wanted(
    runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Refused by default, all at once; with --incomplete each is taken with what it holds, and marked."""
    write(replace(record_on(5, {RULE: PASS}), footer=None), runs / "cut.jsonl")

    assert ended("history", runs) == 2
    assert "1 of 4 records were cut off" in " ".join(capsys.readouterr().err.split())
    assert ended("history", runs, "--incomplete", "--format", "json") == 0
    (target,) = json.loads(capsys.readouterr().out)["targets"]
    assert [run["complete"] for run in target["runs"]] == [True, True, True, False]
    assert {each["id"]: each["verdicts"][-1] for each in target["requirements"]} == {
        RULE: "pass",
        OTHER: None,
    }
    assert ended("history", runs, "--incomplete") == 0
    assert "cut off" in capsys.readouterr().out


def test_a_target_is_chosen_by_name(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of several; one that is not there is told with those that are like it."""
    header = replace(HEADER, target=replace(HEADER.target, name="staging"))
    write(record_of(header=header), runs / "named.jsonl")

    assert ended("history", runs, "--target", "staging", "--format", "json") == 0
    assert [each["name"] for each in json.loads(capsys.readouterr().out)["targets"]] == ["staging"]
    assert ended("history", runs, "--target", "stagin") == 2
    assert "There is staging" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("none",), "there is no run record in none"),
        (("missing",), "does not exist"),
        (("runs", "--format", "htm"), "Did you mean html"),
        (("runs", "--output", "x"), "--out names one file"),
        (("runs", "--format", "csv", "--output", "runs/deeper/9.jsonl"), "would replace one of the records"),
        (("broken.jsonl",), "broken.jsonl:2: not JSON"),
        ((), "Missing argument"),
    ],
)
def test_mistakes_are_named(
    arguments: tuple[str, ...],
    said: str,
    runs: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """In one sentence, with the exit code of a usage error, and nothing is written."""
    (tmp_path / "none").mkdir()
    whole = (runs / "deeper" / "9.jsonl").read_bytes()
    (tmp_path / "broken.jsonl").write_bytes(whole.splitlines(keepends=True)[0] + b"{\n")
    monkeypatch.chdir(tmp_path)
    before = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}

    assert ended("history", *arguments) == 2

    assert said in " ".join(capsys.readouterr().err.split())
    assert {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()} == before


def test_a_run_that_measured_little_is_marked() -> None:
    """Its verdicts are those of a target that did not answer."""
    run = run_of({RULE: Verdict.ERROR, OTHER: Verdict.ERROR, "CC-STOP-003": PASS})

    assert not run.is_measured
    assert "hardly measured" in printed(history_of([run], LEDGER, folder=Path()), width=120)
