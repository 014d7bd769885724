"""From checks and exchanges to judgements, with no input or output: the same live and from a run record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from chatconform.findings.evidence import at_status
from chatconform.findings.finding import Unmeasured
from chatconform.findings.verdict import Judgement, Verdict, worst
from chatconform.judging.check import Check, Invariant, OfTraffic
from chatconform.judging.deliberation import Deliberation
from chatconform.judging.outcome import Outcome, gathered, names_any, settled
from chatconform.plays.play import Play
from chatconform.wire.exchange import Exchange

__all__ = ["is_decided", "judge_plays", "judge_traffic", "names_any"]


def judge_plays(check: Check, plays: Sequence[Play]) -> Judgement:
    """The judgement of a check on one path, from all attempts on it."""
    outcomes = [_outcome(check, play) for play in plays]
    verdict = _combined([outcome.verdict for outcome in outcomes], check.tolerate)
    gathering = gathered(outcomes)
    found = gathering.of(verdict)
    # An exchange may stand as several steps.
    exchanges = tuple(dict.fromkeys(exchange.id for play in plays for exchange in play.exchanges))
    return Judgement(
        requirement=check.requirement,
        check=check.id,
        path=plays[0].path.name,
        verdict=verdict,
        reason=found.reason,
        expected=found.expected,
        came=found.came,
        evidence=found.evidence,
        observations=tuple(gathering.observations),
        attempts=tuple(outcome.verdict for outcome in outcomes) if len(outcomes) > 1 else (),
        exchanges=exchanges,
        bug=found.bug,
    )


def is_decided(check: Check, plays: Sequence[Play]) -> bool:
    """Whether a further attempt could not change the judgement: a target is asked again only in doubt.

    In doubt is what could not be provoked, and a failure that is tolerated once.
    """
    verdicts = [_outcome(check, play).verdict for play in plays]
    if Verdict.PASS in verdicts or verdicts.count(Verdict.FAIL) > check.tolerate:
        return True
    return verdicts[-1] not in {Verdict.INCONCLUSIVE, Verdict.FAIL}


def judge_traffic(made: OfTraffic, traffic: Iterable[Exchange]) -> Judgement:
    """The judgement of an invariant or a survey, from all exchanges of its form in the traffic."""
    deliberation = Deliberation(made)
    found = [each for each in traffic if deliberation.notes(each)]
    if isinstance(made, Invariant):
        for exchange in found:
            deliberation.take(exchange)
    else:
        deliberation.hear(found)
    return deliberation.judgement()


def _combined(verdicts: Sequence[Verdict], tolerate: int) -> Verdict:
    if verdicts.count(Verdict.FAIL) > tolerate:
        return Verdict.FAIL
    if Verdict.PASS in verdicts:
        return Verdict.PASS
    tolerable = [verdict for verdict in verdicts if verdict is not Verdict.FAIL]
    return worst(tolerable) if tolerable else Verdict.FAIL


def _outcome(check: Check, play: Play) -> Outcome:
    broken = next((each for each in (play, play.control) if each is not None and each.error), None)
    if broken is not None:
        last = broken.error.strip().rpartition("\n")[2]
        ours = Unmeasured(f"a bug in chatconform: the scenario {broken.scenario} broke down: {last}")
        return Outcome(verdict=ours.verdict, finding=ours, bug=broken.error)
    outcome = settled(partial(check.judge, play), (*check.feature, *play.path.features))
    if outcome.verdict is not Verdict.INCONCLUSIVE or play.ill is None:
        return outcome
    # What did not come about might have, had the target been well.
    reason = f"{outcome.finding}; {play.ill.illness}"
    finding = Unmeasured(reason, evidence=(at_status(play.ill),))
    return Outcome(verdict=finding.verdict, finding=finding)
