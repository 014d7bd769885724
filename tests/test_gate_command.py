"""`chatconform gate` as a user meets it: exit codes, what is refused, and that nothing is overwritten."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from chatconform.findings.verdict import Verdict
from chatconform.gating.baseline import Baseline
from chatconform.record import Record
from chatconform.tests.support.gating import (
    LEDGER,
    MAY,
    MUST,
    OTHER_MUST,
    SHOULD,
    baseline,
    entry,
    passing,
    run_of,
    text_of,
)
from chatconform.tests.support.joblogs import commands
from chatconform.tests.support.reports import HOSTILE, ended, hostile, judgement, write

FAIL = Verdict.FAIL
PLAIN = (MUST, "plain")
TODAY = ("--today", "2026-11-26")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with a baseline in which one failure is known, and the record of a run that shows it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    expected = baseline(entry(paths=("plain",)))
    (tmp_path / "b.yaml").write_text(text_of(expected), encoding="utf-8")
    record(expected, {PLAIN: FAIL})
    return tmp_path


def record(expected: Baseline, others: dict[tuple[str, str], Verdict], name: str = "run.jsonl") -> None:
    """Write the record of a run in which all holds but these."""
    write(run_of(passing(expected) | others), Path(name))


def gate(*arguments: object) -> int:
    """The exit code of the gate over `run.jsonl` and `b.yaml`."""
    return ended("gate", "run.jsonl", "--baseline", "b.yaml", *TODAY, *arguments)


def test_what_is_known_opens_the_gate(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """It is told in a line, with its reason."""
    assert gate() == 0

    told = capfd.readouterr().out
    assert "= known failure" in told
    assert "known for long" in told
    assert told.splitlines()[-1] == "✓ the gate is open: 1 known failure, 3 held"


def test_a_new_failure_shuts_it(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """It is told with requirement, path, before and now, what came, and the command that accepts it."""
    record(baseline(), {PLAIN: FAIL, (OTHER_MUST, "streamed"): FAIL})

    assert gate() == 1

    told = " ".join(capfd.readouterr().out.split())
    assert "✗ new failure: mend the target, or accept it" in told
    assert "CC-STREAM-001 MUST" in told
    assert "on streamed verdict ✓ pass → ✗ fail came expected it said so, came it said so" in told
    assert "chatconform gate run.jsonl --baseline b.yaml --baseline-update --reason TEXT" in told


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "the baseline is missing"),
        (("--baseline-update",), "the baseline is missing"),
        (("--baseline", "none.yaml"), "there is no baseline none.yaml"),
        (("--baseline", "b.yaml", "--reason", "x"), "Add --baseline-update"),
        (("--baseline", "b.yaml", "--baseline-update", "--reason", " "), "--reason is empty"),
        (("--baseline", "b.yaml", "--baseline-update", "--expires", "2027-01-01"), "Add --reason TEXT"),
        (
            ("--baseline", "b.yaml", "--baseline-update", "--reason", "x", "--expires", "2020-01-01"),
            "is over already",
        ),
        (("--baseline", "b.yaml", "--format", "html"), "there is no format 'html'"),
        (("--baseline", "b.yaml", "--format", "json=b.yaml"), "a report would replace the baseline"),
        (("--baseline", "b.yaml", "--format", "json=run.jsonl"), "would replace the record itself"),
        (("--baseline", "b.yaml", "-r", "CC-STOP-999"), "no requirement is called"),
        (("--baseline", "b.yaml", "-r", "CORS"), "the record holds no judgement of what was asked for"),
    ],
)
def test_mistakes_are_named(
    here: Path, arguments: tuple[str, ...], said: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """One sentence, exit code 2."""
    assert ended("gate", "run.jsonl", *TODAY, *arguments) == 2

    assert said in " ".join(capfd.readouterr().err.split())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"\xff", "it is not UTF-8"),
        (b"", "b.yaml:1: no baseline"),
        (b"format: 7", "written by a newer chatconform"),
        (b"formt: 1", "did you mean format?"),
    ],
)
@pytest.mark.parametrize("update", [(), ("--baseline-update", "--reason", "x")])
def test_a_broken_baseline_is_refused_and_left(
    here: Path, text: bytes, said: str, update: tuple[str, ...], capfd: pytest.CaptureFixture[str]
) -> None:
    """Also where it was to be updated: what cannot be read is not replaced."""
    Path("b.yaml").write_bytes(text)

    assert gate(*update) == 2

    assert said in capfd.readouterr().err
    assert Path("b.yaml").read_bytes() == text


def aimed(**other: str) -> Record:
    """The record of a run at a target that is another one in this."""
    run = run_of(passing(baseline()) | {PLAIN: FAIL})
    return replace(run, header=replace(run.header, target=replace(run.header.target, **other)))


def spoiled(how: str) -> Record:
    """A record that nobody should accept."""
    run = run_of(passing(baseline()))
    broken = replace(judgement(MUST, Verdict.ERROR), bug="Traceback")
    return {
        "cut off": replace(run, footer=None),
        "interrupted": run_of({PLAIN: FAIL}, complete=False),
        "another model": aimed(model="n\x1b[2J"),
        "another host": aimed(url="http://o/v1"),
        "an older tool": replace(run, header=replace(run.header, tool="0.0.9")),
        "nothing measured": run_of(dict.fromkeys([PLAIN, (SHOULD, "plain")], Verdict.ERROR)),
        "a bug": replace(run, judgements=(broken,)),
    }[how]


@pytest.mark.parametrize(
    ("how", "code", "said"),
    [
        ("cut off", 2, "What it lacks may have got worse; run again."),
        ("interrupted", 2, "the run was not complete: KeyboardInterrupt"),
        ("another model", 2, "b.yaml is the baseline of m at http://target/v1, and this is n\\x1b[2J at"),
        ("another host", 2, "--any-target"),
        ("an older tool", 2, "was accepted by chatconform 0.1.0, and the record is of 0.0.9"),
        ("nothing measured", 3, "the baseline is as it was"),
        ("a bug", 4, "nothing was accepted"),
    ],
)
def test_what_must_not_be_accepted_changes_nothing(
    here: Path, how: str, code: int, said: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """With an update or without one the exit code is the same, and the file what it was."""
    before = Path("b.yaml").read_bytes()
    write(spoiled(how), Path("run.jsonl"))

    assert gate("--baseline-update", "--reason", "x") == code
    assert said in " ".join(capfd.readouterr().err.split())
    if how != "nothing measured":
        assert gate() == code

    assert Path("b.yaml").read_bytes() == before
    assert sorted(file.name for file in here.iterdir()) == ["b.yaml", "run.jsonl"]


def test_another_target_can_be_held_to_it(here: Path) -> None:
    """Who says so may compare what differs."""
    write(aimed(url="http://o/v1"), Path("run.jsonl"))

    assert gate("--any-target") == 0


@pytest.mark.parametrize(
    ("accepted", "came", "code"),
    [("staging", "staging", 0), ("staging", "prod", 2), ("staging", "", 0), ("", "prod", 0)],
)
def test_names_tell_targets_of_one_url_apart(
    here: Path, accepted: str, came: str, code: int, capfd: pytest.CaptureFixture[str]
) -> None:
    """Where both have a name it has to be the same; without one it may be either."""
    Path("b.yaml").unlink()
    write(aimed(name=accepted), Path("run.jsonl"))
    assert gate("--baseline-update", "--reason", "x") == 0
    assert ('name: "staging"' in Path("b.yaml").read_text()) is bool(accepted)
    write(aimed(name=came), Path("run.jsonl"))
    capfd.readouterr()

    assert gate() == code
    told = " ".join(" ".join(capfd.readouterr()).split())
    if code:
        assert (
            "the baseline of m at staging (http://target/v1), and this is m at prod (http://target/v1)"
            in told
        )
        assert gate("--any-target") == 0
    else:
        assert f"for m at {came} (http://target/v1)" in told if came else "for m at http://target/v1" in told


def test_a_record_of_a_strict_run_is_held_strictly(here: Path) -> None:
    """`gate RECORD` says what `run --strict --baseline` said: what is added and broken shuts the gate."""
    run = run_of({(OTHER_MUST, "streamed"): FAIL, PLAIN: FAIL})
    expected = baseline(entry(paths=("plain",)), exercised={MUST: ("plain",)})
    Path("b.yaml").write_text(text_of(expected))
    codes = []
    for strict in (False, True):
        header = replace(run.header, policy=replace(run.header.policy, strict=strict))
        write(replace(run, header=header), Path("run.jsonl"))
        codes.append(gate())

    assert codes == [0, 1]


def test_nothing_is_accepted_without_a_reason(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A refusal names what would have been accepted, and leaves the file."""
    before = Path("b.yaml").read_bytes()
    record(baseline(), {PLAIN: FAIL, (OTHER_MUST, "plain"): FAIL})

    assert gate("--baseline-update") == 2

    assert "CC-STREAM-001 would be accepted without a reason" in " ".join(capfd.readouterr().err.split())
    assert Path("b.yaml").read_bytes() == before


