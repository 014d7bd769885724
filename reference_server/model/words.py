"""Words, sentences and numbers of plain English text."""

# ruff: noqa: RUF001 - users write typographic quotes, dashes and signs

import re
from functools import lru_cache

from chatconform.reference_server.model.vocabulary import FUNCTION_WORDS, SYNONYMS, TENS, UNITS

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_SENTENCE = re.compile(r"(?<=[.!?])['\")\]]*\s+|\n+")
_LONG = 1000
_HALF = 2000
_ENDINGS = ("ing", "ies", "ed", "es", "s", "e")


def words(text: str) -> list[str]:
    """Return the words and numbers of a text, as written."""
    return _WORD.findall(text)


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """Return the part of a word that its forms share, roughly, with a few synonyms made one."""
    cut = _cut(word.lower().replace("’", "'").removesuffix("'s").removesuffix("'"))
    return _SYNONYMS.get(cut, cut)


def _cut(word: str) -> str:
    """Take the ending off a word."""
    ending = next((each for each in _ENDINGS if word.endswith(each) and len(word) - len(each) >= 3), "")
    return word.removesuffix(ending)


_SYNONYMS = {_cut(word): _cut(other) for word, other in SYNONYMS.items()}


def is_function_word(word: str) -> bool:
    """Tell whether a word says nothing about what a text is about."""
    return word.lower().replace("’", "'") in FUNCTION_WORDS


def content_stems(text: str) -> list[str]:
    """Return the stems of the words that tell what a text is about, in order."""
    return [stem(word) for word in words(text) if not is_function_word(word)]


def sentences(text: str) -> list[str]:
    """Cut a text into sentences and lines, and what is too long for either into pieces."""
    parts = [part.strip() for part in _SENTENCE.split(text) if part and part.strip()]
    return [part[start : start + _LONG] for part in parts for start in range(0, len(part), _LONG)]


def abridged(text: str) -> str:
    """Leave the middle out of a very long text: instructions stand at its beginning or at its end."""
    return text if len(text) <= 2 * _HALF else f"{text[:_HALF]}\n{text[-_HALF:]}"


def spelled(number: int) -> str:
    """Spell a number below a million in English."""
    if number < 0:
        return "minus " + spelled(-number)
    if number < 20:
        return UNITS[number]
    if number < 100:
        rest = number % 10
        return TENS[number // 10] + (f"-{UNITS[rest]}" if rest else "")
    for size, name in ((1000, "thousand"), (100, "hundred")):
        if number >= size:
            rest = number % size
            return f"{spelled(number // size)} {name}" + (f" {spelled(rest)}" if rest else "")
    raise AssertionError(number)


_SPELLED = {spelled(number): number for number in range(101)} | {
    "hundred": 100, "a hundred": 100, "thousand": 1000, "a thousand": 1000, "dozen": 12, "a dozen": 12,
    "couple": 2, "a couple": 2, "once": 1, "twice": 2, "thrice": 3,
}  # fmt: skip
_TENS_UNITS = "|".join(
    sorted((re.escape(name).replace(r"\-", "[- ]") for name in _SPELLED), key=len, reverse=True)
)
NUMBER = rf"(?:-?\d{{1,12}}|\b(?:{_TENS_UNITS})\b)"
"""A regular expression for a whole number in digits or words; use it case-insensitively."""


def number(text: str) -> int | None:
    """Read a whole number in digits or words."""
    text = text.strip().lower()
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    return _SPELLED.get(text, _SPELLED.get(text.replace(" ", "-")))


def number_words(text: str) -> list[str]:
    """Return the number words (not digits) of a text, lower-cased, in order."""
    return [word.lower() for word in words(text) if word.lower() in _SPELLED]
