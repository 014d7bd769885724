"""`chatconform profiles`: which there are, and what each takes."""

from __future__ import annotations

import pytest

from chatconform.cli import main
from chatconform.ledger import load_ledger
from chatconform.ledger.profile import load_profile
from chatconform.running.catalogue import all_checks
from chatconform.running.profile_cost import profile_cost

LEDGER = load_ledger()


def listed(capsys: pytest.CaptureFixture[str], *names: str) -> dict[str, list[str]]:
    """The cells of the rows of these profiles, by the first."""
    with pytest.raises(SystemExit) as exit_:
        main(["profiles", *names])
    assert exit_.value.code == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    return {row[0]: row[1:] for row in rows if row and row[0] in names}


def test_profiles_are_listed_with_version_size_cost_and_policy(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row has the version, how many rules and requests, and whether SHOULD decides."""
    monkeypatch.setenv("COLUMNS", "120")
    rows = listed(capsys, "quick", "strict")

    quick, strict = load_profile("quick", LEDGER), load_profile("strict", LEDGER)
    cost = profile_cost(quick, LEDGER, all_checks())
    told = [quick.version, str(len(quick.requirements)), str(cost.requests), "no", *quick.title.split()]
    assert rows["quick"] == told
    assert 0 < cost.requests < 25
    assert (rows["strict"][1], rows["strict"][3]) == (str(len(strict.requirements)), "yes")


def test_a_profile_that_is_not_there_is_answered_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    """A mistyped name is the user's mistake, and told as one."""
    with pytest.raises(SystemExit) as exit_:
        main(["profiles", "gatewya"])
    assert exit_.value.code == 2
    assert "Did you mean gateway?" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["core", "gateway", "structured"])
def test_a_narrow_profile_costs_less_than_all(name: str) -> None:
    """Who asks for less pays less."""
    checks = all_checks()
    part, whole = (profile_cost(load_profile(each, LEDGER), LEDGER, checks) for each in (name, "standard"))
    assert 0 < part.requests < whole.requests / 2
