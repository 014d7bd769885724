"""The gate: each class of difference, what shuts it, and that it has an answer for everything."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatconform.findings.verdict import Verdict
from chatconform.gating.answer import Class
from chatconform.gating.baseline import Flaky, target_name
from chatconform.record import TargetInfo
from chatconform.tests.support.gating import (
    MAY,
    MUST,
    OTHER_MUST,
    SHOULD,
    TODAY,
    answer,
    baseline,
    classes,
    entry,
    passing,
)

PASS, FAIL, ERROR = Verdict.PASS, Verdict.FAIL, Verdict.ERROR
PLAIN = (MUST, "plain")


def test_what_holds_opens_the_gate() -> None:
    """A run that passes where the baseline does is green."""
    expected = baseline()

    answered = answer(expected, passing(expected))

    assert (answered.exit_code, classes(answered)) == (0, {})


@pytest.mark.parametrize(
    ("now", "kind", "code"),
    [
        (FAIL, "new failure", 1),
        (Verdict.UNSUPPORTED, "newly unsupported", 1),
        (Verdict.INCONCLUSIVE, "newly inconclusive", 1),
        (Verdict.NOT_APPLICABLE, "disappeared", 1),
        (ERROR, "not measured", 3),
    ],
)
@pytest.mark.parametrize("requirement", [MUST, SHOULD])
def test_what_passed_may_not_get_worse(requirement: str, now: Verdict, kind: str, code: int) -> None:
    """Each way to be worse has a class; a SHOULD counts as a MUST does, as it was accepted as held."""
    expected = baseline()

    answered = answer(expected, passing(expected) | {(requirement, "plain"): now})

    assert classes(answered) == {(requirement, "plain"): kind}
    assert answered.exit_code == code


def test_what_is_no_longer_judged_has_disappeared() -> None:
    """A requirement that the run was to judge and did not is missed, on its path."""
    expected = baseline()
    verdicts = passing(expected)
    del verdicts[PLAIN]

    answered = answer(expected, verdicts)

    assert (answered.exit_code, classes(answered)) == (1, {PLAIN: "disappeared"})


def test_what_was_not_asked_for_is_not_missed() -> None:
    """A run of a part says nothing of the rest, and that something was left out is told."""
    expected = baseline()
    some = {place: verdict for place, verdict in passing(expected).items() if place[0] == MUST}

    answered = answer(expected, some, asked=[MUST])

    assert (answered.exit_code, classes(answered), answered.not_asked) == (0, {}, 4)


def test_a_path_that_the_profile_lacks_is_not_missed() -> None:
    """A baseline of the full profile serves for the standard one."""
    expected = baseline(exercised={MUST: ("plain", "later-turn")})

    answered = answer(expected, {PLAIN: PASS})

    assert (answered.exit_code, answered.not_asked) == (0, 1)


def test_a_known_failure_is_known() -> None:
    """An entry lets its failure through."""
    expected = baseline(entry(paths=("plain",)))

    answered = answer(expected, passing(expected) | {PLAIN: FAIL})

    assert (answered.exit_code, classes(answered)) == (0, {PLAIN: "known failure"})


def test_a_known_failure_on_one_path_hides_none_on_another() -> None:
    """An entry for `plain` says nothing of `streamed`."""
    expected = baseline(entry(paths=("plain",)))

    answered = answer(expected, passing(expected) | {PLAIN: FAIL, (MUST, "streamed"): FAIL})

    assert classes(answered) == {PLAIN: "known failure", (MUST, "streamed"): "new failure"}
    assert answered.exit_code == 1


@pytest.mark.parametrize("verdict", [each for each in Verdict if each not in {PASS, FAIL}])
def test_what_was_accepted_as_it_is(verdict: Verdict) -> None:
    """Not only failures have entries; with the same verdict again there is nothing to say."""
    expected = baseline(entry(verdict=verdict))

    answered = answer(expected, passing(expected) | {PLAIN: verdict, (MUST, "streamed"): verdict})

    assert answered.exit_code == 0
    assert set(classes(answered).values()) == {"accepted"}


def test_a_fixed_failure_has_to_leave_the_baseline() -> None:
    """A stale entry would hide the next regression: the gate is shut until it is gone."""
    expected = baseline(entry(paths=("plain",)))

    answered = answer(expected, passing(expected))

    assert (answered.exit_code, classes(answered)) == (1, {PLAIN: "fixed"})


def test_an_entry_taken_out_by_hand_means_that_it_has_to_pass() -> None:
    """Whoever deletes a block needs to change nothing else."""
    answered = answer(baseline(), passing(baseline()) | {PLAIN: FAIL})

    assert classes(answered) == {PLAIN: "new failure"}


@pytest.mark.parametrize(("days", "code"), [(-1, 1), (0, 0), (1, 0)])
def test_an_entry_expires_after_its_last_day(days: int, code: int) -> None:
    """Its last day still counts."""
    expected = baseline(entry(paths=("plain",), expires=TODAY + timedelta(days=days)))

    answered = answer(expected, passing(expected) | {PLAIN: FAIL})

    assert answered.exit_code == code
    assert classes(answered) == {PLAIN: "expired" if code else "known failure"}


def test_what_is_expired_and_fixed_is_fixed() -> None:
    """Nobody is asked to renew what has to go."""
    expected = baseline(entry(paths=("plain",), expires=TODAY - timedelta(days=1)))

    assert classes(answer(expected, passing(expected))) == {PLAIN: "fixed"}


def test_another_verdict_than_the_accepted_one() -> None:
    """An accepted inconclusive verdict excuses no failure."""
    expected = baseline(entry(verdict=Verdict.INCONCLUSIVE, paths=("plain",)))

    assert classes(answer(expected, passing(expected) | {PLAIN: FAIL})) == {PLAIN: "new failure"}


@pytest.mark.parametrize("verdict", list(Verdict))
def test_what_the_baseline_does_not_know_is_added(verdict: Verdict) -> None:
    """A newer suite may not turn a job red; with `strict` a broken rule does all the same."""
    expected = baseline(exercised={OTHER_MUST: ("plain",)})
    verdicts = passing(expected) | {PLAIN: verdict}

    assert classes(answer(expected, verdicts)) == {PLAIN: "added"}
    assert answer(expected, verdicts).exit_code == 0
    assert answer(expected, verdicts, strict=True).exit_code == (1 if verdict is FAIL else 0)


@pytest.mark.parametrize("verdict", list(Verdict))
def test_what_is_flaky_is_logged_and_shuts_no_gate(verdict: Verdict) -> None:
    """Its verdict stands in the answer, whatever it is."""
    flake = Flaky(requirement=MUST, reason="the sampler rolls dice", paths=("plain",))
    expected = baseline()
    expected = type(expected)(
        target=expected.target, origin=expected.origin, flaky=(flake,), exercised=expected.exercised
    )

    answered = answer(expected, passing(expected) | {PLAIN: verdict})

    assert (answered.exit_code, classes(answered)) == (0, {PLAIN: "flaky"})
    assert next(each for each in answered.of(Class.FLAKY)).now is verdict


def test_a_may_shuts_no_gate() -> None:
    """Whoever leaves out what is allowed to be left out breaks nothing; it is told all the same."""
    expected = baseline(exercised={MAY: ("plain",), MUST: ("plain",)})

    answered = answer(expected, passing(expected) | {(MAY, "plain"): FAIL})

    assert (answered.exit_code, classes(answered)) == (0, {(MAY, "plain"): "new failure"})


def test_a_target_that_answers_nothing_is_not_measured() -> None:
    """Errors everywhere are no regression, and no green gate."""
    expected = baseline()

    answered = answer(expected, dict.fromkeys(expected.places, ERROR))

    assert answered.exit_code == 3


PLACES = st.tuples(
    st.sampled_from([MUST, OTHER_MUST, SHOULD, MAY]), st.sampled_from(["plain", "streamed", "all-traffic"])
)


@given(
    verdicts=st.dictionaries(PLACES, st.sampled_from(Verdict), min_size=1),
    entries=st.dictionaries(PLACES, st.sampled_from([each for each in Verdict if each is not PASS])),
    exercised=st.sets(PLACES),
    expires=st.none() | st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    strict=st.booleans(),
)
def test_the_gate_is_total(
    verdicts: dict[tuple[str, str], Verdict],
    entries: dict[tuple[str, str], Verdict],
    exercised: set[tuple[str, str]],
    expires: date | None,
    strict: bool,
) -> None:
    """Every requirement and path that is expected or judged has one class, and there is always an answer."""
    rows = [entry(name, verdict, paths=(path,), expires=expires) for (name, path), verdict in entries.items()]
    held: dict[str, tuple[str, ...]] = {}
    for name, path in exercised:
        held[name] = (*held.get(name, ()), path)
    expected = baseline(*rows, exercised=held)

    answered = answer(expected, verdicts, strict=strict)

    told = [(finding.requirement.id, path) for finding in answered.findings for path in finding.paths]
    assert sorted(told) == sorted(set(expected.places) | verdicts.keys())
    assert answered.exit_code in {0, 1, 3}
    assert (answered.exit_code == 1) == bool(answered.failing)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("http://127.0.0.1:43127/v1/", "http://localhost/v1"),
        ("http://localhost:1/v1", "http://localhost/v1"),
        ("http://[::1]:8000/v1", "http://localhost/v1"),
        ("https://API.example.com:443/v1", "https://api.example.com/v1"),
        ("https://api.example.com:8443/v1", "https://api.example.com:8443/v1"),
        ("http://[2001:db8::1]:8000/v1", "http://[2001:db8::1]:8000/v1"),
    ],
)
def test_the_name_of_a_target_is_the_same_in_every_run(url: str, name: str) -> None:
    """A server that a job starts for itself has another port every time; elsewhere a port matters."""
    info = TargetInfo(url=url, model="m", declared=(), concurrency=1, timeout=1, key_env="K")

    assert target_name(info).url == name
