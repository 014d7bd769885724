"""Accepting what a run found: which lines of a baseline change, and that no other character does."""

from __future__ import annotations

import difflib
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatconform.errors import BaselineError
from chatconform.findings.verdict import Verdict
from chatconform.gating.acceptance import Terms, unreasoned
from chatconform.gating.baseline import Flaky
from chatconform.gating.texts import one_line
from chatconform.gating.writing import scalar
from chatconform.tests.support.gating import (
    MUST,
    OTHER_MUST,
    SHOULD,
    TODAY,
    accepted,
    answer,
    baseline,
    classes,
    entry,
    passing,
    read,
    text_of,
)

PASS, FAIL = Verdict.PASS, Verdict.FAIL
PLAIN, STREAMED = (MUST, "plain"), (MUST, "streamed")


def diff(before: str, after: str) -> list[str]:
    """The lines that went and came."""
    told = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    return [line for line in told if not line.startswith(("---", "+++", "@@"))]


def test_a_first_baseline_is_read_back() -> None:
    """What is written for the first time says what it was made of."""
    made = baseline(entry(paths=("plain",), ticket="#1", reason='a "b": c'), entry(SHOULD, Verdict.ERROR))

    assert read(text_of(made)).says_the_same_as(made)


def test_a_failure_that_is_accepted_is_one_block() -> None:
    """A review sees the lines of the entry and nothing else; the comment says what the requirement is."""
    before = text_of(baseline(entry(SHOULD)))
    terms = Terms(reason="new sampler", expires=date(2026, 12, 24), ticket="#17")

    after = accepted(
        before,
        passing(read(before)) | {PLAIN: FAIL, (SHOULD, "plain"): FAIL, (SHOULD, "streamed"): FAIL},
        terms,
    )

    assert diff(before, after) == [
        "+  - requirement: CC-STOP-001  # MUST Text ends before a stop string, with finish_reason stop",
        "+    path: plain",
        "+    verdict: fail",
        '+    reason: "new sampler"',
        "+    since: 2026-11-26",
        "+    expires: 2026-12-24",
        '+    ticket: "#17"',
        "+",
    ]


COMMENTED = """\
entries:
  # Those of the sampler come first.

  # Asked the team about it.
  - requirement: CC-STOP-001
    path: [plain, streamed]   # both
    verdict: fail
    # The reason is long.
    reason: >-
      known for
      long
    since: 2026-11-01
    # and so on

  - requirement: CC-STREAM-001
    verdict: fail
    reason: another
    since: 2026-11-01
    expires: 2026-11-20   # the team promised
# What follows is generated.
"""


@pytest.fixture
def commented() -> str:
    """A baseline with comments, of two rows."""
    return text_of(baseline()).replace("entries:\n", COMMENTED)


def broken(text: str) -> dict[tuple[str, str], Verdict]:
    """A run in which everything is as the entries of a text say."""
    expected = read(text)
    return {
        place: next((each.verdict for each in expected.entries_on(*place)), PASS) for place in expected.places
    }


def test_a_fixed_row_takes_its_own_comments_along(commented: str) -> None:
    """Those that touch it, and those inside; what stands apart stays."""
    verdicts = broken(commented) | {PLAIN: PASS, STREAMED: PASS}

    after = accepted(commented, verdicts, today=date(2026, 11, 19))

    start, end = commented.index("  # Asked"), commented.index("  - requirement: CC-STREAM")
    assert after == commented[:start] + commented[end:]


def test_a_row_that_is_fixed_on_one_path_is_narrowed(commented: str) -> None:
    """One line of it changes."""
    after = accepted(commented, broken(commented) | {STREAMED: PASS}, today=date(2026, 11, 19))

    assert diff(commented, after) == [
        "-    path: [plain, streamed]   # both",
        "+    path: plain   # both",
    ]


def test_a_row_without_paths_is_narrowed(commented: str) -> None:
    """It spoke for all paths, and gets those that are left."""
    verdicts = broken(commented) | {(OTHER_MUST, "plain"): PASS}

    after = accepted(commented, verdicts, today=date(2026, 11, 19))

    assert diff(commented, after) == ["+    path: streamed"]


