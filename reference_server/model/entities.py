"""Things that a text lists by name ("Paris, Tokyo and Lima") or by their number ("three cities")."""

import re

from chatconform.reference_server.model.hints import name_words
from chatconform.reference_server.model.listing import kind_of
from chatconform.reference_server.model.vocabulary import LISTS
from chatconform.reference_server.model.words import NUMBER, number

_ITEM = (
    r"(?:\"[^\"\n]{1,60}\"|'[^'\n]{1,60}'"
    r"|[A-ZÀ-Þ][^\W\d_]+(?:[- ](?:de |da |of )?[A-ZÀ-Þ][^\W\d_]+)*"
    r"|(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{2,})"
)
_BETWEEN = (
    r"(?:\s*,\s*(?:and\s+|or\s+)?|\s+and\s+(?:also\s+)?(?:for\s+|in\s+)?|\s*&\s*|\s*;\s*|\s*\n\s*[-*]?\s*)"
)
_LIST = re.compile(rf"(?<!\w){_ITEM}(?:{_BETWEEN}{_ITEM})+(?!\w)")
_ONE = re.compile(_ITEM)
_CITY = {city.lower(): city for city in LISTS["city"]}
_COUNTRY = frozenset(LISTS["country"]) | {"USA", "UK", "England"}
_COUNTED = re.compile(rf"\b({NUMBER})\s+((?:\w+ ){{0,2}}?\w+s)\b", re.IGNORECASE)
_MOST = 16
_PAIR = re.compile(r"\bfrom\b.*\bto\b|\bbetween\b", re.IGNORECASE)


def listed(text: str) -> list[str]:
    """Return the items of the first list in a text, each once; a city with its country is one item."""
    if _PAIR.search(text):
        return []
    for found in _LIST.finditer(text):
        items = [item.strip("\"'") for item in _ONE.findall(found.group())]
        distinct = list(dict.fromkeys(items))
        if (
            len(distinct) == 2
            and distinct[1] in _COUNTRY
            and distinct[0] not in _COUNTRY
            and " and " not in found.group()
        ):
            return []
        if len(distinct) > 1:
            return distinct
    cities = [_CITY[word] for word in re.findall(r"\w+", text.lower()) if word in _CITY]
    distinct = list(dict.fromkeys(cities))
    return distinct if len(distinct) > 1 else []


def counted(text: str, field: str) -> list[str]:
    """Return as many things of a kind as a text speaks of, where the field is for one of that kind."""
    for found in _COUNTED.finditer(text):
        kind, size = kind_of(found[2]), number(found[1]) or 0
        if kind and kind in name_words(field) and 1 < size <= _MOST:
            return list(LISTS[kind][:size])
    return []
