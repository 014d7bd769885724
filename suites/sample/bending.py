"""What penalties and biases make of the likeliest text."""

from __future__ import annotations

import re

from chatconform.suite import Play, expect, provoked
from chatconform.suites.forms import request_body
from chatconform.suites.sample.samples import LEAST_LETTERS, texts
from chatconform.suites.sample.scenarios import penalty_of
from chatconform.suites.story import said

# A model that is sure of a word says it again in spite of a penalty of 2, but hardly so often in a row.
LEAST_REPEATS = 5
_WORD = re.compile(r"\w+|[^\w\s]")


def expect_penalised(play: Play, name: str) -> None:
    """A penalty turns the likeliest text away from what it repeats."""
    step = play.part("narrow", "penalty") if name == penalty_of(play.path) else "other-penalty"
    control, answer = play.answer("control"), play.answer(step)
    provoked("temperature" in request_body(play["control"]), "the target refuses temperature 0")
    told = set(texts(play, step, *(["again"] if step == "narrow" else [])))
    provoked(len(told) == 1, "the answers are not the likeliest ones", at=answer.first.at_text)
    plain, bent = said(control.first).strip(), said(answer.first).strip()
    provoked(len(bent) >= LEAST_LETTERS, "the answer is too short to tell", at=answer.first.at_text)
    provoked(
        _repeats(plain[: len(bent)].lower().split()) >= LEAST_REPEATS,
        "the control hardly repeats itself",
        at=control.first.at_text,
    )
    at = (answer.first.at_text, control.first.at_text)
    bends = not plain.startswith(bent)
    expect(bends, f"another text than without {name}, which repeats itself", came=bent, at=at)
    expect(not turns_back(bent, plain), f"a text that repeats less than without {name}", came=bent, at=at)


def turns_back(bent: str, plain: str) -> bool:
    """Whether a text leaves another one for a word that it has used before, and repeats more than that.

    Where a penalty parts two likeliest texts for the first time, it has put down a word that was used. A new
    word that is given up for a used one was not put down: the used one was put up.
    """
    one, other = _words(bent), _words(plain)
    size = min(len(one), len(other))
    parted = next((place for place in range(size) if one[place] != other[place]), None)
    if parted is None:
        return False
    used = one[:parted]
    # The last word may be cut, and a word of several tokens is not always what was put down.
    repeats_more = _repeats(one[: size - 1]) > _repeats(other[: size - 1])
    return one[parted] in used and other[parted] not in used and repeats_more


def expect_forced(play: Play) -> None:
    """A token with the greatest bias comes at every place."""
    control, answer = play.answer("control"), play.answer(play.part("forced", "bias"))
    text = said(answer.first)
    provoked(text.strip(), "the answer has no text", at=answer.first.at_text)
    if is_repetition(text):
        return
    plain = said(control.first).split()
    expect(
        not plain or text.split()[0] != plain[0],
        "one token over and over, whose bias is 100",
        came=text,
        at=(answer.first.at_text, control.first.at_text),
    )
    provoked(False, "neither the one token nor the story came", at=answer.first.at_text)


def is_repetition(text: str) -> bool:
    """Whether a text is one piece, three times or more, the last time maybe in part."""
    return any(text[size:] == text[:-size] for size in range(1, len(text) // 3 + 1))


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _repeats(words: list[str]) -> int:
    return len(words) - len(set(words))
