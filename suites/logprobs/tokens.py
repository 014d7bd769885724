"""The tokens that an answer reports, read alike from a completion and from a stream."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chatconform.suite import Answer, Evidence, Exchange, Json, Play
from chatconform.suites.wire import Part, as_list, as_object, choices_of, is_integer

# So many tokens in a row are not each the likeliest one where they are drawn at the usual temperature.
BEYOND_CHANCE = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """One entry of `logprobs.content`, as it stands there, and where."""

    value: dict[str, Json]
    at: Evidence

    @property
    def text(self) -> Json:
        """The token's text."""
        return self.value.get("token")

    @property
    def logprob(self) -> Json:
        """The logarithm of its probability."""
        return self.value.get("logprob")

    @property
    def alternatives(self) -> list[dict[str, Json]]:
        """The likeliest tokens in its place."""
        return [as_object(each) for each in as_list(self.value.get("top_logprobs"))]

    @property
    def encoded(self) -> bytes | None:
        """Its bytes, or those of its text where it has none; nothing where they are no bytes."""
        listed = self.value.get("bytes")
        if listed is None:
            return str(self.text).encode("utf-8", "replace")
        if not isinstance(listed, list):
            return None
        numbers = [number for number in listed if is_integer(number) and 0 <= number < 256]
        return bytes(numbers) if len(numbers) == len(listed) else None


def tokens_of(play: Play, step: str) -> tuple[Answer, list[Token]]:
    """The answer of a step, and the tokens of its first choice in order."""
    answer = play.answer(step)
    return answer, list(_of_choice(play[step], answer.first.index))


def tokens_in(exchange: Exchange) -> Iterator[Token]:
    """The tokens of all choices of an exchange."""
    return _tokens(choices_of(exchange))


def _of_choice(exchange: Exchange, index: int) -> Iterator[Token]:
    return _tokens(part for part in choices_of(exchange) if part.index == index)


def _tokens(choices: Iterable[Part]) -> Iterator[Token]:
    for part in choices:
        for entry in as_list(as_object(part.value.get("logprobs")).get("content")):
            yield Token(value=as_object(entry), at=part.at)


def is_likeliest(exchange: Exchange, choice: int) -> bool:
    """Whether each token of a choice leads its alternatives, and they are too many for that to be chance."""
    tokens = list(_of_choice(exchange, choice))
    led = [
        token for token in tokens if token.alternatives and token.alternatives[0].get("token") == token.text
    ]
    return len(tokens) >= BEYOND_CHANCE and len(led) == len(tokens)


def spoken(tokens: list[Token]) -> list[Token]:
    """The tokens that stand for text, without those that only end it."""
    return [token for token in tokens if token.encoded != b""]


def is_number(value: Json) -> bool:
    """Whether a JSON value is a number; a boolean is not."""
    return isinstance(value, int | float) and not isinstance(value, bool)
