"""Coverage: which requirements are judged, which elements are spoken for, and how both are shown."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from rich.console import Console

from chatconform.cli import main
from chatconform.cli.coverage import FEW, print_coverage
from chatconform.contract import ElementKind, load_contract
from chatconform.ledger import Ledger, load_ledger
from chatconform.ledger.coverage import Share, coverage_of, standing
from chatconform.ledger.requirement import Requirement, Standing

CONTRACT = load_contract()
LEDGER = load_ledger()
REASON = "No target lets a client see it."
SEED = "/components/schemas/CreateChatCompletionRequest/properties/seed"
TIER = "/components/schemas/CreateChatCompletionRequest/properties/service_tier"


def requirement(number: int, *, area: str = "STOP", anchor: str = SEED, **told: object) -> Requirement:
    """A row of the ledger that says nothing but what a test tells."""
    row = LEDGER["CC-STOP-001"]
    plain = replace(
        row, id=f"CC-{area}-{number:03}", title=f"Rule {number}", anchor=anchor, also=(), checks=()
    )
    return replace(plain, **told)


CHECKED = requirement(1, checks=("stop.one",))
EXCLUDED = requirement(2, excluded=REASON, anchor="/components/schemas/Usage")
UNCHECKED = requirement(3, area="RATE", also=(f"{TIER}/enum/0",))


def shown(*rows: Requirement, everything: bool = False, width: int = 80) -> str:
    """What is printed of a ledger, on a terminal of that width."""
    screen = Console(file=io.StringIO(), width=width, highlight=False)
    print_coverage(coverage_of(Ledger(rows), CONTRACT), everything=everything, console=screen)
    return screen.file.getvalue()  # type: ignore[attr-defined]


def ended(monkeypatch: pytest.MonkeyPatch, *rows: Requirement) -> object:
    """The exit code of the command for a ledger."""
    monkeypatch.setattr("chatconform.cli.catalogue.load_ledger", lambda: Ledger(rows))
    with pytest.raises(SystemExit) as exit_:
        main(["list", "--coverage"])
    return exit_.value.code


def test_a_requirement_is_checked_excluded_or_unchecked() -> None:
    """Checks make it checked, a reason for having none excluded, and neither of them unchecked."""
    rows = (CHECKED, EXCLUDED, UNCHECKED)
    assert [row.standing for row in rows] == [Standing.CHECKED, Standing.EXCLUDED, Standing.UNCHECKED]
    assert [standing(rows, wanted) for wanted in Standing] == [(CHECKED,), (EXCLUDED,), (UNCHECKED,)]


def test_elements_are_spoken_for_by_anchors_and_further_places() -> None:
    """What neither an anchor nor a further place of any row reaches is silent; all else is spoken for."""
    covered = coverage_of(Ledger((CHECKED, UNCHECKED)), CONTRACT)
    spoken = {f"{each.owner} {each.name}" for each in covered.elements if each not in covered.silent}
    owner = "CreateChatCompletionRequest"
    assert spoken == {f"{owner} seed", f"{owner} service_tier", f"{owner} service_tier=auto"}
    assert covered.share.spoken == 3
    assert covered.shares[ElementKind.VALUE].spoken == 1
    assert covered.shares[ElementKind.OPERATION].silent == covered.elements[:3]
    assert sum(share.total for share in covered.shares.values()) == covered.share.total


def test_a_share_is_whole_only_where_nothing_is_missing() -> None:
    """Per cents are rounded down, so 100 is never said of less than all."""
    silent = coverage_of(Ledger(()), CONTRACT).silent
    assert len(silent) > 300
    assert Share(total=1000, silent=silent[:1]).percent == 99
    assert (Share(total=3, silent=silent[:3]).percent, Share(total=3, silent=()).percent) == (0, 100)
    assert Share(total=0, silent=()).percent == 100


def test_the_shipped_ledger_speaks_for_much_of_the_contract_and_not_for_all() -> None:
    """Every operation is spoken for, and so are most fields; what no check would notice stays silent."""
    shares = coverage_of(LEDGER, CONTRACT).shares
    assert shares[ElementKind.OPERATION].percent == 100
    assert shares[ElementKind.FIELD].percent >= 80
    silent = {f"{each.owner} {each.name}" for share in shares.values() for each in share.silent}
    assert "CreateChatCompletionRequest web_search_options.user_location" in silent


def test_the_table_counts_each_area() -> None:
    """Areas, their rows, and how many of these are checked, excluded and unchecked."""
    told = shown(CHECKED, EXCLUDED, UNCHECKED)
    assert re.search(r"STOP +2 +1 +1 +·", told)
    assert re.search(r"RATE +1 +· +· +1", told)
    assert re.search(r"all +3 +1 +1 +1", told)


def test_unchecked_and_excluded_rows_are_named() -> None:
    """Each row without checks is named with its title, an excluded one with its reason as well."""
    told = shown(CHECKED, EXCLUDED, UNCHECKED)
    assert re.search(r"no check judges\n +CC-RATE-003 +Rule 3 *\n", told)
    assert re.search(rf"excluded, and why\n +CC-STOP-002 +Rule 2 *\n +{REASON} *\n", told)
    whole = shown(CHECKED)
    assert "no check judges" not in whole
    assert "excluded, and why" not in whole


def test_the_share_of_each_kind_has_a_bar() -> None:
    """How many of how many, the share, and a bar of which that share is full."""
    told = shown(replace(CHECKED, anchor="/paths/~1models/get"))
    assert re.search(r"operations +1 of 3 +33 % +█{8}░{16}\n", told)
    assert re.search(r"values +0 of \d+ +0 % +░{24}\n", told)


def test_twenty_elements_of_a_kind_are_listed_unless_all_are_wanted() -> None:
    """Past twenty the rest is counted, and `--all` lists it."""
    silent = coverage_of(Ledger((CHECKED,)), CONTRACT).shares[ElementKind.STATUS].silent
    few, everything = shown(CHECKED), shown(CHECKED, everything=True)
    assert len(silent) > FEW
    assert f"and {len(silent) - FEW} more (--all lists them)" in few
    assert "--all" not in everything
    for name in ("web_search_options.user_location.type", "image_url.detail=high", "shutdown_date"):
        assert name in everything


@pytest.mark.parametrize("everything", [False, True])
def test_it_fits_eighty_columns(everything: bool) -> None:
    """No line but that of the totals is wider than the terminal, and without colours there are no escapes."""
    told = shown(*LEDGER, everything=everything)
    *lines, totals = told.splitlines()
    assert max(map(len, lines)) <= 80
    assert "\x1b" not in told
    assert totals.startswith(f"{len(LEDGER)} requirements: ")


def test_the_totals_are_one_line() -> None:
    """The last line has all figures, whatever the terminal's width."""
    covered = coverage_of(Ledger((CHECKED, EXCLUDED)), CONTRACT)
    share = covered.share
    assert shown(CHECKED, EXCLUDED, width=40).splitlines()[-1] == (
        "2 requirements: 1 checked, 1 excluded, 0 unchecked; "
        f"contract: {share.spoken} of {share.total} elements ({share.percent} %)"
    )


def test_an_unchecked_requirement_makes_the_command_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """The exit code is 1 while a row is neither checked nor excluded, and 0 after that."""
    assert ended(monkeypatch, CHECKED, UNCHECKED) == 1
    assert ended(monkeypatch, CHECKED, EXCLUDED) == 0
