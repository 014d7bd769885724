"""Whether what broke a rule in the traffic breaks it again: a defect does, a mood seldom.

A rule about what a model writes is not broken for good by one answer among many. The request that brought it
is sent again until a sequential test says whether it was an accident; requests that are equal are attempts at
the same thing, whoever sent them. What breaks the rule too often, each time with another request, is broken
all the same: that the rule's own sampling decides, over all of the traffic.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from chatconform.findings.verdict import Judgement, Verdict
from chatconform.judging.check import Invariant
from chatconform.judging.deliberation import Deliberation
from chatconform.judging.outcome import settled
from chatconform.judging.sampling import SWIFT, Sampling
from chatconform.wire.exchange import Exchange

# Whether one request breaks a rule each time is a swift sampling's question, however strict the rule's is.
_RECURRENCE = SWIFT


@dataclass(slots=True, kw_only=True)
class Doubt:
    """A request that broke a rule, and how often it did; `exchange` is where it did first."""

    made: Invariant
    exchange: Exchange
    found: list[Verdict] = field(default_factory=list)

    def take(self, exchange: Exchange) -> None:
        """Judge an answer to the same request."""
        is_about = Deliberation(self.made).notes(exchange)
        self.found.append(_judged(self.made, exchange) if is_about else Verdict.INCONCLUSIVE)

    @property
    def is_decided(self) -> bool:
        """Whether a further answer could not change anything."""
        return self._decision is not None or len(self.found) >= _RECURRENCE.most

    @property
    def is_defect(self) -> bool:
        """Whether the request breaks the rule each time, as far as anybody knows."""
        decision = self._decision
        return not (_RECURRENCE.leaning(*self._counts) if decision is None else decision)

    @property
    def _decision(self) -> bool | None:
        return _RECURRENCE.decision(*self._counts)

    @property
    def _counts(self) -> tuple[int, int]:
        return self.found.count(Verdict.PASS), self.found.count(Verdict.FAIL)


def doubts_of(made: Invariant, traffic: Iterable[Exchange]) -> tuple[Doubt, ...]:
    """A doubt for each request that broke the rule, with all answers to equal ones."""
    deliberation = Deliberation(made)
    alike: dict[tuple[str, str, bytes], list[Exchange]] = {}
    for exchange in traffic:
        if deliberation.notes(exchange):
            request = exchange.request
            alike.setdefault((request.method, request.url, request.body), []).append(exchange)
    doubts = (_doubt(made, exchanges) for exchanges in alike.values())
    return tuple(doubt for doubt in doubts if Verdict.FAIL in doubt.found)


def judged_in_doubt(
    made: Invariant, traffic: Iterable[Exchange], doubts: Sequence[Doubt], sampling: Sampling
) -> Judgement:
    """The judgement of a rule about a model's mood: broken by a defect, or by too many accidents."""
    deliberation = Deliberation(made)
    for exchange in traffic:
        if deliberation.notes(exchange):
            deliberation.take(exchange)
    judgement, kept = deliberation.judgement(), deliberation.kept
    if judgement.verdict is not Verdict.FAIL or any(doubt.is_defect for doubt in doubts):
        return judgement
    reason = f"{judgement.reason}; no request broke it again, kept in {kept}"
    if sampling.decision(kept.successes, kept.failures) is False:
        return replace(judgement, reason=reason)
    return replace(judgement, verdict=Verdict.PASS, reason=reason, expected="", came="")


def _doubt(made: Invariant, exchanges: Sequence[Exchange]) -> Doubt:
    found = [_judged(made, exchange) for exchange in exchanges]
    first = next((n for n, verdict in enumerate(found) if verdict is Verdict.FAIL), 0)
    return Doubt(made=made, exchange=exchanges[first], found=found)


def _judged(made: Invariant, exchange: Exchange) -> Verdict:
    return settled(partial(made.judge, exchange), ()).verdict
