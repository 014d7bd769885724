"""What a target counts, and whether its counts can be trusted to tell what reached the model."""

from __future__ import annotations

from chatconform.suite import NotProvoked, Play, Usage, provoked

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
