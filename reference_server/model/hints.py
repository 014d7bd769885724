"""Values that a conversation suggests for a named field: quoted text, names, numbers, dates, results."""

# ruff: noqa: RUF001 - users write typographic quotes, dashes and signs

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chatconform.reference_server.model.vocabulary import LISTS
from chatconform.reference_server.model.words import (
    abridged,
    content_stems,
    is_function_word,
    number,
    number_words,
    stem,
)

_QUOTED = re.compile(
    r"\"([^\"\n]{1,400})\"|“([^”\n]{1,400})”|(?<!\w)'([^'\n]{1,400})'(?!\w)|`([^`\n]{1,400})`"
)
_NAME = re.compile(r"\b[A-ZÀ-Þ][^\W\d_]*(?:[-'’][^\W\d_]+)*(?: (?:of |de |da |van |von )?[A-ZÀ-Þ][^\W\d_]*)*")
_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?![\w]|\.\d)")
_CODE = re.compile(r"(?<![\w/-])(?:(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{3,}|[A-Z]{6,}|\d{5,})(?![\w-])")
_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
_TIME = re.compile(r"\b\d{1,2}:\d{2}(?::\d{2})?\b")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_URL = re.compile(r"https?://[^\s\"'<>)]+")
_SUM = re.compile(r"\(*-?\d[\d\s.,()]*(?:[-+*/^×÷][\s(]*-?\d[\d\s.()]*)+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[_\W]+")
_NO_NAMES = frozenset(
    {"JSON", "API", "URL", "HTTP", "ID", "OK", "YAML", "XML", "HTML", "CSV", "SQL", "ENGLISH"}
)
_CITIES = frozenset(LISTS["city"])
_CITY = {city.lower(): city for city in LISTS["city"]}
_PLACE = frozenset(
    {"city", "location", "place", "destination", "origin", "country", "region", "address", "town"}
)
_PERSON = frozenset({"name", "person", "recipient", "author", "user", "customer", "attendee", "guest"})
_WHOLE = frozenset(
    {
        "query",
        "question",
        "prompt",
        "message",
        "text",
        "input",
        "body",
        "content",
        "instruction",
        "task",
        "request",
    }
)
_KEY = frozenset(
    {"id", "key", "code", "token", "ref", "reference", "sku", "ticket", "order", "number", "identifier"}
)
_TOPIC = frozenset({"topic", "subject", "title", "keyword", "keywords", "term"})
_SHAPES = (
    (frozenset({"email", "mail"}), _EMAIL),
    (frozenset({"url", "link", "uri", "website"}), _URL),
    (frozenset({"date", "day", "deadline", "birthday", "due"}), _DATE),
    (frozenset({"time"}), _TIME),
    (frozenset({"expression", "formula", "calculation", "equation", "math"}), _SUM),
)
_FROM_TO = {
    "from": "from", "origin": "from", "source": "from", "departure": "from", "sender": "from",
    "to": "to", "destination": "to", "target": "to", "arrival": "to", "recipient": "to",
}  # fmt: skip
_NO = re.compile(r"\b(?:no|not|never|without|don't|do not|disable|off|false|exclude)\b", re.IGNORECASE)


def name_words(name: str) -> list[str]:
    """Cut an identifier into lower-case words."""
    return [part.lower() for part in _CAMEL.split(name) if part]


def quoted(text: str) -> list[str]:
    """Return the quoted passages of a text, in order."""
    return [next(group for group in match.groups() if group) for match in _QUOTED.finditer(text)]


def names(text: str) -> list[str]:
    """Return the capitalised names of a text, in order, without words that merely begin a sentence."""
    found: list[str] = []
    for match in _NAME.finditer(text):
        before = text[max(0, match.start() - 8) : match.start()]
        begins = not before.rstrip(" \t\"'(*#-") or before.rstrip(" \"'(")[-1:] in tuple(".!?:\n")
        name = _without_opening(match.group(), begins=begins)
        if name and name not in found and name.upper() not in _NO_NAMES:
            found.append(name)
    return found


def _without_opening(name: str, *, begins: bool) -> str:
    parts = name.split(" ")
    while parts and (is_function_word(parts[0]) or (begins and parts[0] not in _CITIES and len(parts) > 1)):
        parts, begins = parts[1:], False
    if begins and parts and parts[0] not in _CITIES:
        return ""
    return " ".join(parts)


def codes(text: str) -> list[str]:
    """Return the words of a text that mix letters and digits."""
    return _CODE.findall(text)


def _called(text: str, kind: set[str]) -> Iterator[str]:
    """Yield the names that suit a field for places or for people."""
    found = names(text) if kind & (_PLACE | _PERSON) else []
    if kind & _PLACE:
        yield from (name for name in found if name in _CITIES)
        yield from (_CITY[word] for word in re.findall(r"\w+", text.lower()) if word in _CITY)
        yield from found
    if kind & _PERSON:
        yield from (name for name in found if name not in _CITIES)


