"""Sampling: a defined distribution at every position, and one draw from it.

A position offers the intended token (or the next tokens of a slot's options, with their shares) and what
follows it by a margin; see `offers`. On these logits act, in this order:

1. the penalties: frequency times the number of earlier uses, presence once; uses in this completion only. In
   text that yields, a penalty above 0 counts so much that one of 1.5 outweighs the margin;
2. `logit_bias`, by token id; a whole character or more with a positive bias joins the offer;
3. the temperature, then `top_p`, then one draw. Temperature 0 takes the first of the likeliest.

Where the text would end, its end is the intended token, as sure as the text before it; only a bias outdoes
it. Log probabilities are reported after penalties and bias, at temperature 1. The draws are those of a
generator seeded by (seed, choice), or by the server's entropy without a seed.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import TypeVar

from chatconform.reference_server.model import tokens as tk
from chatconform.reference_server.model.drafts import CERTAIN, CONSTRAINED, Draft, Fixed, Segment, Slot
from chatconform.reference_server.model.offers import Candidate, certainty, nucleus, offer_of
from chatconform.reference_server.model.pieces import Alternative, Token

_GREEDY = 1e-6
_OUTWEIGHS = 1.5
_END = b""
"""Stands for the end of the text, which is no token: it has no id, costs nothing and cannot be biased."""

_Option = TypeVar("_Option")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """The sampling parameters of a request, defaults filled in; `bias` is by token bytes."""

    temperature: float = 1.0
    top_p: float = 1.0
    seed: int | None = None
    frequency_penalty: float = 0.0
    presence_penalty: float = 0.0
    bias: Mapping[bytes, float]
    top_logprobs: int = 0


class Sampler:
    """Turns drafts into tokens; holds the random state and the counts of one choice."""

    def __init__(self, settings: Sampling, *, choice: int, entropy: int) -> None:
        self._settings = settings
        self._greedy = settings.temperature < _GREEDY
        origin = f"entropy {entropy}" if settings.seed is None else f"seed {settings.seed}"
        self._random = None if self._greedy else Random(f"{origin} choice {choice}")  # noqa: S311 - not a secret
        self._counts: Counter[bytes] = Counter()
        self._forced = [data for data, bias in settings.bias.items() if bias > 0 and tk.is_whole(data)]
        self._penalised = bool(settings.frequency_penalty or settings.presence_penalty)
        self._plain = not (self._penalised or settings.bias or settings.top_logprobs)

    def tokens(self, draft: Draft) -> Iterator[Token]:
        """Sample a draft, lazily, and tell it what its segments became."""
        sure = CERTAIN
        try:
            segment = next(draft)
            while True:
                written = bytearray()
                for token in self._segment(segment):
                    written += token.data
                    yield token
                sure = max(segment.margin, CERTAIN) if isinstance(segment, Fixed) else CERTAIN
                segment = draft.send(written.decode("utf-8", "replace"))
        except StopIteration:
            pass
        if self._forced:
            yield from self._beyond(sure)

    def _beyond(self, margin: float) -> Iterator[Token]:
        """Go on past the intended end for as long as a bias outdoes it."""
        while True:
            token = self._draw([(_END, 0.0)], margin, self._uniform())
            if token.data == _END:
                return
            yield token

    def _segment(self, segment: Segment) -> Iterator[Token]:
        if isinstance(segment, Fixed):
            return self._fixed(segment)
        return self._slot(segment)

    def _fixed(self, segment: Fixed) -> Iterator[Token]:
        replaced, before = False, b""
        for data in tk.encode(segment.text):
            # Where something else took the place of a word or a character, its other tokens are left out.
            begins = not tk.belong_together(before, data)
            if begins or not replaced:
                # Within a character nothing else fits.
                margin = CONSTRAINED if tk.is_continuation(data) else segment.margin
                weight = margin / _OUTWEIGHS if segment.yields and begins else 1.0
                token = self._intended(data, margin, weight=weight)
                replaced = token.data != data
                yield token
            before = data

    def _slot(self, segment: Slot) -> Iterator[Token]:
        """Walk the options' common beginnings, one token at a time, until one option is complete."""
        spread = 2.0 / len(segment.options)
        live = [(-spread * rank, path) for rank, path in enumerate(_paths(segment.options))]
        depth = 0
        while live:
            ended = [weight for weight, path in live if len(path) == depth]
            live = [option for option in live if len(option[1]) > depth]
            if not live or (ended and self._ends(ended, [weight for weight, _ in live])):
                return
            token = self._next(live, depth)
            yield token
            live = [option for option in live if option[1][depth] == token.data]
            depth += 1

    def _next(self, live: list[tuple[float, list[bytes]]], depth: int) -> Token:
        shares: dict[bytes, float] = {}
        for weight, path in live:
            shares[path[depth]] = shares.get(path[depth], 0.0) + math.exp(weight)
        if len(shares) == 1:
            data = next(iter(shares))
            return self._intended(data, CONSTRAINED if tk.is_continuation(data) else CERTAIN)
        total = sum(shares.values())
        offer = [(data, math.log(share / total)) for data, share in shares.items()]
        margin = CONSTRAINED if any(map(tk.is_continuation, shares)) else CERTAIN
        return self._draw(offer, margin, self._uniform())

    def _ends(self, ended: list[float], others: list[float]) -> bool:
        """Decide whether a slot ends with an option that is the beginning of longer ones."""
        stay, go = (math.log(sum(map(math.exp, weights))) for weights in (ended, others))
        ranked = [(True, stay), (False, go)] if stay >= go else [(False, go), (True, stay)]
        return self._picked(ranked, self._uniform())

    def _uniform(self) -> float:
        return 0.0 if self._random is None else self._random.random()

    def _intended(self, data: bytes, margin: float, *, weight: float = 1.0) -> Token:
        chance = self._uniform()
        if self._plain:
            logprob, sure = certainty(margin, max(self._settings.temperature, _GREEDY))
            # The likeliest token comes first in the draw, so below its share nothing else can be drawn.
            if chance < sure:
                number, text = tk.shown(data)
                return Token(id=number, text=text, data=data, logprob=logprob)
        return self._draw([(data, 0.0)], margin, chance, weight=weight)

    def _draw(self, intended: list[Candidate], margin: float, chance: float, *, weight: float = 1.0) -> Token:
        offer = offer_of(intended, margin, self._forced)
        ranked = [(data, self._adjusted(data, logit, weight)) for data, logit in offer]
        ranked.sort(key=lambda candidate: -candidate[1])
        data = self._picked(ranked, chance)
        if self._penalised:
            self._counts[data] += 1
        return self._token(data, ranked)

    def _adjusted(self, data: bytes, logit: float, weight: float) -> float:
        settings = self._settings
        uses = self._counts[data] if self._penalised else 0
        if uses:
            penalty = settings.frequency_penalty * uses + settings.presence_penalty
            logit -= penalty * weight if penalty > 0 else penalty
        return logit + settings.bias.get(data, 0.0)

    def _picked(self, ranked: Sequence[tuple[_Option, float]], chance: float) -> _Option:
        """Return one of the options, which come with their logits, the likeliest first."""
        first, best = ranked[0]
        if self._greedy:
            return first
        weights = [math.exp((logit - best) / self._settings.temperature) for _, logit in ranked]
        kept = nucleus(weights, self._settings.top_p)
        point = chance * sum(weights[:kept])
        for (option, _), weight in zip(ranked[:kept], weights, strict=False):
            point -= weight
            if point < 0:
                return option
        return first

    def _token(self, data: bytes, ranked: list[Candidate]) -> Token:
        best = ranked[0][1]
        norm = best + math.log(sum(math.exp(logit - best) for _, logit in ranked))
        own = next(logit for candidate, logit in ranked if candidate == data)
        likeliest = [candidate for candidate in ranked if candidate[0] != _END]
        top = tuple(
            _alternative(other, logit - norm) for other, logit in likeliest[: self._settings.top_logprobs]
        )
        number, text = tk.shown(data)
        return Token(id=number, text=text, data=data, logprob=min(0.0, own - norm), top=top)


@lru_cache(maxsize=1024)
def _paths(options: tuple[str, ...]) -> tuple[list[bytes], ...]:
    return tuple(tk.encode(option) for option in options)


def _alternative(data: bytes, logprob: float) -> Alternative:
    number, text = tk.shown(data)
    return Alternative(id=number, text=text, data=data, logprob=min(0.0, logprob))
