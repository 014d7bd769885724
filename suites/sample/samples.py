"""What several answers to one request show of how they were drawn."""

from __future__ import annotations

from chatconform.suite import Answer, Evidence, Exchange, Play, expect, provoked
from chatconform.suites.forms import request_body, response_body
from chatconform.suites.logprobs.tokens import is_likeliest
from chatconform.suites.sample.scenarios import CHOICES, FEW_CHOICES
from chatconform.suites.story import answered_part, said, texts_of
from chatconform.suites.wire import as_object, chunks_of

N = ("n", "choices")
HOT_WORDS = ("temperature", "seed", *N)
# Fewer letters may be alike by chance.
LEAST_LETTERS = 10


def texts(play: Play, *steps: str) -> list[str]:
    """What all choices of these steps say, those steps left out that were not needed."""
    return [text for step in steps if play.has(step) for text in texts_of(play[step])]


def expect_same_twice(play: Play) -> None:
    """Two stories at temperature 0 are one text, as far as both were told."""
    cold, other, one, two = told_twice(play)
    provoked(one == two[: len(one)] or alike_configured(cold, other), "another configuration answered")
    provoked(len(one) >= LEAST_LETTERS, "the answers are too short to tell", at=other.first.at_text)
    expect(
        two.startswith(one),
        f"a text that begins with {one!r}",
        came=two,
        at=(cold.first.at_text, other.first.at_text),
    )


def expect_cold(play: Play) -> None:
    """Two stories at temperature 0 are one text, or the second follows its likeliest tokens all along."""
    cold, other, one, two = told_twice(play)
    # Rounding may part two texts of the likeliest tokens; that they are not steady is a rule of its own.
    differ = len(one) >= LEAST_LETTERS and not two.startswith(one)
    rounded = differ and is_likeliest(other.exchange, other.first.index)
    provoked(not rounded, "the texts differ, though of the likeliest tokens", at=cold.first.at_text)
    expect_same_twice(play)


def told_twice(play: Play) -> tuple[Answer, Answer, str, str]:
    """Two answers at temperature 0, and their texts, the shorter one first."""
    cold = play.answer("cold")
    step = answered_part(play, "stopped", "stop", "logprobs")
    provoked(step, "there is no second answer at temperature 0", at=cold.first.at_text)
    other = play.answer(step or "stopped")
    one, two = sorted((cold.text.strip(), other.text.strip()), key=len)
    return cold, other, one, two


def drawn(play: Play) -> list[str]:
    """All texts that were drawn from one request; at least two, and not all of them empty."""
    samples = texts(play, "hot", "other")
    if "seed" not in request_body(play["hot"]):
        samples += texts(play, "again")
    provoked(len(samples) > 1, "there is one answer only")
    provoked(any(samples), "the answers have no text")
    return samples


def expect_diverse(play: Play) -> None:
    """Answers at a high temperature differ."""
    hot = play.answer(play.part("hot", "temperature"))
    samples = drawn(play)
    expect(
        len(set(samples)) > 1,
        f"different texts in {len(samples)} answers at temperature 1.5",
        came=" / ".join(samples),
        at=_drawn_at(play, hot),
    )


def _drawn_at(play: Play, hot: Answer) -> tuple[Evidence, ...]:
    """Where two of the texts stand: in one answer, or in two where `n` brought one choice."""
    if len(hot.choices) > 1:
        return _places(hot)
    others = [step for step in ("other", "again") if play.has(step) and texts_of(play[step])]
    return (hot.first.at_text, *(play.answer(step).first.at_text for step in others[:1]))


def expect_repeated(play: Play) -> None:
    """The same request with the same seed has the same texts."""
    play.answer(play.part("hot", "seed"))
    hot, again = play.answer("hot"), play.answer("again")
    provoked(len(set(drawn(play))) > 1, "the answers are all alike, whatever the seed", at=hot.first.at_text)
    first, second = ([said(choice) for choice in answer.choices] for answer in (hot, again))
    provoked(first == second or alike_configured(hot, again), "another configuration answered")
    expect(
        first == second,
        f"the same as before: {' / '.join(first)}",
        came=" / ".join(second),
        at=(hot.first.at_text, again.first.at_text),
    )


def alike_configured(one: Answer, other: Answer) -> bool:
    """Whether no fingerprints say that two answers came from servers of another configuration."""
    # The official document: "The system_fingerprint [...] can be used in conjunction with the seed request
    # parameter to understand when backend changes have been made that might impact determinism."
    told = {fingerprint_of(answer.exchange) for answer in (one, other)} - {""}
    return len(told) < 2


def fingerprint_of(exchange: Exchange) -> str:
    """The system_fingerprint of a completion, or of the first chunk that has one; empty without."""
    chunks = [as_object(event.chunk) for event in chunks_of(exchange)] if exchange.is_stream else []
    told = [each.get("system_fingerprint") for each in chunks or [response_body(exchange)]]
    return next((each for each in told if isinstance(each, str) and each), "")


def expect_greedy(play: Play) -> None:
    """Under a tiny top_p answers at a high temperature are alike, as they are not without it."""
    answer = play.answer(play.part("narrow", "top_p"))
    step = answered_part(play, "narrow", "top_p") or "narrow"
    samples = texts(play, step, "again")
    provoked(len(samples) > 1 and any(samples), "there is one answer only", at=answer.first.at_text)
    control = play.comparison
    provoked(len(set(drawn(control))) > 1, "without top_p the answers are alike too", at=answer.first.at_text)
    expect(
        len(set(samples)) == 1,
        f"the same text in {len(samples)} answers under top_p 0.001",
        came=" / ".join(samples),
        at=_places(answer),
    )


def expect_choices(play: Play) -> None:
    """With n above 1 there are n choices, numbered from 0."""
    expect_numbered(play.answer(play.part("hot", "n")), CHOICES)


def expect_few_choices(play: Play) -> None:
    """The other request with n has as many choices as it asked for, where its n was not refused."""
    if request_body(play["narrow"]).get("n") == FEW_CHOICES and play.response("narrow").status == 200:
        expect_numbered(play.answer("narrow"), FEW_CHOICES)


def expect_numbered(answer: Answer, wanted: int) -> None:
    """An answer has so many choices, whose indices begin with 0."""
    found = [choice.index for choice in answer.choices]
    expect(
        found == list(range(wanted)),
        f"{wanted} choices with the indices {list(range(wanted))}, or a 400",
        came=f"{len(found)} with the indices {found}",
        at=answer.choices[-1].at_text,
    )


def _places(answer: Answer) -> tuple[Evidence, ...]:
    return tuple(choice.at_text for choice in answer.choices[:2])
