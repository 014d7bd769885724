"""Several checks of one requirement on one path: what is known of one hides nothing of another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatconform.errors import BaselineError
from chatconform.findings.verdict import Verdict
from chatconform.gating.acceptance import Terms, accept
from chatconform.gating.answer import Answer
from chatconform.gating.baseline import Baseline, Entry
from chatconform.gating.gate import Asked, gate
from chatconform.gating.updating import updated
from chatconform.judging.conformance import conformance
from chatconform.tests.support.gating import LEDGER, MUST, ORIGIN, TODAY, baseline, entry, read, text_of
from chatconform.tests.support.reports import judgement

PASS, FAIL, ERROR = Verdict.PASS, Verdict.FAIL, Verdict.ERROR
ONE, OTHER = "stop.one", "stop.other"
# By check, and path.
Found = Mapping[tuple[str, str], Verdict]
EXERCISED = {MUST: ("plain", "streamed")}
EVERYWHERE = [(check, path) for check in (ONE, OTHER) for path in ("plain", "streamed")]


def held(*entries: Entry) -> Baseline:
    """A baseline of one requirement, which ran plain and streamed."""
    return baseline(*entries, exercised=EXERCISED)


def run(found: Found) -> dict[tuple[str, str], Verdict]:
    """A run in which everything else passes."""
    return dict.fromkeys(EVERYWHERE, PASS) | dict(found)


def answer(expected: Baseline, found: Found) -> Answer:
    judgements = [
        judgement(MUST, verdict, check=check, path=path) for (check, path), verdict in found.items()
    ]
    asked = Asked(requirements=frozenset({MUST}), paths=frozenset({"plain", "streamed"}))
    return gate(expected, conformance(judgements, LEDGER), LEDGER, asked=asked, today=TODAY)


def told(answered: Answer) -> set[tuple[str, str, tuple[str, ...]]]:
    """The class, the check and the paths of each finding."""
    return {(str(each.kind), each.check, each.paths) for each in answered.findings}


def updated_text(text: str, found: Found) -> str:
    """The text of a baseline after such a run was accepted; it says what it was to say."""
    before = read(text)
    acceptance = accept(before, answer(before, found), Terms(reason="known now"), ORIGIN)
    after = updated(text, before, acceptance, LEDGER)
    assert read(after).says_the_same_as(acceptance.applied_to(before))
    return after


def test_a_known_failure_of_one_check_hides_none_of_another() -> None:
    """The other check is new, and shuts the gate."""
    expected = held(entry(paths=("plain",), check=ONE))

    assert answer(expected, run({(ONE, "plain"): FAIL})).exit_code == 0
    both = answer(expected, run({(ONE, "plain"): FAIL, (OTHER, "plain"): FAIL}))
    assert ("known failure", ONE, ("plain",)) in told(both)
    assert ("new failure", OTHER, ("plain",)) in told(both)
    assert both.exit_code == 1


def test_an_entry_without_a_check_speaks_for_all() -> None:
    """As before there were checks in entries: the worst of all is held against it."""
    expected = held(entry(paths=("plain",)))
    found = answer(expected, run({(ONE, "plain"): FAIL, (OTHER, "plain"): FAIL}))

    assert told(found) == {("known failure", "", ("plain",)), ("held", "", ("streamed",))}


def test_a_check_that_is_mended_is_seen_beside_one_that_is_not() -> None:
    """Each entry is about its own check: the other failure does not keep it."""
    expected = held(entry(check=ONE), entry(check=OTHER))
    found = answer(expected, run({(OTHER, "plain"): FAIL, (OTHER, "streamed"): FAIL}))

    assert told(found) == {
        ("fixed", ONE, ("plain", "streamed")),
        ("known failure", OTHER, ("plain", "streamed")),
    }
    assert found.exit_code == 1


def test_a_check_that_is_gone_has_disappeared() -> None:
    """An entry of a check that was not judged is out of date; what the others exercised stays exercised."""
    text = text_of(held(entry(paths=("plain",), check="stop.renamed")))
    found = answer(read(text), run({}))

    assert ("disappeared", "stop.renamed", ("plain",)) in told(found)
    assert found.exit_code == 1
    after = read(updated_text(text, run({})))
    assert (after.entries, after.exercised) == ((), EXERCISED)


def test_what_applies_to_one_check_alone_is_no_loss() -> None:
    """Where one check passes and the other is not applicable, the requirement holds."""
    found = answer(held(), run({(OTHER, "plain"): Verdict.NOT_APPLICABLE}))

    assert {kind for kind, _, _ in told(found)} == {"held"}


def test_an_update_names_the_check_where_there_are_several() -> None:
    """Where one check judges, nobody needs to know which."""
    text = text_of(held())
    several = read(updated_text(text, run({(OTHER, "streamed"): FAIL})))
    alone = read(updated_text(text, {(ONE, "plain"): FAIL, (ONE, "streamed"): PASS}))

    assert [(each.check, each.paths, each.verdict) for each in several.entries] == [
        (OTHER, ("streamed",), FAIL)
    ]
    assert [(each.check, each.paths) for each in alone.entries] == [("", ("plain",))]


def test_an_entry_of_a_check_changes_in_its_place() -> None:
    """Another verdict of its check takes the place of the one that was accepted, comments and all."""
    text = text_of(held(entry(paths=("plain",), check=ONE))).replace(
        "    check:", "    # ours to mend\n    check:"
    )
    after = updated_text(text, run({(ONE, "plain"): Verdict.UNSUPPORTED}))

    assert "# ours to mend" in after
    assert [(each.check, each.verdict) for each in read(after).entries] == [(ONE, Verdict.UNSUPPORTED)]


@pytest.mark.parametrize("check", ["", ONE])
def test_two_entries_of_one_check_are_refused(check: str) -> None:
    """Two entries for a path are sound only if each names a check of its own."""
    sound = held(entry(check=ONE), entry(check=OTHER))
    assert read(text_of(sound)).says_the_same_as(sound)
    with pytest.raises(BaselineError, match="has another entry"):
        read(text_of(held(entry(check=ONE), replace(entry(check=check), paths=("plain",)))))


VERDICTS = st.sampled_from(list(Verdict))


FOUR = st.tuples(*[VERDICTS] * 4)


@given(first=FOUR, second=FOUR, entries=st.lists(VERDICTS, max_size=2))
def test_what_was_accepted_opens_the_gate(
    first: tuple[Verdict, ...], second: tuple[Verdict, ...], entries: list[Verdict]
) -> None:
    """After an update the same run is never worse, whatever the checks found then and find now."""
    known = [
        entry(verdict=verdict, check=check)
        for check, verdict in zip((ONE, OTHER), entries, strict=False)
        if verdict is not PASS
    ]
    text = text_of(held(*known))
    for verdicts in (first, second):
        found = dict(zip(EVERYWHERE, verdicts, strict=True))
        text = updated_text(text, found)
        kinds = {str(each.kind) for each in answer(read(text), found).findings}
        assert kinds <= {"held", "known failure", "accepted"}
        assert updated_text(text, found) == text
