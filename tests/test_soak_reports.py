"""What a soak tells, in each form: the answer, how often each verdict came, and what shows the cause."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from rich.console import Console

from chatconform.findings.proportion import Proportion
from chatconform.judging.conformance import ExitCode
from chatconform.ledger import load_ledger
from chatconform.reports.soak.terminal import print_soak
from chatconform.reports.soak.text import soak_json, soak_summary
from chatconform.reports.soak.words import SoakReport, numbers
from chatconform.stability.causes import Attribution, Cause, Exhibit
from chatconform.stability.proposals import proposals_for
from chatconform.stability.stability import Share, Unstable
from chatconform.tests.support.history import run_of
from chatconform.tests.support.reports import ERROR, FAIL, HOSTILE, PASS

LEDGER = load_ledger()
RULE = "CC-STOP-001"
TODAY = date(2026, 11, 26)


def unstable(
    rule: str = RULE, cause: Cause = Cause.ANSWERS, *, shows: str = "200: x", exchange: str = "x0007"
) -> Unstable:
    exhibit = Exhibit(
        run=2, source=Path(f"{shows[:9]}.jsonl".replace("/", "")), exchange=exchange, shows=shows
    )
    return Unstable(
        requirement=LEDGER[rule],
        path="plain",
        shares=(
            Share(verdict=PASS, runs=(1, 3, 4), proportion=Proportion(successes=3, attempts=4)),
            Share(verdict=FAIL, runs=(2,), proportion=Proportion(successes=1, attempts=4)),
        ),
        attributions=(Attribution(run=2, cause=cause, exhibits=(exhibit,)),),
    )


def report(*found: Unstable, verdicts: str = "PPPP", failures: int = 0, **more: object) -> SoakReport:
    letters = {"P": PASS, "E": ERROR}
    runs = [(number, run_of({RULE: letters[each]}, day=number)) for number, each in enumerate(verdicts, 1)]
    made = SoakReport(
        runs=tuple(runs),
        failures=tuple((9, "it was down") for _ in range(failures)),
        unstable=found,
        proposals=proposals_for(found, TODAY),
        baseline=None,
        ledger=LEDGER,
        ended="",
        has_bug=False,
        seconds=12.0,
    )
    return replace(made, **more)  # type: ignore[arg-type]


def printed(told: SoakReport, width: int = 100) -> str:
    out = io.StringIO()
    print_soak(told, Console(file=out, width=width, highlight=False))
    return out.getvalue()


@pytest.mark.parametrize(
    ("told", "code", "said"),
    [
        (report(), ExitCode.CONFORMS, "✓ no verdict is unstable: 1 were the same in 4 runs"),
        (report(unstable()), ExitCode.DOES_NOT_CONFORM, "~ 1 of 1 verdicts are unstable"),
        (report(verdicts="EEE"), ExitCode.NOT_MEASURED, "0 of 3 runs measured anything"),
        (report(verdicts="P"), ExitCode.NOT_MEASURED, "1 of 1 runs measured anything, and it takes two"),
        (report(failures=1), ExitCode.NOT_MEASURED, "nothing changed in the 4 of 5 runs"),
        (report(ended="interrupted"), ExitCode.NOT_MEASURED, "nothing changed in 4 runs; interrupted"),
        (report(unstable(), ended="interrupted"), ExitCode.DOES_NOT_CONFORM, "~ 1 of 1"),
        (report(has_bug=True), ExitCode.BUG, "a bug in chatconform"),
        (report(unstable(cause=Cause.BUG)), ExitCode.BUG, "a bug in chatconform"),
    ],
)
def test_the_answer_is_green_only_if_all_was_measured(told: SoakReport, code: ExitCode, said: str) -> None:
    """An unstable verdict is one however the soak ended; silence is no stability."""
    assert told.exit_code is code
    assert said in printed(told)
    assert said in soak_summary(told)
    assert json.loads(soak_json(told))["exit_code"] == code


@pytest.mark.parametrize("width", [50, 60, 80, 120])
def test_it_fits_every_screen(width: int) -> None:
    """Nothing is wider than the screen but what is made to be copied."""
    told = printed(report(unstable(shows="200: " + "word " * 60)), width)

    copied = [line for line in told.splitlines() if line.strip().startswith(("- requirement:", "reason:"))]
    assert len(copied) == 2
    assert all(len(line) <= width for line in told.splitlines() if line not in copied)
    assert "3 of 4 (95 %:" in " ".join(told.split())


def test_what_one_exchange_explains_is_told_once() -> None:
    """Many rules rest on one request; each is named, and in the other forms each has its row."""
    rules = [row.id for row in LEDGER if row.area == "STOP"][:6]
    told = report(*map(unstable, rules), unstable("CC-USAGE-001", exchange="x0008"))

    text = printed(told)
    assert text.count("3 of 4 (95 %") == 2
    assert "and, in the same way, 3 more: " + ", ".join(rules[3:]) in text
    assert soak_summary(told).count("3 of 4 (95 %") == 7
    assert len(json.loads(soak_json(told))["unstable"]) == 7


def test_a_flaky_list_of_everything_is_not_printed() -> None:
    """So many rules have few causes; the rows are in the other forms."""
    told = report(*(unstable(row.id) for row in list(LEDGER)[:40]))

    assert "40 rules would be listed" in printed(told)
    assert "- requirement" not in printed(told)
    assert soak_summary(told).count("- requirement") == 40


def test_no_text_of_a_stranger_does_anything() -> None:
    """What a target said is text on the terminal, in Markdown, and in JSON."""
    told = report(unstable(shows=HOSTILE), failures=1)
    hostile = replace(told, failures=((5, HOSTILE),))

    for text in (printed(hostile), soak_summary(hostile), soak_json(hostile)):
        assert not set(text) & set("\x1b\x07\x85\u202e\u2066\x00")
        assert "\n::stop-commands" not in text
    rows = [line for line in soak_summary(hostile).splitlines() if line.startswith("| CC-")]
    assert [row.replace("\\|", "").count("|") for row in rows] == [6]


@pytest.mark.parametrize(
    ("runs", "told"),
    [
        ((1,), "run 1"),
        ((1, 2), "runs 1, 2"),
        ((1, 2, 3, 5, 7, 8, 9, 10), "runs 1 to 3, 5, 7 to 10"),
        (tuple(range(1, 100, 2)), "runs 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, …"),
    ],
)
def test_runs_in_a_row_are_told_together(runs: tuple[int, ...], told: str) -> None:
    """A soak may have hundreds."""
    assert numbers(runs) == told


def test_an_interval_is_told_with_its_counts() -> None:
    """Successes, attempts and bounds; the verdict with glyph and word, and the runs."""
    assert "✗ fail  1 of 4 (95 %: 1 to 81 %), run 2" in printed(report(unstable()))
