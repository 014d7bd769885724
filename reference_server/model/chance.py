"""Random picks: a number of a range, a word of a length, a thing of a kind, one of the options given."""

# ruff: noqa: RUF001 - users write typographic quotes, dashes and signs

import re

from chatconform.reference_server.model.drafts import Draft, Slot, turned
from chatconform.reference_server.model.listing import kind_of
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
_OFFERED = 200
_START = "bdfghjklmnprstvw"


def pick(text: str) -> Draft | None:
    """Draft a random pick where a text asks for one."""
    if not _PICK.search(text):
        return None
    options = _options(text)
    return None if options is None else _drawn(options)


def _drawn(options: tuple[str, ...]) -> Draft:
    yield Slot(options)


def _options(text: str) -> tuple[str, ...] | None:
    if re.search(r"\b(?:flip|toss)\b.*\bcoin\b|\bcoin (?:flip|toss)\b", text, re.IGNORECASE):
        return turned(("Heads", "Tails"), text)
    if re.search(r"\b(?:roll|throw)\b.*\b(?:die|dice)\b", text, re.IGNORECASE):
        return turned(tuple("123456"), text)
    if re.search(r"\b(?:numbers?|integers?|digits?)\b", text, re.IGNORECASE):
        return _numbers(text)
    letters = _LETTERS.search(text)
    if letters or re.search(
        r"\b(?:word|noun|verb|adjective)\b(?! (?:story|essay|poem))", text, re.IGNORECASE
    ):
        return turned(_words_of(number(letters[1]) if letters else None), text)
    return _things(text)


def _numbers(text: str) -> tuple[str, ...]:
    bounds, digits = _RANGE.search(text), _DIGITS.search(text)
    low, high = 1, 100
    if bounds:
        one, other = (number(group) for group in bounds.groups() if group)
        low, high = sorted((one or 0, other or 0))
    elif digits and (size := number(digits[1])):
        low, high = 10 ** (min(size, 15) - 1), 10 ** min(size, 15) - 1
    span = high - low + 1
    if span <= _OFFERED:
        values = range(low, high + 1)
        return turned([str(value) for value in values], text)
    # Spread over the whole range with a step that is prime to most spans, so that no digit is favoured.
    return turned(
        [str(low + (rank * 7919 * span // (_OFFERED * 31) + rank * 37) % span) for rank in range(_OFFERED)],
        text,
    )


def _words_of(size: int | None) -> tuple[str, ...]:
    if size is None:
        return WORDS
    known = tuple(word for word in WORDS if len(word) == size)
    if known or not 0 < size <= 40:
        return known or WORDS
    made = (
        "".join(
            (_START[(rank * 5 + place) % 16], "aeiou"[(rank + place) % 5])[place % 2] for place in range(size)
        )
        for rank in range(20)
    )
    return tuple(dict.fromkeys(made))


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
