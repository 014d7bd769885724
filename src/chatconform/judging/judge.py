"""From checks and exchanges to judgements, with no input or output: the same live and from a run record."""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial

from chatconform.errors import TargetError
from chatconform.findings.evidence import at_status
from chatconform.findings.finding import Broken, Finding, NotProvoked, Refused, Unmeasured
from chatconform.findings.verdict import Evidence, Judgement, Observation, Verdict, worst
from chatconform.judging.check import Check, Invariant, OfTraffic, Survey
from chatconform.plays.path import EVERYWHERE
from chatconform.plays.play import Play
from chatconform.wire.exchange import Exchange, Response
from chatconform.wire.jsontext import Json, NotJson

EVIDENCE_LIMIT = 3
NO_ROUTE = frozenset({404, 405})
SHORTEST_STEM = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """What a check found in one play or exchange."""

    verdict: Verdict
    finding: Finding | None = None
    observation: Observation | None = None
    bug: str = ""


def judge_plays(check: Check, plays: Sequence[Play]) -> Judgement:
    """The judgement of a check on one path, from all attempts on it."""
    outcomes = [_outcome(check, play) for play in plays]
    verdict = _combined([outcome.verdict for outcome in outcomes], check.tolerate)
    return _judgement(
        check,
        plays[0].path.name,
        verdict,
        [outcome for outcome in outcomes if outcome.verdict is verdict],
        attempts=tuple(outcome.verdict for outcome in outcomes) if len(outcomes) > 1 else (),
        observations=_observations(outcomes),
        # An exchange may stand as several steps.
        exchanges=tuple(dict.fromkeys(exchange.id for play in plays for exchange in play.exchanges)),
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
    traffic = tuple(traffic)
    # What an ill target sent, or did not, says nothing of the rule; what it sent before still does.
    found = tuple(each for each in traffic if not each.illness and _has_form(made, each))
    outcomes = _outcomes_of_traffic(made, found)
    illness = {each.illness: each for each in reversed(traffic) if each.illness and not each.sent_again}
    if illness and _over_traffic(outcomes) is Verdict.INCONCLUSIVE:
        outcomes = [_unseen(illness)]
    verdict = _over_traffic(outcomes)
    return _judgement(
        made,
        EVERYWHERE,
        verdict,
        [outcome for outcome in outcomes if outcome.verdict is verdict],
        of=len(outcomes),
        observations=_observations(outcomes),
        exchanges=tuple(exchange.id for exchange in found),
    )


def _outcomes_of_traffic(made: OfTraffic, found: tuple[Exchange, ...]) -> list[_Outcome]:
    if isinstance(made, Survey) and found:
        return [_settled(partial(made.judge, found), ())]
    if isinstance(made, Invariant):
        return [_settled(partial(made.judge, exchange), ()) for exchange in found]
    return []


def _unseen(illness: Mapping[str, Exchange]) -> _Outcome:
    """What is found where the target was ill before it sent anything that the rule could be seen in."""
    finding = Unmeasured("; ".join(illness), evidence=tuple(map(at_status, illness.values())))
    return _Outcome(verdict=finding.verdict, finding=finding)


def _has_form(made: OfTraffic, exchange: Exchange) -> bool:
    try:
        return made.form(exchange)
    except TargetError:
        return False


def _over_traffic(outcomes: Sequence[_Outcome]) -> Verdict:
    found = {outcome.verdict for outcome in outcomes}
    for verdict in (Verdict.FAIL, Verdict.ERROR, Verdict.PASS, Verdict.UNSUPPORTED):
        if verdict in found:
            return verdict
    return Verdict.INCONCLUSIVE


def _combined(verdicts: Sequence[Verdict], tolerate: int) -> Verdict:
    if verdicts.count(Verdict.FAIL) > tolerate:
        return Verdict.FAIL
    if Verdict.PASS in verdicts:
        return Verdict.PASS
    tolerable = [verdict for verdict in verdicts if verdict is not Verdict.FAIL]
    return worst(tolerable) if tolerable else Verdict.FAIL


def _outcome(check: Check, play: Play) -> _Outcome:
    broken = next((each for each in (play, play.control) if each is not None and each.error), None)
    if broken is not None:
        last = broken.error.strip().rpartition("\n")[2]
        ours = Unmeasured(f"a bug in chatconform: the scenario {broken.scenario} broke down: {last}")
        return _Outcome(verdict=ours.verdict, finding=ours, bug=broken.error)
    outcome = _settled(partial(check.judge, play), (*check.feature, *play.path.features))
    if outcome.verdict is not Verdict.INCONCLUSIVE or play.ill is None:
        return outcome
    # What did not come about might have, had the target been well.
    reason = f"{outcome.finding}; {play.ill.illness}"
    finding = Unmeasured(reason, evidence=(at_status(play.ill),))
    return _Outcome(verdict=finding.verdict, finding=finding)


def _settled(judge: Callable[[], Observation | None], features: tuple[str, ...]) -> _Outcome:
    try:
        return _Outcome(verdict=Verdict.PASS, observation=judge())
    except Refused as refused:
        told = refused if _is_clean(refused, features) else _unfounded(refused)
        return _Outcome(verdict=told.verdict, finding=told)
    except Finding as finding:
        return _Outcome(verdict=finding.verdict, finding=finding)
    except TargetError as unreadable:
        return _Outcome(verdict=Verdict.INCONCLUSIVE, finding=NotProvoked(str(unreadable)))
    except Exception as bug:  # noqa: BLE001 - a check of ours broke down; the run goes on and says so
        ours = Unmeasured(f"a bug in chatconform: {type(bug).__name__}: {bug}")
        return _Outcome(verdict=ours.verdict, finding=ours, bug=traceback.format_exc())


def _is_clean(refused: Refused, features: tuple[str, ...]) -> bool:
    """Whether a refusal is about the feature: no route at all refuses everything, and names what it likes."""
    return refused.response.status not in NO_ROUTE and names_any(refused.response, features)


def _unfounded(refused: Refused) -> Broken:
    reason = f"a request that the contract allows was refused: {refused.reason} with {refused.came}"
    return Broken(reason, evidence=refused.evidence, expected=refused.expected, came=refused.came)


def names_any(response: Response | None, words: Iterable[str]) -> bool:
    """Whether a refusal names one of the words, in its parameter, its code or its message.

    A word may go on ("tool" names "tools"), but a short one such as `n` has to stand by itself.
    """
    if response is None:
        return False
    try:
        body = response.json
    except NotJson:
        return False
    text = _told(body)
    return any(_pattern(word).search(text) for word in words)


@cache
def _pattern(word: str) -> re.Pattern[str]:
    end = "" if len(word) >= SHORTEST_STEM else r"(?!\w)"
    return re.compile(rf"(?<!\w){re.escape(word)}{end}", re.IGNORECASE)


def _told(body: Json) -> str:
    if not isinstance(body, dict):
        return ""
    error = body.get("error", body)
    if not isinstance(error, dict):
        return str(error)
    return " ".join(str(error.get(key) or "") for key in ("param", "code", "message", "detail"))


def _observations(outcomes: Iterable[_Outcome]) -> tuple[Observation, ...]:
    return tuple(dict.fromkeys(outcome.observation for outcome in outcomes if outcome.observation))


def _judgement(
    check: Check | OfTraffic,
    path: str,
    verdict: Verdict,
    decisive: Sequence[_Outcome],
    *,
    observations: tuple[Observation, ...],
    exchanges: tuple[str, ...],
    attempts: tuple[Verdict, ...] = (),
    of: int = 0,
) -> Judgement:
    findings = [outcome.finding for outcome in decisive if outcome.finding]
    first = findings[0] if findings else None
    evidence: tuple[Evidence, ...] = tuple(e for finding in findings for e in finding.evidence)
    return Judgement(
        requirement=check.requirement,
        check=check.id,
        path=path,
        verdict=verdict,
        reason=_reason(verdict, first, len(findings), of, unseen="" if exchanges else _form(check)),
        expected=first.expected if first else "",
        came=first.came if first else "",
        evidence=evidence[:EVIDENCE_LIMIT],
        observations=observations,
        attempts=attempts,
        exchanges=exchanges,
        bug=next((outcome.bug for outcome in decisive if outcome.bug), ""),
    )


def _form(check: Check | OfTraffic) -> str:
    """What an invariant is about, as the docstring of its form says it."""
    told = (check.form.__doc__ or "").strip().partition("\n")[0] if isinstance(check, OfTraffic) else ""
    return told.rstrip(".").replace("Every ", "every ", 1) or "no exchange of its form"


def _reason(verdict: Verdict, first: Finding | None, count: int, of: int, *, unseen: str) -> str:
    if first is None:
        return f"none was seen of what it judges: {unseen}" if unseen and verdict is not Verdict.PASS else ""
    return f"{count} of {of} exchanges: {first.reason}" if of > 1 else first.reason
