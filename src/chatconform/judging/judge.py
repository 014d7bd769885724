"""From checks and exchanges to judgements, with no input or output: the same live and from a run record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from chatconform.findings.verdict import Judgement
from chatconform.judging.attempts import Attempts
from chatconform.judging.check import Check, Invariant, OfTraffic
from chatconform.judging.deliberation import Deliberation
from chatconform.judging.outcome import names_any
from chatconform.judging.sampling import SINGLE, Sampling
from chatconform.plays.play import Play
from chatconform.wire.exchange import Exchange

__all__ = ["judge_plays", "judge_traffic", "names_any"]


def judge_plays(check: Check, plays: Sequence[Play], sampling: Sampling = SINGLE) -> Judgement:
    """The judgement of a check on one path, from all attempts on it."""
    attempts = Attempts(check, sampling)
    for play in plays:
        attempts.take(play)
    return attempts.judgement()


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