def test_some_can_be_accepted_alone(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """`-r` accepts one of two new failures; the other still shuts the gate."""
    record(baseline(), {PLAIN: FAIL, (OTHER_MUST, "plain"): FAIL, (SHOULD, "plain"): FAIL})

    assert gate("--baseline-update", "--reason", "known", "-r", OTHER_MUST) == 0
    assert gate() == 1

    assert "1 new failure, 2 known failures" in capfd.readouterr().out.splitlines()[-1]


def test_an_update_says_what_it_changed(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """As a diff would; and once more there is nothing to change, and the file is not touched."""
    record(baseline(), {(OTHER_MUST, "plain"): FAIL})

    assert gate("--baseline-update", "--reason", "new sampler", "--expires", "2026-12-01") == 0
    told = capfd.readouterr().out.splitlines()
    assert told[0] == "baseline b.yaml updated"
    assert told[1].startswith("- CC-STOP-001 Text ends before a stop string")
    assert told[2].startswith("+ CC-STREAM-001 ")
    assert "new sampler; since 2026-11-26; expires in 5 days (2026-12-01)" in told[3]

    written = Path("b.yaml").stat().st_mtime_ns
    assert gate("--baseline-update") == 0
    assert "says all of this already" in capfd.readouterr().out
    assert Path("b.yaml").stat().st_mtime_ns == written


def test_a_first_baseline_with_failures_needs_a_reason(here: Path) -> None:
    """Whoever begins with a target that fails says why that is how it begins."""
    first = ("gate", "run.jsonl", "--baseline", "new/first.yaml", "--baseline-update")

    assert ended(*first) == 2
    assert not Path("new").exists()
    assert ended(*first, "--reason", "as we found it") == 0

    assert 'reason: "as we found it"' in Path("new/first.yaml").read_text(encoding="utf-8")


def test_a_baseline_that_cannot_be_written_is_refused_at_once(
    here: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Before a run of minutes, not after it."""
    where = ("--baseline", "run.jsonl/b.yaml", "--baseline-update")

    assert ended("run", "http://127.0.0.1:1/v1", *where) == 2

    assert "run.jsonl is no folder" in " ".join(capfd.readouterr().err.split())


def test_without_the_option_nothing_is_written(here: Path) -> None:
    """Holding a run against a baseline only reads it."""
    before = {file: file.read_bytes() for file in here.iterdir()}
    record(baseline(), {PLAIN: FAIL, (OTHER_MUST, "plain"): FAIL}, "other.jsonl")

    ended("gate", "other.jsonl", "--baseline", "b.yaml")

    assert {file: file.read_bytes() for file in before} == before


def test_the_answer_as_json(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Everything that a program would ask; what is for people goes to stderr."""
    record(baseline(), {PLAIN: FAIL, (OTHER_MUST, "plain"): FAIL})

    assert gate("--format", "json", "--format", "summary=s.md") == 1

    told = capfd.readouterr()
    document = json.loads(told.out)
    rows = {(row["class"], row["requirement"]): row for row in document["findings"] if row["class"] != "held"}
    assert set(rows) == {("known failure", MUST), ("new failure", OTHER_MUST)}
    assert rows["known failure", MUST]["reason"] == "known for long"
    assert (rows["new failure", OTHER_MUST]["fails"], document["exit_code"]) == (True, 1)
    assert "the gate is shut" in told.err
    summary = Path("s.md").read_text(encoding="utf-8")
    assert summary.startswith("### chatconform gate: ✗ the gate is shut: 1 new failure, 1 known failure")
    assert "| CC-STREAM-001 (MUST) `" in summary
    assert "<details><summary>= known failure (1)</summary>" in summary


def test_the_answer_as_annotations(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """One for each difference that shuts the gate, at the line of its entry if it has one; no others."""
    expected = baseline(entry(paths=("plain",)), entry(SHOULD, Verdict.INCONCLUSIVE, paths=("plain",)))
    Path("b.yaml").write_text(text_of(expected), encoding="utf-8")
    error = {(MUST, "streamed"): Verdict.ERROR, (MAY, "plain"): FAIL}
    record(expected, {PLAIN: FAIL, (OTHER_MUST, "plain"): FAIL, (SHOULD, "plain"): Verdict.PASS} | error)

    assert gate("--format", "github") == 1

    out = capfd.readouterr().out
    told = commands(out)
    assert [(each.name, each.requirements) for each in told] == [
        ("error", {OTHER_MUST}),
        ("error", {SHOULD}),
        ("warning", {MUST}),
    ]
    new, fixed, missing = told
    assert "verdict: pass → fail" in new.text
    assert "file" not in new.properties
    assert "not measured" in missing.properties["title"]
    assert fixed.properties["file"] == "b.yaml"
    lines = Path("b.yaml").read_text(encoding="utf-8").splitlines()
    assert SHOULD in lines[int(fixed.properties["line"]) - 1]
    # It is a log: what is for people stands beside it.
    assert out.splitlines()[-1].startswith("✗ the gate is shut")


def test_an_absolute_baseline_is_pointed_at_by_nothing(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """GitHub shows files of the repository alone."""
    record(baseline(), {})
    where = ("--baseline", here / "b.yaml")

    assert ended("gate", "run.jsonl", *where, *TODAY, "--format", "github") == 1

    (fixed,) = commands(capfd.readouterr().out)
    assert set(fixed.properties) == {"title"}


def test_many_annotations_are_counted(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """GitHub shows ten of a kind: the tenth names the rest."""
    rows = [row.id for row in LEDGER if row.level != "MAY" and row.checks][:15]
    expected = baseline(exercised=dict.fromkeys(rows, ("plain",)))
    Path("b.yaml").write_text(text_of(expected), encoding="utf-8")
    record(expected, {(name, "plain"): FAIL for name in rows})

    assert gate("--format", "github") == 1

    told = commands(capfd.readouterr().out)
    assert [each.name for each in told] == ["error"] * 10
    assert told[-1].properties["title"] == "and 6 more"
    assert {name for each in told for name in each.requirements} == set(rows)


@pytest.mark.parametrize("how", [(), ("--format", "summary"), ("--format", "json"), ("--format", "github")])
def test_a_strangers_words_do_nothing(
    here: Path, how: tuple[str, ...], capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither on a terminal nor in a summary, nor in a job's log, nor in the baseline that they get into."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    told = hostile()
    told = replace(told, judgements=tuple(replace(each, bug="") for each in told.judgements))
    names = tuple(dict.fromkeys(each.requirement for each in told.judgements))
    write(replace(told, header=replace(told.header, requirements=names)), Path("run.jsonl"))
    update = ("--baseline-update", "--reason", HOSTILE.replace("\x00", "").replace("\ud800", ""))

    code = ended("gate", "run.jsonl", "--baseline", "h.yaml", *update, *how)

    assert code == 0
    shown = capfd.readouterr()
    for character in ("\x1b", "\x07", "\u202e", "\u2066"):
        assert character not in shown.out + shown.err + Path("h.yaml").read_text(encoding="utf-8")
    assert all(each.properties["title"].startswith("CC-") for each in commands(shown.out))
    if how == ("--format", "summary"):
        # As Markdown reads it: what stands in code is text.
        assert "<script>" not in re.sub(r"(`+).*?\1", "", shown.out)
    assert ended("gate", "run.jsonl", "--baseline", "h.yaml") == 0
