"""Reading a baseline: what it says, and every way to get it wrong, each with its line and the way out."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatconform.errors import BaselineError
from chatconform.findings.verdict import Verdict
from chatconform.gating.baseline import Entry, Flaky
from chatconform.tests.support.gating import MUST, ORIGIN, TARGET, read

TEXT = """\
# a comment
format: 1

target:
  url: "http://target/v1"
  model: m
accepted:
  tool: 0.1.0
  ledger: {ledger}
  profile: standard

entries:
  - requirement: CC-STOP-001  # MUST
    path: [plain, streamed]
    verdict: fail
    reason: no stop strings yet
    since: 2026-11-01
    expires: 2026-12-24
    ticket: "#17"

  - requirement: CC-STOP-002
    verdict: inconclusive
    since: 2026-11-01

flaky:
  - requirement: CC-STOP-003
    path: plain
    reason: >-
      rolls
      dice

exercised:
  CC-STOP-001: [plain, streamed]
  CC-STOP-002: plain
""".format(ledger="f" * 64)


def flaws(text: str) -> list[str]:
    """What reading refuses, a line each."""
    with pytest.raises(BaselineError) as refused:
        read(text)
    return str(refused.value).splitlines()


def test_a_baseline_is_read() -> None:
    """Everything that is written comes out typed; a value is a text, whatever YAML would make of it."""
    baseline = read(TEXT)

    assert (baseline.target, baseline.origin) == (TARGET, ORIGIN)
    first, second = baseline.entries
    assert first == Entry(
        requirement=MUST,
        verdict=Verdict.FAIL,
        since=date(2026, 11, 1),
        paths=("plain", "streamed"),
        reason="no stop strings yet",
        expires=date(2026, 12, 24),
        ticket="#17",
    )
    assert (second.paths, second.reason, first.line) == ((), "", 13)
    assert baseline.flaky == (Flaky(requirement="CC-STOP-003", reason="rolls dice", paths=("plain",)),)
    assert baseline.exercised == {MUST: ("plain", "streamed"), "CC-STOP-002": ("plain",)}


def test_the_baseline_of_the_docs_is_one() -> None:
    """Whoever copies it has something that works."""
    docs = (Path(__file__).parents[1] / "docs" / "gating.md").read_text(encoding="utf-8")
    example = docs.split("```yaml\n")[1].split("```")[0]

    assert [row.requirement for row in read(example).rows] == ["CC-STOP-008", "CC-SAMPLE-002"]


def test_what_a_file_says_does_nothing_in_a_log() -> None:
    """A flaw quotes it, in one line and without a character that acts."""
    row = '\n  - requirement: "\\n::error::x\\e[2J"\n    verdict: error\n    since: 2026-11-01\n'
    told = flaws(TEXT.replace("entries:\n", f"entries:{row}{row}"))

    assert all(line.startswith("baseline.yaml:") and line.isprintable() for line in told)


@pytest.mark.parametrize("section", ["entries", "flaky"])
@pytest.mark.parametrize("nothing", ["", " []"])
def test_a_list_may_be_empty(section: str, nothing: str) -> None:
    """As it is when its last row was taken out."""
    head, _, tail = TEXT.partition(f"{section}:\n")
    text = f"{head}{section}:{nothing}\n\n{tail[tail.index('exercised:') :]}"

    assert getattr(read(text), section) == ()


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ("verdict: fail", "verdct: fail", "15: there is no key 'verdct'; did you mean verdict?"),
        ("    verdict: fail\n", "", "13: the key 'verdict' is missing; add it"),
        ("verdict: fail", "verdict: failed", "15: there is no verdict 'failed'; did you mean fail?"),
        ("verdict: fail", "verdict: pass", "15: an entry is about what does not pass; take the entry out"),
        ("- requirement: CC-STOP-001", "- requirement: CC-STPO-001", "13: no requirement is called"),
        ("- requirement: CC-STOP-001", "- requirement: CC-STPO-001", "did you mean CC-STOP-001?"),
        ("  CC-STOP-002: plain", "  CC-STOP-0002: plain", "34: no requirement is called 'CC-STOP-0002'"),
        ("path: [plain,", "path: [plane,", "14: there is no path 'plane'; did you mean plain?"),
        ("path: [plain,", "path: [streamed,", "14: the path streamed is named twice; keep one of them"),
        ("expires: 2026-12-24", "expires: 2026-10-24", "18: it expires on 2026-10-24, before it began"),
        ("expires: 2026-12-24", "expires: 24.12.2026", "18: expires has to be a day such as 2026-11-26, or"),
        ("expires: 2026-12-24", "expires: 2026-02-30", "not '2026-02-30'"),
        ("    reason: no stop strings yet\n", "", "13: a failure is accepted for a reason; add `reason"),
        ("reason: no stop strings yet", "reason: #17", "16: reason has no text; a text that begins with #"),
        ("reason: no stop strings yet", "reason: a: b", "16: no valid YAML"),
        ("reason: no stop strings yet", "verdict: fail", "16: the key 'verdict' stands on line 15 too"),
        ("CC-STOP-002\n", "CC-STOP-001\n", "21: CC-STOP-001 on plain, streamed has another entry (line 13)"),
        ("CC-STOP-003", "CC-STOP-002", "21: CC-STOP-002 on plain is in the flaky list too (line 26)"),
        ("format: 1", "format: 2", "2: the format '2' is not known: written by a newer chatconform"),
        ("tool: 0.1.0", "tool: 99.0", "8: accepted by chatconform 99.0, which is newer than this one"),
        ("tool: 0.1.0", "tool: new", "8: 'new' is no version"),
        ("  model: m\n", "", "4: the key 'model' is missing; add it"),
        ("http://target/v1", "http://[target/v1", "is no URL"),
        ("exercised:\n", "exercized:\n", "32: there is no key 'exercized'; did you mean exercised?"),
        ("  CC-STOP-002: plain", "  CC-STOP-002:", "34: CC-STOP-002 needs its paths"),
        (
            "entries:\n  - requirement",
            "entries:\n  -\n    requirement",
            "a row begins on the line of its dash",
        ),
        ("reason: no stop strings yet", "reason: &a x\n    ticket: *a", "the alias *a; write out what it"),
        ("reason: no stop strings yet", "reason: \x07", "16: no valid YAML: the character"),
    ],
)
def test_mistakes_are_told_with_line_and_fix(was: str, now: str, said: str) -> None:
    """A bad key, a typo, a contradiction: each with file and line, and with what to do."""
    assert was in TEXT

    told = flaws(TEXT.replace(was, now, 1))

    assert all(line.startswith("baseline.yaml:") for line in told)
    assert len(told) <= 2
    assert any(said in line.removeprefix("baseline.yaml:") for line in told), told


def test_all_mistakes_are_told_at_once() -> None:
    """Nobody mends a file line by line, run by run."""
    text = TEXT.replace("verdict: fail", "verdict: failed").replace("since: 2026-11-01", "since: soon")

    assert [int(line.split(":")[1]) for line in flaws(text)] == [15, 17, 23]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing",
        "- a list",
        "just a text",
        "entries: [{requirement: x}]",
        pytest.param("[" * 9000, id="nested too deeply"),
        "a: b\n---\nc: d",
    ],
)
def test_what_is_no_baseline_is_refused(text: str) -> None:
    """In a sentence, whatever it is."""
    assert flaws(text)


@given(st.data())
def test_no_text_breaks_the_reader(data: st.DataObject) -> None:
    """Whatever is done to a baseline, it is read or refused with lines."""
    start = data.draw(st.integers(0, len(TEXT)))
    end = data.draw(st.integers(start, min(len(TEXT), start + 40)))
    new = data.draw(
        st.text(max_size=8) | st.sampled_from(["[", "{", "- ", ": ", "&a ", "*a", "\n\n", '"', "? "])
    )

    refusal = ""
    try:
        read(TEXT[:start] + new + TEXT[end:])
    except BaselineError as error:
        refusal = str(error)

    assert all(line.startswith("baseline.yaml:") for line in refusal.splitlines())
