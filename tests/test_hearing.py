"""How a declaration weighs: what was declared and is not kept fails, and says that it was declared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from types import MappingProxyType

import pytest

from chatconform.findings.verdict import Judgement, Verdict
from chatconform.judging.check import Check
from chatconform.ledger import load_ledger
from chatconform.plays.path import PLAIN
from chatconform.plays.play import Play
from chatconform.plays.scenario import PlayKey
from chatconform.running import hearing
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


def heard(
    verdict: Verdict,
    requirement: str,
    monkeypatch: pytest.MonkeyPatch,
    *declared: str,
    words: tuple[str, ...] = ("tools",),
) -> Judgement:
    """The judgement of a check that may be refused for these words, its plays being judged like this."""
    made = next(each for each in all_checks() if isinstance(each, Check) and each.requirement == requirement)
    made = replace(made, feature=words)
    found = Judgement(
        requirement=requirement, check=made.id, path="plain", verdict=verdict, reason="why", expected="what"
    )
    monkeypatch.setattr(hearing, "judge_plays", lambda *_: found)
    monkeypatch.setattr(hearing, "judge_traffic", lambda *_: found)
    monkeypatch.setattr(hearing, "is_decided", lambda *_: True)
    court = Hearing(
        plays=Nothing(),
        ledger=load_ledger(),
        declared=MappingProxyType(dict.fromkeys(declared, "")),
        lacks=(),
        paths=("plain",),
    )
    return court.judge(made, made.path_names[0])


def requirement_needing(*words: str) -> str:
    checked = {made.requirement for made in all_checks() if isinstance(made, Check)}
    return next(
        row.id for row in load_ledger() if row.id in checked and tuple(n.word for n in row.needs) == words
    )


@pytest.mark.parametrize("word", ["browser-access", "tools"])
def test_a_failure_says_that_it_was_declared(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason, and what was expected, name the declaration."""
    judgement = heard(Verdict.FAIL, requirement_needing(word), monkeypatch, word)

    assert judgement.verdict is Verdict.FAIL
    assert judgement.reason == f"declared ({word}): why"
    assert judgement.expected == f"declared ({word}): what"


def test_to_refuse_what_is_declared_is_to_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """A refusal is clean only where nobody said that the feature is there."""
    assert (
        heard(Verdict.UNSUPPORTED, requirement_needing("tools"), monkeypatch).verdict is Verdict.UNSUPPORTED
    )
    declared = heard(Verdict.UNSUPPORTED, requirement_needing("tools"), monkeypatch, "tools")
    assert (declared.verdict, declared.reason) == (Verdict.FAIL, "declared (tools): why")


def test_to_refuse_something_else_is_not_about_the_declaration(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has tools may refuse a member that only comes with them."""
    requirement = requirement_needing("tools")

    judgement = heard(Verdict.UNSUPPORTED, requirement, monkeypatch, "tools", words=("strict",))

    assert judgement.verdict is Verdict.UNSUPPORTED


@pytest.mark.parametrize("verdict", [Verdict.PASS, Verdict.ERROR, Verdict.INCONCLUSIVE])
def test_other_verdicts_stay(verdict: Verdict, monkeypatch: pytest.MonkeyPatch) -> None:
    """What held or was not measured is told as it is."""
    judgement = heard(verdict, requirement_needing("tools"), monkeypatch, "tools")

    assert (judgement.verdict, judgement.reason) == (verdict, "why")
