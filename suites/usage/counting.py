"""What a target counts, and whether its counts can be trusted to tell what reached the model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from chatconform.suite import (
    Answer,
    Evidence,
    Exchange,
    Json,
    NotProvoked,
    Play,
    Usage,
    at_event,
    at_json,
    provoked,
    read_answer,
)
from chatconform.suites.pairs import if_readable
from chatconform.suites.wire import as_object, body_of, chunks_of

COUNTS = ("prompt_tokens", "completion_tokens", "total_tokens")
# An ordinary word is one token or more; a tokeniser that joins words still has one for two of them.
LEAST_PER_WORD = 0.5


def usage_of(play: Play, step: str) -> Usage:
    """The usage of a step's answer; leaves the check inconclusive where there is none."""
    answer = play.answer(step)
    if answer.usage is None:
        raise NotProvoked(f"the answer of step {step!r} bears no usage", evidence=(answer.first.at_finish,))
    return answer.usage


def prompt_tokens(play: Play, step: str) -> int:
    """The prompt tokens of a step's answer."""
    return usage_of(play, step).prompt_tokens


def trust_counts(play: Play, *, short: str, long: str, words: int) -> None:
    """Leave the check inconclusive unless that many more words of the user count half as many tokens.

    A target that does not count what it was sent cannot be asked by its counts what reached its model.
    """
    grown = prompt_tokens(play, long) - prompt_tokens(play, short)
    provoked(
        grown >= int(words * LEAST_PER_WORD),
        f"usage is not honest: {words} more words in the user message raised prompt_tokens by {grown}",
        at=usage_of(play, long).at,
    )


def counted(exchanges: Iterable[Exchange]) -> tuple[tuple[Answer, Usage], ...]:
    """The answers that can be read and bear usage, each with it."""
    found = (if_readable(read_answer, exchange) for exchange in exchanges)
    return tuple(
        (answer, answer.usage) for answer in found if answer is not None and answer.usage is not None
    )


def usages_in(exchange: Exchange) -> Iterator[tuple[dict[str, Json], Evidence]]:
    """Every usage object of a completion or a stream that is not empty, and where it stands."""
    if not exchange.is_stream:
        usage = as_object(body_of(exchange).get("usage"))
        if usage:
            yield usage, at_json(exchange, "/usage")
        return
    for event in chunks_of(exchange):
        usage = as_object((event.chunk or {}).get("usage"))
        if usage:
            yield usage, at_event(exchange, event.index, "/usage")


def words_of(answer: Answer) -> int:
    """The words of all choices, visible reasoning included."""
    return sum(len(f"{choice.text} {choice.reasoning}".split()) for choice in answer.choices)
