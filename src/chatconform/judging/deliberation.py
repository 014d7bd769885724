"""The judgement of a rule about traffic, in the making: what it has seen is counted, and not kept.

The live run, the judging of a record, and the linting of a file of any size all come through here, so that a
rule says the same of the same traffic wherever that is met.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from itertools import chain

from chatconform.errors import TargetError
from chatconform.findings.evidence import at_status
from chatconform.findings.finding import Unmeasured
from chatconform.findings.proportion import Proportion
from chatconform.findings.verdict import Evidence, Judgement, Verdict
from chatconform.judging.check import Invariant, OfTraffic, Survey
from chatconform.judging.outcome import Found, Gathering, Outcome, settled
from chatconform.plays.path import EVERYWHERE
from chatconform.wire.exchange import Exchange

# Of more exchanges than these a judgement does not name each.
NAMED = 10_000
_IN_ORDER = (Verdict.FAIL, Verdict.ERROR, Verdict.PASS, Verdict.UNSUPPORTED)


class Deliberation:
    """What one invariant or survey has found so far."""

    def __init__(self, made: OfTraffic) -> None:
        self.made = made
        self._gathering = Gathering()
        self._exchanges: dict[str, None] = {}
        self._ill: dict[str, tuple[Evidence, ...]] = {}

    def notes(self, exchange: Exchange) -> bool:
        """Whether the rule is about this exchange; that the target was ill then is kept in mind."""
        # What an ill target sent, or did not, says nothing of the rule; what it sent before still does.
        if exchange.illness:
            if not exchange.sent_again:
                first = self._ill.pop(exchange.illness, None) or (at_status(exchange),)
                self._ill[exchange.illness] = first
            return False
        return has_form(self.made, exchange)

    def take(self, exchange: Exchange) -> bool:
        """Judge an invariant on an exchange of its form; says whether it is evidence of a failure."""
        assert isinstance(self.made, Invariant)
        self._name(exchange)
        return self._add(settled(partial(self.made.judge, exchange), ()))

    def hear(self, exchanges: Iterable[Exchange]) -> bool:
        """Judge a survey on exchanges of its form; says whether some are evidence of a failure.

        Those of several hosts have nothing to do with each other.
        """
        assert isinstance(self.made, Survey)
        evident = False
        for group in _by_host(exchanges):
            for exchange in group:
                self._name(exchange)
            evident = self._add(_surveyed(self.made, group)) or evident
        return evident

    def judgement(self) -> Judgement:
        """What there is to say by now."""
        verdict = self._verdict
        found = self._gathering.of(verdict)
        reason = found.reason if found.findings else self._nothing_seen(verdict)
        if self._ill and verdict is Verdict.INCONCLUSIVE:
            verdict, found = Verdict.ERROR, _unmeasured(self._ill)
            reason = found.reason
        elif found.findings and isinstance(self.made, Invariant) and self._gathering.total > 1:
            reason = f"{found.findings} of {self._gathering.total} exchanges: {reason}"
        return Judgement(
            requirement=self.made.requirement,
            check=self.made.id,
            path=EVERYWHERE,
            verdict=verdict,
            reason=reason,
            expected=found.expected,
            came=found.came,
            evidence=found.evidence,
            observations=tuple(self._gathering.observations),
            exchanges=tuple(self._exchanges),
            bug=found.bug,
        )

    @property
    def kept(self) -> Proportion:
        """In how many of the exchanges that showed anything the rule was kept."""
        kept, broken = (self._gathering.of(verdict).outcomes for verdict in (Verdict.PASS, Verdict.FAIL))
        return Proportion(successes=kept, attempts=kept + broken)

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """Where the rule was seen broken, of the first few places."""
        return self._gathering.of(Verdict.FAIL).evidence

    def _add(self, outcome: Outcome) -> bool:
        return self._gathering.take(outcome) and outcome.verdict is Verdict.FAIL

    def _name(self, exchange: Exchange) -> None:
        if len(self._exchanges) < NAMED:
            self._exchanges.setdefault(exchange.id)

    @property
    def _verdict(self) -> Verdict:
        return next((each for each in _IN_ORDER if each in self._gathering.found), Verdict.INCONCLUSIVE)

    def _nothing_seen(self, verdict: Verdict) -> str:
        if self._exchanges or verdict is Verdict.PASS:
            return ""
        # What it is about, as the docstring of its form says it.
        told = (self.made.form.__doc__ or "").strip().partition("\n")[0].rstrip(".")
        what = told.replace("Every ", "every ", 1) or "no exchange of its form"
        return f"none was seen of what it judges: {what}"


def has_form(made: OfTraffic, exchange: Exchange) -> bool:
    """Whether an exchange has the form that a rule is about."""
    try:
        return made.form(exchange)
    except TargetError:
        return False


def _surveyed(made: Survey, exchanges: tuple[Exchange, ...]) -> Outcome:
    outcome = settled(partial(made.judge, exchanges), ())
    told = tuple(exchange for exchange in exchanges if exchange.is_told)
    if outcome.verdict is not Verdict.INCONCLUSIVE or not told or len(told) == len(exchanges):
        return outcome
    # One exchange that was recorded in part must not keep the rule from the others.
    return settled(partial(made.judge, told), ())


def _unmeasured(ill: dict[str, tuple[Evidence, ...]]) -> Found:
    """What is found where the target was ill before it sent anything that the rule could be seen in."""
    finding = Unmeasured("; ".join(reversed(ill)), evidence=tuple(chain(*reversed(ill.values()))))
    found = Found()
    found.take(Outcome(verdict=finding.verdict, finding=finding))
    return found


def _by_host(exchanges: Iterable[Exchange]) -> tuple[tuple[Exchange, ...], ...]:
    groups: dict[str, list[Exchange]] = {}
    for exchange in exchanges:
        groups.setdefault(_host(exchange.request.url), []).append(exchange)
    return tuple(map(tuple, groups.values()))


def _host(url: str) -> str:
    return url.partition("://")[2].partition("/")[0].lower()
