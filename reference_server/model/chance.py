"""Random picks: numbers of a range, words of a length, things of a kind, one of the options given."""

# ruff: noqa: RUF001 - users write typographic quotes, dashes and signs

import re

from chatconform.reference_server.model.drafts import Draft, Slot, turned
from chatconform.reference_server.model.listing import items, kind_of
from chatconform.reference_server.model.vocabulary import LISTS, WORDS
from chatconform.reference_server.model.words import NUMBER, number

_PICK = re.compile(
    r"\b(?:pick|choose|select|random(?:ly)?|think of|make up|invent|guess|come up with"
    r"|surprise me|flip|toss|roll|generate|give me (?:a|an|any|some|one)|name (?:a|an|any|one)"
    r"|tell me (?:a|any) (?:number|word|name)|any|your favou?rite)\b",
    re.IGNORECASE,
)
_RANGE = re.compile(
    rf"\b(?:between|from)\s+({NUMBER})\s+(?:and|to|through)\s+({NUMBER})|(-?\d+)\s*(?:-|–|to"
    rf"|\.\.\.?)\s*(-?\d+)",
    re.IGNORECASE,
)
_DIGITS = re.compile(rf"\b({NUMBER})[- ]digits?\b", re.IGNORECASE)
_LETTERS = re.compile(rf"\b({NUMBER})[- ]letters?\b(?:[- ]long)?", re.IGNORECASE)
_ONE_OF = re.compile(
    r"\b(?:one of|one from|from|between|among|either)\b(?: the following| these| this"
    r" list)?(?: \w+)?:?\s+([\w'’-]+(?: [\w'’-]+)?(?:\s*,\s*(?:and |or )?[\w'’-]+(?:"
    r" [\w'’-]+)?)*(?:\s+(?:or|and)\s+[\w'’-]+)?)",
    re.IGNORECASE,
)
_SEVERAL = re.compile(
    rf"(?:\b(?P<size>{NUMBER}|some|several|a few)\s+)?(?:\b\w+\s+)?"
    r"\b(?:random(?:ly (?:chosen|picked|selected))?|arbitrary|unrelated)\s+"
    r"(?:(?:list|sequence|series|set|row) of\s+)?(?P<what>[^.?!,;:\n]+)",
    re.IGNORECASE,
)
_USUAL = 5
_OFFERED = 120
_BLOCKS = 40
_CONSONANTS = "bdfghjklmnprstvw"
_VOWELS = "aeiou"


def pick(text: str) -> Draft | None:
    """Draft a random pick, or several, where a text asks for them."""
    several = _several(text)
    if several is not None:
        return several
    if not _PICK.search(text):
        return None
    size = _size_of_word(text)
    if size is not None and not _known_words(size):
        return _made(size)
    options = _options(text)
    return None if options is None else _drawn(options)


def _several(text: str) -> Draft | None:
    asked = _SEVERAL.search(text)
    if asked is None:
        return None
    size = number(asked["size"] or "") or _USUAL
    options = _plural(asked["what"], text)
    return items(options, size, text) if options and size > 1 else None


def _plural(what: str, text: str) -> tuple[str, ...] | None:
    """Return what to draw from, where several things of one kind are spoken of."""
    if re.match(r"(?:\w+ ){0,2}(?:words|nouns|verbs|adjectives)\b", what, re.IGNORECASE):
        return _known_words(_size_of_word(text)) or WORDS
    if re.match(r"(?:\w+ ){0,2}(?:numbers|integers|digits)\b", what, re.IGNORECASE):
        return _numbers(text)
    kind = kind_of(what)
    return LISTS[kind] if kind and re.match(r"(?:\w+ ){0,2}?\w+s\b", what) else None


def _drawn(options: tuple[str, ...]) -> Draft:
    yield Slot(options)


def _options(text: str) -> tuple[str, ...] | None:
    if re.search(r"\b(?:flip|toss)\b.*\bcoin\b|\bcoin (?:flip|toss)\b", text, re.IGNORECASE):
        return turned(("Heads", "Tails"), text)
    if re.search(r"\b(?:roll|throw)\b.*\b(?:die|dice)\b", text, re.IGNORECASE):
        return turned(tuple("123456"), text)
    if re.search(r"\b(?:numbers?|integers?|digits?)\b", text, re.IGNORECASE):
        return _numbers(text)
    size = _size_of_word(text)
    if size is not None or re.search(
        r"\b(?:word|noun|verb|adjective)\b(?! (?:story|essay|poem))", text, re.IGNORECASE
    ):
        return turned(_known_words(size) or WORDS, text)
    return _things(text)


def _numbers(text: str) -> tuple[str, ...]:
    bounds, digits = _RANGE.search(text), _DIGITS.search(text)
    low, high = 1, 100
    if bounds:
        one, other = (number(group) for group in bounds.groups() if group)
        low, high = sorted((one or 0, other or 0))
    elif digits and (size := number(digits[1])):
        low, high = 10 ** (min(size, 15) - 1), 10 ** min(size, 15) - 1
    values = range(low, high + 1) if high - low < _OFFERED else _spread(low, high)
    return turned([str(value) for value in values], text)


def _spread(low: int, high: int) -> list[int]:
    """Return numbers from the whole of a range, ten for each of their beginnings where these are tokens.

    So no token of a number is so unlikely that the likeliest of its place stayed below one in a hundred.
    """
    width = (high - low + 1) // _BLOCKS
    values: list[int] = []
    for block in range(_BLOCKS):
        first = low + block * (high - low + 1) // _BLOCKS + block * 37 % max(width, 1)
        unit = 10 ** max(0, len(str(abs(first))) - 3)
        values += (first, first + 1, first + 2)
        values += (first - first % unit + step * unit // 10 for step in range(10) if unit > 1)
    return sorted({value for value in values if low <= value <= high})


def _size_of_word(text: str) -> int | None:
    letters = _LETTERS.search(text)
    return number(letters[1]) if letters else None


def _known_words(size: int | None) -> tuple[str, ...]:
    """Return the words of a length: none where no word has it, all where none is asked for."""
    if size is None or not 0 < size <= 40:
        return WORDS
    return tuple(word for word in WORDS if len(word) == size)


def _made(size: int) -> Draft:
    """Make up a word of so many letters, syllable by syllable."""
    syllables = [first + second for first in _CONSONANTS for second in _VOWELS]
    for place in range(size // 2):
        yield Slot(turned(syllables, (size, place)))
    if size % 2:
        yield Slot(turned(_CONSONANTS, size))


def _things(text: str) -> tuple[str, ...] | None:
    offered = _ONE_OF.search(text)
    if offered and re.search(r",| or | and ", offered[1]):
        options = [each.strip() for each in re.split(r"\s*,\s*(?:and |or )?|\s+or\s+|\s+and\s+", offered[1])]
        return turned([each for each in options if each], text)
    kind = kind_of_pick(text)
    return turned(LISTS[kind], text) if kind else None


def kind_of_pick(text: str) -> str | None:
    """Return the kind of thing that comes after the words that ask for a pick."""
    asked = _PICK.search(text)
    return kind_of(text[asked.end() :]) if asked else None
