"""The judgement of a check on one path, in the making: attempt after attempt, until it is decided.

An attempt that provoked the condition either keeps the rule or breaks it. For a rule about a model's mood a
sequential test decides when there are enough of them (`judging.sampling`); for any other rule the first does.
"""

from __future__ import annotations

from functools import partial

from chatconform.findings.evidence import at_status
from chatconform.findings.finding import Unmeasured
from chatconform.findings.proportion import Proportion
from chatconform.findings.verdict import Judgement, Verdict, worst
from chatconform.judging.check import Check
from chatconform.judging.outcome import Outcome, gathered, settled
from chatconform.judging.sampling import SINGLE, Sampling
from chatconform.plays.play import Play

_MEASURED = (Verdict.PASS, Verdict.FAIL)


class Attempts:
    """What a check has found in the attempts on one path so far."""

    def __init__(self, check: Check, sampling: Sampling = SINGLE) -> None:
        self._check = check
        self._sampling = sampling
        self._plays: list[Play] = []
        self._outcomes: list[Outcome] = []

    def take(self, play: Play) -> None:
        """Judge a further attempt."""
        self._plays.append(play)
        self._outcomes.append(_outcome(self._check, play))

    @property
    def is_decided(self) -> bool:
        """Whether a further attempt could not change the judgement: a target is asked again only in doubt.

        What could not be provoked is tried as often as its scenario says.
        """
        if self._decision is not None or self._verdicts[-1] not in {*_MEASURED, Verdict.INCONCLUSIVE}:
            return True
        return self._verdicts.count(Verdict.INCONCLUSIVE) >= self._check.scenario.attempts

    def judgement(self) -> Judgement:
        """What there is to say by now; there has to be an attempt."""
        verdict = self._verdict
        gathering = gathered(self._outcomes)
        found = gathering.of(verdict)
        # What passed all the same says where it was broken.
        told = gathering.of(Verdict.FAIL) if verdict is Verdict.PASS else found
        # An exchange may stand as several steps.
        exchanges = tuple(dict.fromkeys(exchange.id for play in self._plays for exchange in play.exchanges))
        return Judgement(
            requirement=self._check.requirement,
            check=self._check.id,
            path=self._plays[0].path.name,
            verdict=verdict,
            reason=told.reason,
            expected=found.expected,
            came=found.came,
            evidence=told.evidence,
            observations=tuple(gathering.observations),
            attempts=tuple(self._verdicts) if len(self._outcomes) > 1 else (),
            exchanges=exchanges,
            bug=found.bug,
        )

    @property
    def _verdicts(self) -> list[Verdict]:
        return [outcome.verdict for outcome in self._outcomes]

    @property
    def _kept(self) -> Proportion:
        kept, broken = map(self._verdicts.count, _MEASURED)
        return Proportion(successes=kept, attempts=kept + broken)

    @property
    def _decision(self) -> bool | None:
        kept = self._kept
        return self._sampling.decision(kept.successes, kept.failures)

    @property
    def _verdict(self) -> Verdict:
        """What was decided; else what kept it from being decided; else what is likelier."""
        kept, decision = self._kept, self._decision
        others = [verdict for verdict in self._verdicts if verdict not in _MEASURED]
        if decision is None and others:
            return worst(others)
        if decision is None:
            decision = self._sampling.leaning(kept.successes, kept.failures)
        return Verdict.PASS if decision else Verdict.FAIL


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
