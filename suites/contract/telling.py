"""Finding the generated requests of a play, and telling of those that failed, the smallest one first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from chatconform.fuzzing.conformity import Deviation
from chatconform.suite import Evidence, Exchange, Play, at_failure, at_request, at_status, expect, provoked
from chatconform.suites.contract.failures import OF_THE_MOMENT, failure_of, is_unanswered
from chatconform.suites.contract.sending import is_first, is_smaller, twin_step
from chatconform.suites.forms import status

# How many different failures are told of; the record has them all.
TOLD = 3


def measured(play: Play, word: str, *, streamed: bool = False) -> list[Exchange]:
    """The generated requests that met a target which was well, in order; with their streams if asked for."""
    return [
        exchange
        for exchange in sorted(play.exchanges, key=lambda each: each.step)
        if is_first(exchange.step, word, streamed=streamed)
        and not exchange.illness
        and status(exchange) not in OF_THE_MOMENT
    ]


def answered(exchanges: Iterable[Exchange]) -> list[Exchange]:
    """Those that have a whole response which is no failure of the server."""
    return [each for each in exchanges if 200 <= status(each) < 500 and not is_unanswered(each)]


def is_refusal(exchange: Exchange) -> bool:
    """Whether a request was answered with a 4xx that is about the request."""
    return 400 <= status(exchange) < 500 and status(exchange) not in OF_THE_MOMENT


def pairs(play: Play, word: str) -> list[tuple[Exchange, Exchange]]:
    """The generated requests that were measured plain and as a stream."""
    by_step = {each.step: each for each in answered(measured(play, word, streamed=True))}
    return [
        (plain, by_step[twin_step(step)]) for step, plain in by_step.items() if twin_step(step) in by_step
    ]


def expect_no(play: Play, failed: Sequence[Exchange], of: int, expected: str, came: str) -> None:
    """Break the rule if any generated request failed; the evidence shows the smallest ones that do."""
    told = ", ".join(f"{each.step!r}" for each in failed[:TOLD])
    expect(
        not failed,
        expected,
        came=f"{came} {len(failed)} of {of} generated requests: {told}",
        at=_evidence([_smallest(play, each) for each in failed[:TOLD]]),
    )


def expect_none(
    play: Play,
    sent: Sequence[Exchange],
    deviations: Callable[[Exchange], tuple[Deviation, ...]],
    expected: str,
) -> None:
    """Break the rule if any answer deviates from the contract."""
    found = [(exchange, deviations(exchange)) for exchange in sent]
    failed = [(exchange, each[0]) for exchange, each in found if each]
    told = "; ".join(dict.fromkeys(f"{each.title} ({each.told})" for _, each in failed[:TOLD]))
    expect_no(play, [exchange for exchange, _ in failed], len(sent), expected, f"{told} in")


def expect_whole_answers(play: Play, *words: str) -> None:
    """Break the rule if any generated request was answered 5xx, or not to the end."""
    sent = [each for word in words for each in measured(play, word, streamed=True)]
    provoked(sent, "no generated request was sent")
    failed = [exchange for exchange in sent if is_unanswered(exchange) or status(exchange) >= 500]
    expect_no(play, failed, len(sent), "a whole answer below 500", "none to")


def _smallest(play: Play, failed: Exchange) -> Exchange:
    """The smallest request that shows the same failure as one that was made smaller."""
    same = [
        each
        for each in play.exchanges
        if is_smaller(each.step, failed.step) and failure_of(each) == failure_of(failed)
    ]
    return min([failed, *same], key=lambda each: len(each.request.content))


def _evidence(failed: Sequence[Exchange]) -> tuple[Evidence, ...]:
    """What was sent each time, and what came of the first."""
    outcomes = [at_failure(each) if each.response is None else at_status(each) for each in failed[:1]]
    return (*map(at_request, failed[:1]), *outcomes, *map(at_request, failed[1:]))