def test_an_expired_row_is_renewed_in_its_place(commented: str) -> None:
    """It keeps since when, and its comments; the reason is the new one."""
    after = accepted(commented, broken(commented), Terms(reason="again", expires=date(2026, 12, 24)))

    assert diff(commented, after) == [
        "-    reason: another",
        '+    reason: "again"',
        "-    expires: 2026-11-20   # the team promised",
        "+    expires: 2026-12-24   # the team promised",
    ]


def test_a_row_renewed_for_good_says_so(commented: str) -> None:
    """Without a last day the file says that there is none, for whoever reviews it."""
    after = accepted(commented, broken(commented), Terms(reason="again"))

    assert "    expires: never   # the team promised\n" in after


def test_another_verdict_changes_the_row_in_its_place(commented: str) -> None:
    """Its comments stay with it, and it counts from today."""
    both = {PLAIN: Verdict.INCONCLUSIVE, STREAMED: Verdict.INCONCLUSIVE}

    after = accepted(commented, broken(commented) | both, Terms(reason="new"), today=date(2026, 11, 19))

    assert diff(commented, after) == [
        "-    verdict: fail",
        "+    verdict: inconclusive",
        "-    reason: >-",
        "-      known for",
        "-      long",
        "-    since: 2026-11-01",
        '+    reason: "new"',
        "+    since: 2026-11-19",
    ]


def test_what_a_run_did_not_exercise_stays(commented: str) -> None:
    """A run of one area touches no row of another, be it expired or not."""
    verdicts = {PLAIN: PASS, STREAMED: PASS}

    after = accepted(commented, verdicts, asked=[MUST])

    assert OTHER_MUST in {row.requirement for row in read(after).entries}
    assert read(after).exercised == read(commented).exercised


def test_what_disappeared_leaves_the_list() -> None:
    """With its line, or with its path."""
    before = text_of(baseline())
    verdicts = {place: PASS for place in read(before).places if place[0] != SHOULD and place != STREAMED}

    assert diff(before, accepted(before, verdicts)) == [
        "-  CC-STOP-001: [plain, streamed]",
        "-  CC-STOP-003: [plain, streamed]",
        "+  CC-STOP-001: [plain]",
    ]


def test_what_is_added_comes_in_order() -> None:
    """A requirement that passes is one line; one that does not has an entry with why."""
    before = text_of(baseline())
    added = {("CC-STOP-002", "plain"): PASS, ("CC-STOP-004", "streamed"): Verdict.UNSUPPORTED}

    after = accepted(before, passing(read(before)) | added, Terms())

    assert "  CC-STOP-001: [plain, streamed]\n  CC-STOP-002: [plain]\n  CC-STOP-003" in after
    (row,) = read(after).entries
    assert (row.requirement, row.verdict, row.reason) == ("CC-STOP-004", "unsupported", "it said so")


@pytest.mark.parametrize("verdict", list(Verdict))
def test_what_needs_a_reason_in_a_first_baseline(verdict: Verdict) -> None:
    """A broken rule, and an answer that never came: the others say by themselves why."""
    answered = answer(baseline(exercised={}), {PLAIN: verdict})

    assert bool(unreasoned(answered)) == (verdict in {FAIL, Verdict.ERROR})


def test_an_expired_row_of_the_flaky_list_is_renewed() -> None:
    """As an entry is."""
    flake = Flaky(requirement=MUST, reason="dice", paths=("plain",), expires=TODAY - timedelta(days=1))
    before = text_of(baseline()) + (
        "\nflaky:\n  - requirement: CC-STOP-001\n    path: plain\n    reason: dice\n    expires: 2026-11-25\n"
    )
    assert read(before).flaky == (flake,)
    assert classes(answer(read(before), passing(read(before)))) == {PLAIN: "expired"}

    after = accepted(before, passing(read(before)), Terms(reason="dice", expires=date(2026, 12, 24)))

    assert read(after).flaky == (replace(flake, expires=date(2026, 12, 24)),)


def test_line_ends_are_kept(commented: str) -> None:
    """A file of Windows stays one, in its new lines too."""
    windows = commented.replace("\n", "\r\n")
    verdicts = broken(windows) | {(SHOULD, "plain"): FAIL, PLAIN: PASS, STREAMED: PASS}

    after = accepted(windows, verdicts, today=date(2026, 11, 19))

    assert after.count("\r\n") == after.count("\n")


