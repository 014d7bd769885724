"""Lists of things that a text names: "Paris, Tokyo and Lima"."""

import re

from chatconform.reference_server.model.vocabulary import LISTS

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
