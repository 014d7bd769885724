"""Text of a known weight, and the reading of a weighed conversation.

Whether a text reached the model is told without reading the answer: the count of prompt tokens grows by about
as much as the text is long. What a filler costs is found with a single user message in a chat of its own,
which also shows whether the target counts honestly.
"""

from collections.abc import Sequence
from enum import Enum

from chatconform.suite import (
    Answer,
    Body,
    Json,
    NotProvoked,
    Play,
    Stage,
    Usage,
    at_request,
    names_any,
    prompt,
    provoked,
)
from chatconform.suites.basics import greeting
from chatconform.suites.cont.history import parts
from chatconform.suites.cont.weighing import BASE, copies, counted

WORDS = 24
FILLER = " ".join(prompt("plain-words").split()[:WORDS])
# As many as the heaviest of four places has: a token more or less at the border is then a small share.
CALIBRATION = BASE**3
# An ordinary word is one token or more; a server may count several words as one only if it compresses.
LEAST_PER_WORD = 0.5
# For answers of which nothing is read: only what the conversation was counted as, or whether it was taken.
ANSWER_LIMIT = 16


def weighted(text: str, place: int) -> str:
    """A text with the weight of a place behind it, in words and single spaces, so that JSON escapes none."""
    return " ".join([text, *[FILLER] * copies(place)]).lstrip()


class Form(Enum):
    """How a text and its weight stand in a message: as one string, or in two text parts."""

    STRING = "string"
    WEIGHT_LAST = "weight-last"
    WEIGHT_FIRST = "weight-first"


def loaded(text: str, place: int, form: Form) -> Json:
    """The content of a message with a text and the weight of a place."""
    weight = weighted("", place)
    match form:
        case Form.STRING:
            return f"{text} {weight}"
        case Form.WEIGHT_LAST:
            return parts(text, f" {weight}")
        case Form.WEIGHT_FIRST:
            return parts(f"{weight} ", text)


def plain(body: Body) -> Body:
    """The same request, answered in one piece: both forms then share what it costs."""
    return {name: value for name, value in body.items() if name not in ("stream", "stream_options")}


async def calibrate(stage: Stage) -> None:
    """A greeting, and the same with fillers behind it: what one of them costs."""
    await stage.post("greeting", plain(greeting(stage)))
    loaded: Json = {"role": "user", "content": " ".join([prompt("greeting"), *[FILLER] * CALIBRATION])}
    await stage.post("calibration", plain(stage.request(messages=[loaded], tokens=ANSWER_LIMIT)))


def usage_in(answer: Answer) -> Usage:
    """The usage of an answer; without one nothing can be told."""
    if answer.usage is None:
        raise NotProvoked("the answer has no usage", evidence=(answer.first.at_finish,))
    return answer.usage


def growth(play: Play, lighter: str, heavier: str) -> int:
    """By how many prompt tokens one step exceeds another, by the target's own count."""
    return usage_of(play, heavier).prompt_tokens - usage_of(play, lighter).prompt_tokens


def usage_of(play: Play, step: str) -> Usage:
    """The usage of a step; a conversation that is too long for the target's context tells nothing."""
    response = play.response(step)
    too_long = 400 <= response.status < 500 and names_any(response, ("context", "too long", "too large"))
    provoked(not too_long, f"step {step!r} is too long for the target's context", at=at_request(play[step]))
    return usage_in(play.answer(step))


def filler_cost(play: Play) -> float:
    """The tokens of one filler; inconclusive where a user message is not counted honestly."""
    grown, words = growth(play, "greeting", "calibration"), WORDS * CALIBRATION
    told = f"usage is not honest: {words} more words of a user message added {grown} prompt tokens"
    provoked(grown >= words * LEAST_PER_WORD, told)
    return grown / CALIBRATION


def weigh(play: Play, lighter: str, heavier: str, places: Sequence[str]) -> dict[str, int]:
    """How often each place was counted: the difference of two steps, read as a weighing."""
    cost, grown = filler_cost(play), growth(play, lighter, heavier)
    counts = counted(grown, filler=cost, places=places)
    if counts is None:
        near = f"{grown} prompt tokens more are no whole number of fillers of {cost:.1f} tokens"
        raise NotProvoked(f"the places cannot be told apart: {near}", evidence=(usage_of(play, heavier).at,))
    return counts