@given(st.text())
def test_any_text_can_be_a_reason(text: str) -> None:
    """What is typed or came from a target is read back as it was written."""
    line = one_line(text)
    made = baseline(entry(reason=line, ticket=line))

    assert "\n" not in scalar(line)
    assert len(line) <= 300
    if line:
        assert read(text_of(made)).entries == made.entries


@settings(max_examples=150)
@given(
    run=st.dictionaries(
        st.tuples(
            st.sampled_from([MUST, SHOULD, OTHER_MUST, "CC-STOP-002"]), st.sampled_from(["plain", "streamed"])
        ),
        st.sampled_from(Verdict),
        min_size=1,
    ),
    data=st.data(),
)
def test_however_a_baseline_was_edited_it_can_be_updated(
    run: dict[tuple[str, str], Verdict], data: st.DataObject
) -> None:
    """What can be read can be changed, says afterwards what was accepted, and needs no second change."""
    text = text_of(baseline()).replace("entries:\n", COMMENTED)
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + data.draw(st.sampled_from([0, 2, 30])))))
        text = text[:start] + data.draw(st.sampled_from(MUTATIONS)) + text[end:]
    try:
        read(text)
    except BaselineError:
        return

    after = accepted(text, run)

    assert accepted(after, run) == after


MUTATIONS = [
    "",
    " ",
    "\n",
    "\n\n",
    "# x\n",
    " # x",
    "---\n",
    "\n...\n",
    "? ",
    "!t ",
    "&a ",
    '"',
    "'",
    "|\n",
    ">",
    "\r",
    "\t",
    "\u2028",
    "\ufeff",
    "x",
]
NAMES = ["CC-STOP-001", "CC-STOP-002", "CC-STOP-003", "CC-STOP-004", "CC-TOOLS-001"]
PLACES = st.tuples(st.sampled_from(NAMES), st.sampled_from(["plain", "streamed", "all-traffic"]))
RUNS = st.dictionaries(PLACES, st.sampled_from(Verdict), min_size=1)


def decorated(text: str, data: st.DataObject) -> tuple[str, list[str]]:
    """The text with comments that stand apart, with the empty lines and line ends of some editor."""
    lines, comments = [], []
    for number, line in enumerate(text.splitlines()):
        is_row = line.startswith("  - requirement")
        if is_row and data.draw(st.booleans()):
            comments.append(f"# apart {number}")
            lines += [f"  # apart {number}", ""]
        lines.append(line)
        if line.startswith("    since") and data.draw(st.booleans()):
            lines[-1] = f"{line}  # of the row"
    end = data.draw(st.sampled_from(["\n", "\r\n"]))
    return end.join(lines) + data.draw(st.sampled_from(["", end, end * 3])), comments


@settings(max_examples=60)
@given(first=RUNS, second=RUNS, data=st.data())
def test_whatever_is_accepted_opens_the_gate(
    first: dict[tuple[str, str], Verdict], second: dict[tuple[str, str], Verdict], data: st.DataObject
) -> None:
    """Other rows and comments are as they were, and a second update does nothing."""
    asked = data.draw(st.sets(st.sampled_from(NAMES), min_size=1))
    text, comments = decorated(accepted(text_of(baseline(exercised={})), first), data)
    run = {place: verdict for place, verdict in second.items() if place[0] in asked}

    after = accepted(text, run, Terms(reason="a newer reason"), asked=asked)

    found = answer(read(after), run, asked=asked)
    assert not found.failing
    assert set(classes(found).values()) <= {"accepted", "known failure"}
    assert [line.strip() for line in after.splitlines() if line.strip().startswith("# apart")] == comments
    kept = [row for row in read(text).entries if row.requirement not in asked]
    assert [row for row in read(after).entries if row.requirement not in asked] == kept
    assert accepted(after, run, Terms(reason="yet another"), asked=asked) == after
    assert sorted(row.requirement for row in read(after).entries) == [
        row.requirement for row in read(after).entries
    ]
