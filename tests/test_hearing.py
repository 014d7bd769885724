"""How a declaration weighs: what was declared and is not kept fails, and says that it was declared."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from types import MappingProxyType

import pytest

from chatconform.errors import Unrecorded
from chatconform.findings.finding import Finding
from chatconform.findings.verdict import Judgement, Observation, Verdict
from chatconform.judging.check import Check
from chatconform.ledger import load_ledger
from chatconform.ledger.requirement import Kind
from chatconform.plays.path import PLAIN
from chatconform.plays.play import Play
from chatconform.plays.scenario import PlayKey
from chatconform.running.catalogue import all_checks
from chatconform.running.hearing import Hearing
from chatconform.wire.exchange import Exchange


class Nothing:
    """Plays of which nobody looks at any."""

    def begin(self, keys: Iterable[PlayKey]) -> None:
        """Nothing is played."""

    def play(self, key: PlayKey) -> Play:
        return Play(scenario=key.scenario, path=PLAIN, attempt=1, exchanges=(), notes={}, ended="", error="")

    def traffic(self) -> tuple[Exchange, ...]:
        return ()

    def again(self, exchange: str, number: int) -> Exchange:
        raise Unrecorded(f"there is no {exchange} to be sent {number} times more")


def heard(
    verdict: Verdict, requirement: str, *declared: str, words: tuple[str, ...] = ("tools",)
) -> Judgement:
    """The judgement of a check that may be refused for these words, and finds this."""
    made = next(each for each in all_checks() if isinstance(each, Check) and each.requirement == requirement)
    court = Hearing(
        plays=Nothing(),
        ledger=load_ledger(),
        declared=MappingProxyType(dict.fromkeys(declared, "")),
        lacks=(),
        paths=("plain",),
    )
    return court.judge(replace(made, feature=words, judge=finding(verdict)), made.path_names[0])


def finding(verdict: Verdict) -> Callable[[Play], Observation | None]:
    """A check's function that finds this, whatever it is shown."""

    class Found(Finding):
        pass

    Found.verdict = verdict

    def judge(_: Play) -> Observation | None:
        if verdict is not Verdict.PASS:
            raise Found("why", expected="what")
        return None

    return judge


def requirement_needing(*words: str) -> str:
    checked = {made.requirement for made in all_checks() if isinstance(made, Check)}
    return next(
        row.id
        for row in load_ledger()
        if row.id in checked and row.kind is Kind.PROTOCOL and tuple(n.word for n in row.needs) == words
    )


@pytest.mark.parametrize("word", ["browser-access", "tools"])
def test_a_failure_says_that_it_was_declared(word: str) -> None:
    """The reason, and what was expected, name the declaration."""
    judgement = heard(Verdict.FAIL, requirement_needing(word), word)

    assert judgement.verdict is Verdict.FAIL
    assert judgement.reason == f"declared ({word}): why"
    assert judgement.expected == f"declared ({word}): what"


def test_to_refuse_what_is_declared_is_to_fail() -> None:
    """A refusal is clean only where nobody said that the feature is there."""
    assert heard(Verdict.UNSUPPORTED, requirement_needing("tools")).verdict is Verdict.UNSUPPORTED
    declared = heard(Verdict.UNSUPPORTED, requirement_needing("tools"), "tools")
    assert (declared.verdict, declared.reason) == (Verdict.FAIL, "declared (tools): why")


def test_to_refuse_something_else_is_not_about_the_declaration() -> None:
    """Who has tools may refuse a member that only comes with them."""
    requirement = requirement_needing("tools")

    judgement = heard(Verdict.UNSUPPORTED, requirement, "tools", words=("strict",))

    assert judgement.verdict is Verdict.UNSUPPORTED


@pytest.mark.parametrize("verdict", [Verdict.PASS, Verdict.ERROR, Verdict.INCONCLUSIVE])
def test_other_verdicts_stay(verdict: Verdict) -> None:
    """What held or was not measured is told as it is."""
    judgement = heard(verdict, requirement_needing("tools"), "tools")

    assert (judgement.verdict, judgement.reason) == (verdict, "" if verdict is Verdict.PASS else "why")
