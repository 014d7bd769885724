"""The alternatives of a token: as many as were asked for, the likeliest first, and each once."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

from chatconform.suite import PLAIN, STREAMED, Exchange, Play, check, expect, invariant, provoked
from chatconform.suites.forms import answers
from chatconform.suites.logprobs.scenarios import DEEPEST, wide
from chatconform.suites.logprobs.tokens import Token, is_number, tokens_in, tokens_of
from chatconform.suites.sample.samples import told_twice
from chatconform.suites.stop.ends import stops_of
from chatconform.suites.stop.scenarios import DEPTH, stopped_story

FEATURE = ("logprobs", "top_logprobs", "temperature")
SAME = 1e-4
MOST_EXCEPTIONS = 0.05
# Rounded logarithms may add up to a little more than one.
ROUNDING = 0.01


@check("CC-LOGPROBS-003", stopped_story, paths=(PLAIN, STREAMED), feature=FEATURE)
def test_top_logprobs_bounds_the_alternatives(play: Play) -> None:
    """Each list has at most the requested five alternatives, the likeliest first."""
    expect_alternatives(play, play.part("stopped", "logprobs"), DEPTH)


@check("CC-LOGPROBS-003", wide, feature=FEATURE)
def test_twenty_alternatives_are_bounded_as_well(play: Play) -> None:
    """Each list has at most twenty alternatives where twenty were asked for, and none where none were."""
    expect_alternatives(play, play.part("wide", "logprobs"), DEEPEST)
    if play.has("top-0"):
        expect_alternatives(play, "top-0", 0)


def expect_alternatives(play: Play, step: str, depth: int) -> None:
    """Some tokens have alternatives, and none has more than so many."""
    answer, tokens = tokens_of(play, step)
    provoked(tokens, "the answer reports no tokens", at=answer.first.at_text)
    for token in tokens:
        _expect_ordered(token, depth)
    seen = any(token.alternatives for token in tokens)
    expect(seen or depth == 0, "alternatives at some token", came="none", at=tokens[0].at)


def _expect_ordered(token: Token, depth: int) -> None:
    found = token.alternatives
    expect(len(found) <= depth, f"at most {depth} alternatives", came=len(found), at=token.at)
    numbers = [each.get("logprob") for each in found]
    whole = all({"token", "logprob", "bytes"} <= each.keys() for each in found)
    expect(whole and all(map(is_number, numbers)), "token, logprob and bytes each", came=found, at=token.at)
    values = [number for number in numbers if isinstance(number, int | float)]
    falling = all(after <= before + 1e-6 for before, after in pairwise(values))
    expect(falling, "the likeliest alternative first", came=values, at=token.at)


@check("CC-LOGPROBS-006", stopped_story, paths=(PLAIN, STREAMED), feature=FEATURE)
def test_at_temperature_zero_the_chosen_token_leads(play: Play) -> None:
    """At temperature 0 the chosen token is the first of its alternatives, with the same logprob."""
    step = play.part("stopped", "logprobs")
    answer, tokens = tokens_of(play, step)
    # What is not drawn at temperature 0 need not be the likeliest.
    _, _, shorter, longer = told_twice(play)
    provoked(longer.startswith(shorter), "two answers at temperature 0 differ", at=answer.first.at_text)
    judged = [token for token in tokens if token.alternatives]
    provoked(judged, "no token has alternatives", at=answer.first.at_text)

    stops = stops_of(play, step)
    odd = [token for token in judged if not _leads(token) and not (stops and _is_held_back(token))]
    expect(
        len(odd) <= MOST_EXCEPTIONS * len(judged),
        "the chosen token first among its alternatives",
        came=f"another one at {len(odd)} of {len(judged)} tokens",
        at=tuple(token.at for token in odd[:2]),
    )


def _leads(token: Token) -> bool:
    # Equally likely tokens may stand in any order.
    return _as_likely(token) and (token.alternatives[0].get("token") == token.text or _tied(token))


def _as_likely(token: Token) -> bool:
    own, other = token.logprob, token.alternatives[0].get("logprob")
    return isinstance(own, int | float) and isinstance(other, int | float) and abs(own - other) < SAME


def _is_held_back(token: Token) -> bool:
    """Whether a token may be the leading one, with its text held back or cut for a stop string."""
    leading = token.alternatives[0].get("token")
    if not isinstance(leading, str) or not isinstance(token.text, str):
        return False
    return _as_likely(token) and (leading.startswith(token.text) or token.text.endswith(leading))


def _tied(token: Token) -> bool:
    numbers = [each.get("logprob") for each in token.alternatives[:2]]
    return len(numbers) == 2 and numbers[0] == numbers[1]


@invariant("CC-LOGPROBS-008", answers, provoked_by=(wide, stopped_story))
def test_the_probabilities_add_up_to_no_more_than_one(exchange: Exchange) -> None:
    """The probabilities of a token's alternatives add up to at most one."""
    for token in _with_alternatives(exchange):
        numbers = [each.get("logprob") for each in token.alternatives]
        logarithms = [float(n) for n in numbers if isinstance(n, int | float) and -math.inf < n < 1]
        total = sum(map(math.exp, logarithms))
        expect(
            total <= 1 + ROUNDING,
            "natural logarithms of probabilities that add up to at most 1",
            came=f"{total:.3f} for {logarithms[:5]}",
            at=token.at,
        )


@invariant("CC-LOGPROBS-009", answers, provoked_by=wide)
def test_no_alternative_is_listed_twice(exchange: Exchange) -> None:
    """The alternatives of a token are different tokens."""
    for token in _with_alternatives(exchange):
        # Parts of characters may look alike as text; their bytes tell them apart.
        known = [(str(each.get("token")), str(each.get("bytes"))) for each in token.alternatives]
        twice = [name for name, data in known if known.count((name, data)) > 1]
        expect(not twice, "each alternative once", came=f"{twice[:1]} twice", at=token.at)


def _with_alternatives(exchange: Exchange) -> Iterator[Token]:
    found = [token for token in tokens_in(exchange) if token.alternatives]
    provoked(found, "no token has alternatives")
    yield from found
