"""The proof: what is proven, and each way in which it can have a hole."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from chatconform.cli import main
from chatconform.findings.verdict import Verdict
from chatconform.ledger import load_ledger
from chatconform.plays.path import EVERYWHERE
from chatconform.proving.bench import Bench
from chatconform.proving.matrix import Matrix, row_of
from chatconform.proving.necessity import needed_sites
from chatconform.proving.planning import Plan
from chatconform.proving.sites import Site
from chatconform.proving.trial import Deciding, Order, Seen, Trial
from chatconform.reference_server.faults.alterations.making import chunk, setting
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reports.proof.document import proof_document
from chatconform.reports.proof.heat import heat
from chatconform.reports.proof.terminal import print_proof
from chatconform.running.catalogue import all_checks
from chatconform.tests.test_cli import refused

PASS, FAIL, ERROR, INCONCLUSIVE = Verdict.PASS, Verdict.FAIL, Verdict.ERROR, Verdict.INCONCLUSIVE
RULE, OTHER = "CC-STREAM-003", "CC-STREAM-004"
CHECK = "stream.a_stream_ends_with_exactly_one_terminator"
SITE = Site("stream/test_framing.py", 10, 4)
SECOND = Site("stream/test_framing.py", 11, 4)


def fault(kills: str = RULE, **options: Any) -> Fault:
    """A fault whose alteration does not matter here."""
    declare = family(Aspect.FRAMING)
    return declare("some-fault", "Something is wrong.", chunk(setting(x=1)), kills=kills, **options)


def seen(verdict: Verdict, requirement: str = RULE, path: str = EVERYWHERE, check: str = CHECK) -> Seen:
    return Seen(requirement=requirement, check=check, path=path, verdict=verdict, reason="because")


def trial(*verdicts: Seen, deciding: tuple[Deciding, ...] = (), name: str = "some-fault") -> Trial:
    order = Order(stand="usual", fault=name, checks=())
    return Trial(order=order, seen=verdicts, requests=3, seconds=0.1, deciding=deciding)


def matrix(*verdicts: Seen, of: Fault | None = None, **members: Any) -> Matrix:
    """A matrix of one fault, under which this was seen."""
    row = row_of(of or fault(), [trial(*verdicts)])
    whole = {"faultless": (seen(PASS),), "variants": {"crlf": (seen(PASS),)}, "checks": {CHECK: RULE}}
    return Matrix(rows=(row,), **{**whole, **members})


def told(proven: Matrix, *, whole: bool = False, width: int = 160) -> str:
    """What is printed of it, in one line."""
    screen = Console(width=width, record=True, file=io.StringIO())
    print_proof(proven, whole=whole, seconds=1.0, console=screen)
    return " ".join(screen.export_text().split())


def test_a_fault_that_turns_its_rule_red_is_killed() -> None:
    """Nothing is left open, and the score says so."""
    proven = matrix(seen(FAIL))

    assert proven.is_proven
    assert proven.score == 1.0
    assert "mutation score 100%: 1 of 1 faults killed" in told(proven)


@pytest.mark.parametrize("verdict", [PASS, ERROR, INCONCLUSIVE])
def test_a_fault_that_leaves_its_rule_unbroken_survives(verdict: Verdict) -> None:
    """Only a failure is red: an error and an open question are not."""
    open_ = matrix(seen(verdict))

    assert not open_.is_proven
    assert open_.score == 0.0
    assert [row.missed for row in open_.survivors] == [(RULE,)]
    assert "faults that nothing kills (1) some-fault" in told(open_)


def test_a_fault_has_to_kill_everything_that_it_announces() -> None:
    """One of two rules is not enough."""
    half = matrix(seen(FAIL), of=fault(kills=f"{RULE} {OTHER}"))

    assert [row.missed for row in half.survivors] == [(OTHER,)]


def test_a_fault_of_one_path_has_to_be_red_on_it() -> None:
    """Red elsewhere does not prove that this path is judged."""
    of = fault(kills=f"{RULE}@streamed")

    assert not matrix(seen(FAIL, path="plain"), of=of).rows[0].is_killed
    assert matrix(seen(FAIL, path="streamed"), of=of).rows[0].is_killed


def test_a_red_that_nobody_declared_is_a_hole() -> None:
    """Unless the fault says that it may be, and why."""
    undeclared = matrix(seen(FAIL), seen(FAIL, OTHER, check="stream.other"))
    declared = matrix(seen(FAIL), seen(FAIL, OTHER), of=fault(collateral={OTHER: "it reads the same"}))

    assert not undeclared.is_proven
    assert "turn red what nobody declared (1)" in told(undeclared)
    assert declared.is_proven


def test_a_check_that_no_fault_kills_is_a_hole() -> None:
    """Also where another check of the same rule is killed."""
    open_ = matrix(seen(FAIL), checks={CHECK: RULE, "stream.another": RULE})

    assert open_.unkilled == ("stream.another",)
    assert not open_.is_proven
    assert "checks that no fault kills (1) stream.another" in told(open_)


@pytest.mark.parametrize("verdict", [FAIL, ERROR, INCONCLUSIVE])
def test_what_does_not_pass_without_a_fault_is_a_hole(verdict: Verdict) -> None:
    """A check that is not green proves nothing by turning red."""
    open_ = matrix(seen(FAIL), faultless=(seen(PASS), seen(verdict)))

    assert not open_.is_proven
    assert "not green without a fault (1)" in told(open_)


@pytest.mark.parametrize("verdict", [FAIL, ERROR])
def test_a_red_under_a_legal_variant_is_a_hole(verdict: Verdict) -> None:
    """Nothing legal fails."""
    open_ = matrix(seen(FAIL), variants={"crlf": (seen(verdict),), "bare-cr": (seen(INCONCLUSIVE),)})

    assert list(open_.false_reds) == ["crlf"]
    assert "red under a legal variant (1) crlf" in told(open_)
    assert "1 of 2 legal variants green" in told(open_)


def test_a_proof_of_nothing_proves_nothing() -> None:
    """No faults, no score."""
    empty = replace(matrix(seen(FAIL)), rows=())

    assert empty.score == 0.0
    assert not empty.is_proven


def test_trials_on_several_stands_are_one_row() -> None:
    """What a fault turns red on any of them counts."""
    row = row_of(fault(kills=f"{RULE} {OTHER}"), [trial(seen(FAIL)), trial(seen(FAIL, OTHER))])

    assert row.is_killed
    assert row.requests == 6


def test_the_whole_matrix_names_what_else_is_red() -> None:
    """One line for each fault."""
    of = fault(collateral={OTHER: "it reads the same"})

    assert f"✓ some-fault {RULE} {OTHER}" in told(matrix(seen(FAIL), seen(FAIL, OTHER), of=of), whole=True)


def test_an_assertion_is_needed_if_every_red_rests_on_it() -> None:
    """Where another path stays red without it, the fault is killed all the same."""
    one = Deciding(seen=seen(FAIL, path="plain"), sites=frozenset({SITE, SECOND}))
    other = Deciding(seen=seen(FAIL, path="streamed"), sites=frozenset({SITE}))

    assert needed_sites([fault()], [trial(deciding=(one, other))]) == {SITE: "some-fault"}
    alone = needed_sites([fault(kills=f"{RULE}@plain")], [trial(deciding=(one, other))])
    assert alone.keys() == {SITE, SECOND}


def test_an_assertion_is_not_proven_by_other_rules() -> None:
    """What a fault turns red besides says nothing of it."""
    beside = Deciding(seen=seen(FAIL, OTHER), sites=frozenset({SITE}))

    assert needed_sites([fault()], [trial(deciding=(beside,))]) == {}


def test_needless_assertions_are_listed_with_their_text() -> None:
    """Where they stand, and how many are needed."""
    first = next(iter(real_sites()))
    listed = told(matrix(seen(FAIL), assertions={first: "", SITE: "some-fault"}))

    assert "assertions that no fault needs (1)" in listed
    assert f"{first} expect" in listed
    assert "1 of 2 assertions needed" in listed


def real_sites() -> tuple[Site, ...]:
    from chatconform.proving.sites import all_sites

    return all_sites()


def test_every_assertion_of_the_suites_is_found() -> None:
    """Each where it stands, none twice."""
    sites = real_sites()

    assert len(sites) == len(set(sites)) > 400


def test_the_document_says_the_same_twice() -> None:
    """It has no times and no numbers of requests, so that it can be compared."""
    fast, slow = matrix(seen(FAIL)), matrix(seen(FAIL))
    slow = replace(slow, rows=(replace(slow.rows[0], requests=99, seconds=9.0),))

    document = proof_document(fast, load_ledger())

    assert document == proof_document(slow, load_ledger())
    assert "| mutation score | **100.0%** |" in document
    assert f"| `some-fault` | Something is wrong. | {RULE} |  |" in document


def test_the_document_marks_what_survives() -> None:
    """A hole is not hidden in a table."""
    assert "`some-fault` **survives**" in proof_document(matrix(seen(PASS)), load_ledger())


def test_a_fault_is_tried_on_a_server_of_its_own_kind() -> None:
    """From the header to the verdict, with the rules about all traffic judged besides."""
    order = Order(stand="usual", fault="stream-without-done", checks=((CHECK, EVERYWHERE),))
    with Bench() as bench:
        broken, sound = bench.try_out(order), bench.try_out(replace(order, fault=""))

    assert {(red.requirement, red.check) for red in broken.reds} == {(RULE, CHECK)}
    assert sound.reds == sound.errors == ()
    assert 0 < sound.requests <= 3


def test_a_part_can_be_proven_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    """The faults and checks of a requirement, without the variants."""
    with pytest.raises(SystemExit) as left:
        main(["prove", RULE, "--jobs", "1"])

    assert left.value.code == 0
    assert "✓ proven" in capsys.readouterr().out


def test_mistakes_of_the_user_are_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """An unknown fault, an unknown requirement, both at once, a document of a part."""
    assert "Did you mean" in refused(capsys, "prove", "--fault", "stream-without-don")
    assert "no requirement is called" in refused(capsys, "prove", "NOTHING")
    assert "exclude each other" in refused(capsys, "prove", RULE, "--fault", "stream-without-done")
    assert "whole proof" in refused(capsys, "prove", RULE, "--document", str(tmp_path / "proof.md"))
    assert "cannot be written" in refused(capsys, "prove", "--document", str(tmp_path / "none" / "proof.md"))


def test_the_document_tells_of_consequences() -> None:
    """What a fault turns red besides stands there with the reason."""
    of = fault(collateral={OTHER: "it reads the same"})

    assert f"| {RULE} | {OTHER}: it reads the same |" in proof_document(
        matrix(seen(FAIL), of=of), load_ledger()
    )


def test_the_picture_keeps_its_numbers_apart() -> None:
    """Where there is room three digits are told, and otherwise that they are three."""
    many = replace(matrix(seen(FAIL)), rows=matrix(seen(FAIL)).rows * 123)

    assert "STREAM  123" in drawn(many, width=40)
    assert "STREAM  ++" in drawn(many, width=10)


def drawn(proven: Matrix, *, width: int) -> str:
    screen = Console(width=width, record=True, file=io.StringIO())
    screen.print(heat(proven, width=width))
    return screen.export_text()


@pytest.mark.parametrize(
    ("full", "kills", "areas"),
    [
        (False, RULE, {"STREAM"}),
        (True, RULE, set(load_ledger().areas) - {"CONTRACT", "TALK"}),
        (True, "CC-CONTRACT-004", set(load_ledger().areas) - {"TALK"}),
    ],
)
def test_what_is_judged_under_a_fault(full: bool, kills: str, areas: set[str]) -> None:
    """The rules that it concerns; in a full proof all, but of made-up requests only those that it names."""
    plan = Plan(ledger=load_ledger(), checks=all_checks(), paths=frozenset({"plain"}), full=full)

    checks = {made.id: made.requirement for made in all_checks()}
    ordered = {checks[name] for order in plan.orders_of(fault(kills)) for name, _ in order.checks}

    assert {name.split("-")[1] for name in ordered} == areas
    assert {name for name in ordered if name.startswith("CC-CONTRACT-")} <= {kills}


def test_the_trial_of_a_rare_case_sends_every_case_on_every_path() -> None:
    """A fault that the full profile alone meets is tried with it, and so is the server without a fault."""
    plan = Plan(ledger=load_ledger(), checks=all_checks(), paths=frozenset({"plain"}))
    rare, usual = (plan.orders_of(replace(fault("CC-STOP-001"), thorough=each)) for each in (True, False))

    assert all(order.thorough for order in rare)
    assert not any(order.thorough for order in usual)
    assert {path for order in usual for _, path in order.checks} == {"plain"}
    assert {path for order in rare for _, path in order.checks} == {"plain", "streamed"}
    assert {order.thorough for order in plan.faultless(None)} == {True, False}


def test_the_document_says_which_faults_the_full_profile_meets_alone() -> None:
    """Who reads that a fault is killed knows with which profile."""
    rare = matrix(seen(FAIL), of=replace(fault(), thorough=True))

    assert "Something is wrong. *(met by `--profile full` alone)*" in proof_document(rare, load_ledger())
    assert "profile full" not in proof_document(matrix(seen(FAIL)), load_ledger())


def test_a_narrow_terminal_loses_nothing() -> None:
    """Beside a long name there is room for what it kills, and for what nobody declared."""
    long = family(Aspect.FRAMING)(f"a-{'long-' * 12}name", "It is.", chunk(setting(x=1)), kills=RULE)
    proven = matrix(seen(FAIL), seen(FAIL, OTHER), of=long)

    said = told(proven, whole=True, width=60)

    assert (said.count(RULE), said.count(OTHER)) == (1, 2)
