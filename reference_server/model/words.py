"""Words, sentences and numbers of plain English text."""

import re
from functools import lru_cache

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_SENTENCE = re.compile(r"(?<=[.!?])['\")\]]*\s+|\n+")
_FUNCTION_WORDS = frozenset(
    """a about above after again all also am an and any are as ask at be because been before being below between
    both but by can could did do does doing done down each either else ever every few for from further get give
    given go had has have having he her here hers him his how i if in into is it its itself just let let's like
    made make many may me mine more most much must my myself need no nor not now of off on once one only or other
    our out over own please put same she should show so some such tell than thank thanks that the their them then
    there these they this those through thus to too under until up us use used using very want was way we were
    what what's whats when where which while who who's whom whose why will with would yet you your yours i'm i've
    i'd it's that's there's answer reply respond say said write output print question exactly single word sentence
    don't first last know remember mention mentioned told sent call calls tool tools function
    """.split()
)
_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
).split()
_TENS = ("", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SYNONYMS = {
    "color": "colour", "town": "city", "secret": "password", "passphrase": "password", "passcode": "password",
    "temperatur": "temperature", "hot": "temperature", "warm": "temperature", "cold": "temperature",
    "job": "work", "profession": "work", "occupation": "work", "employ": "work", "live": "home", "resid": "home",
    "old": "age", "year-old": "age", "cost": "price", "phone": "number", "mail": "email", "e-mail": "email",
    "favourite": "favorit", "favorite": "favorit", "lov": "lik", "prefer": "favorit", "called": "nam", "cheap": "price", "expens": "price",
}  # fmt: skip
_ENDINGS = ("ing", "ies", "ed", "es", "s", "e")


def words(text: str) -> list[str]:
    """Return the words and numbers of a text, as written."""
    return _WORD.findall(text)


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """Return the part of a word that its forms share, roughly, with a few synonyms made one."""
    word = word.lower().replace("’", "'").removesuffix("'s").removesuffix("'")
    if word in _SYNONYMS:
        return _SYNONYMS[word]
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            break
    return _SYNONYMS.get(word, word)


def is_function_word(word: str) -> bool:
    """Tell whether a word says nothing about what a text is about."""
    return word.lower().replace("’", "'") in _FUNCTION_WORDS


def content_stems(text: str) -> list[str]:
    """Return the stems of the words that tell what a text is about, in order."""
    return [stem(word) for word in words(text) if not is_function_word(word)]


def sentences(text: str) -> list[str]:
    """Cut a text into sentences and lines."""
    return [part.strip() for part in _SENTENCE.split(text) if part and part.strip()]


def spelled(number: int) -> str:
    """Spell a number below a million in English."""
    if number < 0:
        return "minus " + spelled(-number)
    if number < 20:
        return _UNITS[number]
    if number < 100:
        rest = number % 10
        return _TENS[number // 10] + (f"-{_UNITS[rest]}" if rest else "")
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
