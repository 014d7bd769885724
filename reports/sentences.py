"""What several reports say in the same words."""

from __future__ import annotations

from collections.abc import Iterator

from chatconform.findings.verdict import Verdict
from chatconform.judging.conformance import Conformance
from chatconform.ledger.requirement import Level
from chatconform.record import Record
from chatconform.wire.exchange import Exchange, FailureKind

# A target that limits its rate may be ill many times.
_ILLNESSES = 5


def level_sentence(answer: Conformance, level: Level) -> str:
    """How the requirements of a level came out, in words."""
    results = [result for result in answer.results if result.requirement.level is level]
    counts = answer.count(results)
    applicable = len(results) - counts[Verdict.NOT_APPLICABLE]
    told = [f"{counts[Verdict.PASS]} of {applicable} {level} held"]
    told += [
        f"{counts[verdict]} {word}"
        for verdict, word in (
            (Verdict.FAIL, "broken"),
            (Verdict.ERROR, "not measured"),
            (Verdict.INCONCLUSIVE, "inconclusive"),
            (Verdict.UNSUPPORTED, "unsupported"),
        )
        if counts[verdict]
    ]
    return ", ".join(told)


def observed(answer: Conformance) -> Iterator[tuple[str, str, str]]:
    """What the target does where vendors may differ: requirement, topic and camp, each once."""
    seen = {
        (result.requirement.id, observation.topic, observation.camp): None
        for result in answer.results
        for judgement in result.judgements
        for observation in judgement.observations
    }
    return iter(seen)


def illnesses(record: Record) -> Iterator[str]:
    """One line for each illness of the target: when it was over or given up, what it was, what it cost."""
    met: dict[str, list[Exchange]] = {}
    for exchange in record.exchanges:
        if exchange.illness:
            met.setdefault(exchange.illness, []).append(exchange)
    if len(met) > _ILLNESSES:
        yield f"the target was ill {len(met)} times, of which these are the last:"
    for illness, exchanges in list(met.items())[-_ILLNESSES:]:
        yield f"{_when(exchanges, record)}: {illness}"


def _when(ill: list[Exchange], record: Record) -> str:
    sent = [exchange for exchange in ill if not _is_unsent(exchange)]
    end = max(exchange.started + exchange.elapsed for exchange in sent or ill)
    begin = min(exchange.started for exchange in record.exchanges)
    before = sum(exchange.started <= end and not _is_unsent(exchange) for exchange in record.exchanges)
    unsent = f", with {len(ill) - len(sent)} still to be sent" if len(ill) > len(sent) else ""
    return f"{end - begin:.0f} s into the run, after {before} requests{unsent}"


def _is_unsent(exchange: Exchange) -> bool:
    return exchange.failure is not None and exchange.failure.kind is FailureKind.NOT_SENT
