"""The suites keep the rules that make their verdicts trustworthy."""

import dataclasses
import re
from collections import Counter

import pytest

from chatconform.judging.check import AnyCheck, Check, Invariant, OfTraffic, Survey
from chatconform.ledger import load_ledger
from chatconform.ledger.requirement import Level, Standing
from chatconform.plays.scenario import find_scenario
from chatconform.resources import folder
from chatconform.running.catalogue import all_checks, checks_by_requirement

CHECKS = all_checks()
LEDGER = load_ledger()


def each_check() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("made", CHECKS, ids=[made.id for made in CHECKS])


def test_there_are_checks() -> None:
    """The suites are found, in a checkout and in a wheel alike."""
    assert len(CHECKS) > 40


def test_ids_are_unique() -> None:
    """No two checks share an id, so a verdict names one function."""
    counts = Counter(made.id for made in CHECKS)

    assert [check for check, count in counts.items() if count > 1] == []


def test_no_two_checks_state_one_rule() -> None:
    """A rule is stated once, so a failure says which of several checks found it."""
    counts = Counter(made.rule.casefold() for made in CHECKS)

    assert [rule for rule, count in counts.items() if count > 1] == []


# What stands there for something that was not recorded must not be judged. Forms may look: they say what a
# recording is taken to be of.
UNASKED = re.compile(r"request\.(body|headers|url)\b|response(_of\(\w+\))?\.headers\b|\w\.(started|reused)\b")
FORMS = {"forms.py", "scenarios.py"}


def test_checks_ask_whether_what_they_read_was_recorded() -> None:
    """No check reads a part of an exchange past the property that tells whether it was recorded."""
    modules = [file for file in folder("suites").rglob("*.py") if file.name not in FORMS]
    found = [
        f"{file.name}: {each[0]}" for file in modules for each in UNASKED.finditer(file.read_text("utf-8"))
    ]

    assert modules
    assert found == []


@each_check()
def test_a_check_belongs_to_a_requirement_of_its_area(made: AnyCheck) -> None:
    """A check stands in the folder of its requirement's area, and the requirement is in the ledger."""
    area = made.id.partition(".")[0]

    assert area.upper() == LEDGER[made.requirement].area


@each_check()
def test_a_rule_is_one_or_two_plain_sentences(made: AnyCheck) -> None:
    """A check's docstring states what holds, without `should` and without `test that`."""
    assert re.search(r"\b(should|test that|tests that|checks that)\b", made.rule, re.IGNORECASE) is None
    assert made.rule.endswith(".")
    assert len(made.rule) <= 240


@each_check()
def test_scenarios_are_found_by_name(made: AnyCheck) -> None:
    """Whatever a check needs performed can be found again in another process."""
    for played in _scenarios(made):
        assert find_scenario(played.name) is played


@pytest.mark.parametrize(
    "made", [made for made in CHECKS if isinstance(made, Check)], ids=lambda made: made.id
)
def test_a_check_judges_paths_that_its_scenario_has(made: Check) -> None:
    """A check is bound to paths on which its scenario is performed."""
    assert set(made.paths) <= set(made.scenario.paths)


def test_the_ledger_names_every_check_and_no_other() -> None:
    """The `checks` of the ledger's rows are exactly the checks of the suites."""
    found = {
        requirement: {made.id for made in made_for}
        for requirement, made_for in checks_by_requirement().items()
    }

    assert {row.id: set(row.checks) for row in LEDGER if row.checks} == found


def test_excluded_rows_have_no_checks() -> None:
    """A row that is left out for a reason is judged by nothing in the suites."""
    excluded = {row.id for row in LEDGER if row.excluded is not None}

    assert excluded & set(checks_by_requirement()) == set()


def test_the_level_comes_from_the_ledger() -> None:
    """How binding a rule is, a check neither knows nor says: its requirement has the level."""
    for kind in (Check, Invariant, Survey):
        names = {field.name for field in dataclasses.fields(kind)}
        assert "requirement" in names
        assert "level" not in names
    words = "|".join(Level)
    offenders = [
        f"{file.parent.name}/{file.name}:{number}"
        for file in folder("suites").rglob("*.py")
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(rf"\bLevel\b|\blevel\s*=|[\"'](?:{words})[\"']", line)
    ]

    assert offenders == []


def test_every_row_is_judged_or_excluded() -> None:
    """Every requirement has checks, or says why it has none; no MUST is promised that nobody looks at."""
    unchecked = [row for row in LEDGER if row.standing is Standing.UNCHECKED]

    assert [row.id for row in unchecked if row.level is Level.MUST] == []
    assert [row.id for row in unchecked] == []


def test_every_checked_row_names_its_fault() -> None:
    """A requirement with checks names a defect in a sentence, and no other requirement names the same one."""
    faults = {requirement: LEDGER[requirement].fault for requirement in checks_by_requirement()}
    unnamed = [requirement for requirement, fault in faults.items() if not re.fullmatch(r"(?s)\S.+\.", fault)]
    shared = [fault for fault, count in Counter(map(str.casefold, faults.values())).items() if count > 1]

    assert (unnamed, shared) == ([], [])


def test_no_suite_skips_or_asserts_by_itself() -> None:
    """A check speaks through findings, so that every verdict carries evidence."""
    offenders = [
        f"{file.parent.name}/{file.name}:{number}"
        for file in folder("suites").glob("*/*.py")
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if re.match(r"\s*(assert\b|pytest\.)", line)
    ]

    assert offenders == []


def _scenarios(made: AnyCheck):
    if isinstance(made, OfTraffic):
        return made.provoked_by
    return (made.scenario, made.control) if made.control else (made.scenario,)
