"""Every report says of which target it is, by which profile, and by which policy, which is the record's."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from chatconform.cli import main
from chatconform.fuzzing.effort import DEEP, OFF, QUICK
from chatconform.judging.conformance import ExitCode
from chatconform.judging.sampling import RELIABLE, SWIFT
from chatconform.ledger import load_ledger
from chatconform.ledger.profile import load_profile
from chatconform.record import Header, Policy, Record, answer_of, is_strict
from chatconform.reports.comparison.table import comparison_of
from chatconform.reports.formats import COMPARISONS, FORMATS, format_named
from chatconform.reports.report import Report, report_of
from chatconform.reports.run_facts import decided_by, target_told
from chatconform.reports.terminal import print_report
from chatconform.running.run import Run
from chatconform.tests.support.reports import HEADER, PASS, judgement, record_of, write

LEDGER = load_ledger()
NAMED = replace(
    HEADER, target=replace(HEADER.target, name="staging"), profile="core", profile_version="1.2.3"
)
NO_FUZZING = Policy(fuzzing=OFF.name, fuzz_requests=OFF.requests, fuzz_seconds=OFF.seconds)
STRICT = replace(NAMED, policy=replace(NO_FUZZING, strict=True, sampling=RELIABLE))
TOLD = "profile core 1.2.3, SHOULD does not decide, sampling swift, fuzzing quick"
TOLD_STRICT = "profile core 1.2.3, SHOULD decides, sampling reliable, fuzzing off"
# What has a head; a badge and a list of issues have none.
HEADED = [each.name for each in FORMATS if each.name not in {"badge", "gitlab", "allure"}]
SHOULD = next(row.id for row in LEDGER if row.level == "SHOULD")
MUST = next(row.id for row in LEDGER if row.level == "MUST")


def of(header: Header, *, strict: bool = False) -> Report:
    return report_of(record_of(header=header), LEDGER, source=Path("run.jsonl"), strict=strict)


def should_broken(header: Header) -> Record:
    """A record in which all that is broken is a SHOULD."""
    return record_of([judgement(MUST, PASS), judgement(SHOULD)], header=header)


def printed(record: Record, *, strict: bool = False, width: int = 300) -> str:
    screen = Console(file=io.StringIO(), width=width)
    print_report(record, LEDGER, path=Path("run.jsonl"), strict=strict, console=screen)
    assert isinstance(screen.file, io.StringIO)
    return " ".join(screen.file.getvalue().split())


@pytest.mark.parametrize("name", HEADED)
@pytest.mark.parametrize(("header", "told"), [(NAMED, TOLD), (STRICT, TOLD_STRICT)])
def test_every_format_says_target_profile_and_policy(name: str, header: Header, told: str) -> None:
    """Whoever reads one report alone knows what it is about."""
    text = format_named(name).text(of(header))

    assert told in text
    assert "staging" in text
    assert "http://target/v1" in text


def test_allure_has_them_beside_its_results(tmp_path: Path) -> None:
    """Allure shows the target and the policy as the environment."""
    format_named("allure").fill(of(NAMED), tmp_path)

    told = (tmp_path / "environment.properties").read_text()
    assert "target = staging (http://target/v1)\n" in told
    assert f"policy = {TOLD}\n" in told


@pytest.mark.parametrize("width", [60, 300])
def test_the_terminal_says_them_before_the_answer(width: int) -> None:
    """The line stands above what the run cost, however narrow the terminal is."""
    told = f"staging (http://target/v1), model m: {TOLD}"
    assert told in printed(record_of(header=NAMED), width=width)


@pytest.mark.parametrize("name", [each.name for each in COMPARISONS if each.name != "csv"])
def test_a_comparison_says_them_of_each_column(name: str) -> None:
    """Runs of other profiles or policies stand beside each other, and are told apart."""
    strict = replace(STRICT, target=replace(STRICT.target, name="prod"))
    text = format_named(name, COMPARISONS).text(comparison_of([of(NAMED), of(strict)], LEDGER))

    for told in (TOLD, TOLD_STRICT, "staging", "prod"):
        assert told in text


def test_two_names_behind_one_url_are_two_targets() -> None:
    """Columns of one URL and model are called by their names; without a name it may be either."""
    staging, prod = NAMED, replace(NAMED, target=replace(NAMED.target, name="prod"))
    apart = comparison_of([of(staging), of(prod)], LEDGER)

    assert [column.name for column in apart.columns] == ["m at staging", "m at prod"]
    assert not apart.is_of_one_target
    assert comparison_of([of(staging), of(HEADER)], LEDGER).is_of_one_target
    assert comparison_of([of(staging), of(staging)], LEDGER).is_of_one_target


@pytest.mark.parametrize(
    ("policy", "told"),
    [
        (Policy(), "fuzzing quick"),
        (NO_FUZZING, "fuzzing off"),
        (Policy(fuzzing="deep", fuzz_requests=DEEP.requests, fuzz_seconds=DEEP.seconds), "fuzzing deep"),
        (Policy(fuzz_requests=50), f"fuzzing quick (at most 50 requests, {QUICK.seconds:g} s)"),
        (Policy(sampling=SWIFT.repeated(5)), "sampling swift (at least 5 attempts), fuzzing quick"),
        (Policy(fuzz_seconds=2.5), f"fuzzing quick (at most {QUICK.requests} requests, 2.5 s)"),
    ],
)
def test_bounds_are_told_where_they_are_unusual(policy: Policy, told: str) -> None:
    """A run that was bounded otherwise does not pass for a usual one."""
    assert decided_by(replace(NAMED, policy=policy), strict=False).endswith(f", {told}")


def test_a_record_of_before_is_told_no_policy_that_it_does_not_say() -> None:
    """What nobody wrote down is not made up."""
    assert decided_by(HEADER, strict=False) == "profile standard, SHOULD does not decide"
    assert target_told(HEADER.target) == "http://target/v1"


@given(st.text(max_size=30))
def test_a_strangers_words_act_in_no_header(text: str) -> None:
    """A name and a profile out of a record are printed without a character that acts, on one line."""
    header = replace(NAMED, target=replace(NAMED.target, name=f"a{text}"), profile=f"b{text}")
    log = format_named("github").text(of(header)).splitlines()

    assert not [each for each in log[-2:] if each.startswith("::")]
    assert "\x1b" not in printed(record_of(header=header))


@pytest.mark.parametrize("asked", [False, True])
@pytest.mark.parametrize("header", [NAMED, STRICT])
def test_the_records_policy_decides_and_strict_adds_to_it(header: Header, asked: bool) -> None:
    """A run that was strict stays so; one that was not is, where that is asked for."""
    record, strict = should_broken(header), asked or header is STRICT
    code = ExitCode.DOES_NOT_CONFORM if strict else ExitCode.CONFORMS

    assert is_strict(header, asked=asked) is strict
    assert answer_of(record, LEDGER, strict=asked).exit_code is code
    report = report_of(record, LEDGER, source=Path("r.jsonl"), strict=asked)
    assert json.loads(format_named("ndjson").text(report).splitlines()[-1])["exit_code"] == code
    assert ("does not conform" in printed(record, strict=asked)) is strict


@pytest.mark.parametrize(
    ("asked", "profile", "strict"),
    [(False, "standard", False), (True, "core", True), (False, "strict", True)],
)
def test_a_run_is_strict_by_option_or_by_profile(asked: bool, profile: str, strict: bool) -> None:
    """The policy that goes into the record has both."""
    assert Run(strict=asked, profile=profile).policy(load_profile(profile, LEDGER)).strict is strict


@pytest.mark.parametrize("header", [NAMED, STRICT])
@pytest.mark.parametrize("more", [[], ["--strict"]])
def test_report_goes_by_the_record(
    header: Header, more: list[str], tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """`chatconform report` without --strict says what the run said."""
    file = write(should_broken(header), tmp_path / "run.jsonl")
    with pytest.raises(SystemExit) as exit_:
        main(["report", str(file), "--format", "ndjson", *more])

    assert exit_.value.code == 0
    summary = json.loads(capsysbinary.readouterr().out.splitlines()[-1])
    assert summary["strict"] is (header is STRICT or bool(more))