class Hints:
    """Answers "what could this field hold" from texts, the most relevant first, and from tool results."""

    def __init__(
        self,
        texts: Sequence[str],
        results: Sequence[str] = (),
        *,
        focus: str | None = None,
        fresh: bool = False,
    ) -> None:
        """Take the sources.

        `focus` is the entity that a call is for; `fresh` tells that the last result was fetched for this very
        task, so that it is what a next step works on.
        """
        self._texts = [abridged(text) for text in texts if text]
        self._results = [_parsed(result) for result in results]
        self._focus = focus
        self._fresh = fresh
        self._used: set[str] = set()

    def take(self, value: str) -> None:
        """Note that a field holds a value, so that the next field prefers another."""
        self._used.add(value)

    def strings(self, name: str) -> Iterator[str]:
        """Yield the strings that fit a field, the best first; those in use come last."""
        later: list[str] = []
        for value in self._strings(name):
            if value in self._used:
                later.append(value)
            else:
                yield value
        yield from later

    def shaped(self, pattern: str) -> Iterator[str]:
        """Yield what has a shape, from the texts in order."""
        for text in self._texts:
            yield from (
                match.group() for match in re.finditer(rf"(?<![\w-])(?:{pattern})(?![\w-])", text, re.ASCII)
            )

    def _strings(self, name: str) -> Iterator[str]:
        kind = set(name_words(name))
        if self._focus and not kind & {"unit", "format", "date", "time"}:
            yield self._focus
        yield from self._stated(name)
        yield from self._from_results(name)
        if self._fresh and not kind & (_PLACE | _PERSON):
            yield from self._result_codes()
        for text in self._texts:
            yield from self._in_text(text, kind, name_words(name))
        yield from self._loose()

    def _stated(self, name: str) -> Iterator[str]:
        """Yield what a text says outright: `name: value`, `name is value`, `name "value"`."""
        spoken = r"[ _-]".join(map(re.escape, name_words(name))) or re.escape(name)
        pattern = re.compile(
            rf"\b{spoken}\b\"?\s*(?:(?:is|are|named|called|should be|set to|=|:)\s*)+"
            rf"(?:\"([^\"\n]+)\"|'([^'\n]+)'|([^\s,;]+))|\b{spoken} (?:\"([^\"\n]+)\"|'([^'\n]+)')",
            re.IGNORECASE,
        )
        for text in self._texts:
            for match in pattern.finditer(text):
                value = next(group for group in match.groups() if group).rstrip(".!?")
                if re.search(r"\w", value) and not is_function_word(value):
                    yield value

    def _from_results(self, name: str) -> Iterator[str]:
        wanted = {stem(word) for word in name_words(name)}
        for key, value in self._result_fields():
            if wanted & {stem(word) for word in name_words(key)} and isinstance(value, str | int | float):
                yield str(value)

    def _result_fields(self) -> Iterator[tuple[str, Any]]:
        for result in reversed(self._results):
            yield from _fields(result)

    def _in_text(self, text: str, kind: set[str], parts: list[str]) -> Iterator[str]:
        preposition = next((_FROM_TO[part] for part in parts if part in _FROM_TO), None)
        if preposition:
            yield from re.findall(rf"\b{preposition}\s+({_NAME.pattern})", text)
        for kinds, shape in _SHAPES:
            if kind & kinds:
                yield from (match.strip(" .,?") for match in shape.findall(text))
        if kind & _KEY:
            yield from self._result_codes()
            yield from codes(text)
        yield from _called(text, kind)
        yield from quoted(text)
        if kind & _WHOLE:
            yield text
        if kind & _TOPIC:
            yield " ".join(word for word in re.findall(r"\w+", text) if not is_function_word(word))

    def _result_codes(self) -> Iterator[str]:
        for result in reversed(self._results):
            if isinstance(result, str) and re.fullmatch(r"\S{1,200}", result):
                yield result
            yield from codes(result if isinstance(result, str) else json.dumps(result, ensure_ascii=False))

    def _loose(self) -> Iterator[str]:
        for text in self._texts:
            yield from names(text)
            yield from codes(text)
        for result in reversed(self._results):
            if isinstance(result, str) and result:
                yield result
        for text in self._texts[:1]:
            yield text

    def numbers(self, name: str) -> Iterator[float]:
        """Yield the numbers that fit a field: stated ones, those of results, then all others in order."""
        for value in (*self._stated(name), *self._from_results(name)):
            if _NUMBER.fullmatch(value):
                yield float(value)
        later: list[float] = []
        for text in self._texts:
            plain = _TIME.sub(" ", _DATE.sub(" ", text))
            for found in (*_NUMBER.findall(plain), *number_words(plain)):
                amount = float(found) if _NUMBER.fullmatch(found) else float(number(found) or 0)
                if found in self._used:
                    later.append(amount)
                else:
                    yield amount
        yield from later

    def flag(self, name: str) -> bool:
        """Decide a yes-or-no field: true where its words come up and nothing speaks against them."""
        wanted = {stem(word) for word in name_words(name)}
        for text in self._texts:
            for clause in re.split(r"[.,;!?\n]", text):
                if wanted & {stem(word) for word in re.findall(r"\w+", clause)}:
                    return not _NO.search(clause)
        return False

    def chosen(self, options: Sequence[Any]) -> list[Any]:
        """Order options: those that a text mentions first, in the order of their first mention."""
        return sorted(options, key=self._place)

    def _place(self, option: Any) -> tuple[int, int]:
        if isinstance(option, str) and option:
            for rank, text in enumerate(self._texts):
                found = re.search(
                    rf"(?<!\w){re.escape(option.replace('_', ' '))}", text.replace("_", " "), re.IGNORECASE
                )
                if found:
                    return rank, found.start()
                if set(content_stems(option)) & set(content_stems(text)):
                    return rank, len(text)
        return len(self._texts), 0

    def mentions(self, name: str) -> bool:
        """Tell whether the first text speaks of a field."""
        wanted = {stem(word) for word in name_words(name) if not is_function_word(word)}
        return bool(self._texts) and bool(wanted & set(content_stems(self._texts[0])))

    def several(self) -> list[str]:
        """Return the values that a list field could hold."""
        for text in self._texts:
            found = quoted(text) or names(text)
            if found:
                return found
        return []


def _fields(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield the named values inside a JSON value, the outer ones first."""
    inner = value.items() if isinstance(value, Mapping) else ()
    yield from inner
    for each in [part for _, part in inner] if inner else value if isinstance(value, list) else ():
        yield from _fields(each)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
