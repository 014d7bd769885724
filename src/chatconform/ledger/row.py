"""One row of the ledger's files: what may be wrong with it, and the requirement that it states."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from chatconform.ledger.requirement import Camp, Kind, KnownBy, Level, Need, Requirement
from chatconform.ledger.section import Section

TITLE_LENGTH = 70

_ID = re.compile(r"CC-([A-Z]+)-[0-9]{3}")
_WORD = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+")
_MODAL = re.compile(r"\bshould\b|\btests? that\b", re.IGNORECASE)

_TEXTS = ("id", "title", "level", "kind", "rule", "anchor", "provoke", "judge", "source", "fault", "since")
_LISTS = ("seen_in", "checks")
_OPTIONAL = ("camps", "needs", "review_defect", "also", "excluded")
_TEXTS_WHERE_GIVEN = (*_TEXTS, "excluded")
_LISTS_WHERE_GIVEN = (*_LISTS, "needs", "also")
_REQUIRED = (*_TEXTS, *_LISTS)


@dataclass(frozen=True, slots=True)
class Row:
    """A section of a file of the ledger, checked or not."""

    file: Path
    section: Section

    @property
    def name(self) -> str:
        """The id as it is written, for messages."""
        return str(self.section.values.get("id", "(a row without id)"))

    @property
    def needs(self) -> tuple[str, ...]:
        """The words of its needs."""
        return tuple(map(str, self.items("needs")))

    @property
    def also(self) -> tuple[str, ...]:
        """Further places of the contract that its rule speaks for."""
        return tuple(map(str, self.items("also")))

    def text(self, key: str) -> str:
        """A value as text; empty where the row lacks it."""
        return str(self.section.values.get(key, ""))

    def items(self, key: str) -> list[object]:
        """A list; empty where the row lacks it."""
        found = self.section.values.get(key, [])
        return found if isinstance(found, list) else []

    def flaws(self) -> Iterator[tuple[str, str]]:
        """What is wrong with the row by itself: the key at fault, and why; one reason a key."""
        found: dict[str, str] = {}
        for key, reason in (
            *_shape(self.section),
            *_words(self),
            *_camps(self),
            *_judged(self),
            *_places(self),
        ):
            found.setdefault(key, reason)
        yield from found.items()

    def requirement(self, needs: Mapping[str, Need]) -> Requirement:
        """The requirement that a row without flaws states."""
        texts = {key: self.text(key) for key in _TEXTS if key not in {"level", "kind"}}
        return Requirement(
            **texts,
            level=Level(self.text("level")),
            kind=Kind(self.text("kind")),
            seen_in=tuple(map(str, self.items("seen_in"))),
            checks=tuple(map(str, self.items("checks"))),
            camps=tuple(Camp(**cast("dict[str, str]", camp)) for camp in self.items("camps")),
            needs=tuple(needs[word] for word in self.needs),
            review_defect=cast("int | None", self.section.values.get("review_defect")),
            also=self.also,
            excluded=cast("str | None", self.section.values.get("excluded")),
        )


def need_of(word: str, told: object) -> Need | str:
    """The need that an entry of the file of needs explains, or what is wrong with the entry."""
    flaw = _bad_need(word, told)
    if flaw:
        return f"the need {word!r} {flaw}"
    fields = cast("Mapping[str, str]", told)
    return Need(word=word, known_by=KnownBy(fields["known_by"]), meaning=fields["meaning"])


def _shape(section: Section) -> Iterator[tuple[str, str]]:
    """Whether a row has the keys that it must have, no others, and values of their types."""
    for key in section.values:
        if key not in (*_REQUIRED, *_OPTIONAL):
            near = difflib.get_close_matches(key, (*_REQUIRED, *_OPTIONAL), n=1)
            yield key, f"unknown key {key!r}" + (f"; is {near[0]!r} meant?" if near else "")
    for key in _REQUIRED:
        if key not in section.values:
            yield key, f"the key {key!r} is missing"
    for key, value in section.values.items():
        if key in _TEXTS_WHERE_GIVEN and not (isinstance(value, str) and value.strip()):
            yield key, f"{key} has to be a text that is not empty, not {value!r}"
        if key in _LISTS_WHERE_GIVEN and not _is_texts(value):
            yield key, f"{key} has to be a list of texts, not {value!r}"
        if key == "review_defect" and (type(value) is not int or not 1 <= value <= 8):
            yield key, f"review_defect has to be a whole number from 1 to 8, not {value!r}"


def _words(row: Row) -> Iterator[tuple[str, str]]:
    """Whether the short texts of a row are written as they have to be."""
    area = row.file.stem.upper()
    named, title, since = _ID.fullmatch(row.text("id")), row.text("title"), row.text("since")
    if not named:
        yield "id", "an id has to be like CC-AREA-001"
    elif named[1] != area:
        yield "id", f"the id is of the area {named[1]}, but the file is that of {area}"
    if len(title) > TITLE_LENGTH:
        yield "title", f"the title has {len(title)} characters, {TITLE_LENGTH} are allowed"
    if _MODAL.search(title):
        yield "title", "a title states the behaviour, without 'should' or 'test that'"
    for key, words in (("level", tuple(Level)), ("kind", tuple(Kind))):
        if row.text(key) not in words:
            yield key, f"{key} has to be one of {', '.join(words)}, not {row.text(key)!r}"
    if not _VERSION.fullmatch(since):
        yield "since", f"since has to be a version such as 0.1.0, not {since!r}"


def _camps(row: Row) -> Iterator[tuple[str, str]]:
    camps = row.section.values.get("camps", [])
    if not isinstance(camps, list) or not all(_is_camp(camp) for camp in camps):
        yield "camps", "camps has to be a list of {camp: a-word-like-this, who: text}"
        return
    words = [camp["camp"] for camp in camps]
    for word in sorted({word for word in words if words.count(word) > 1}):
        yield "camps", f"the camp {word!r} comes twice"


def _judged(row: Row) -> Iterator[tuple[str, str]]:
    """Whether a row is judged by checks or left out for a reason, and not both."""
    checks = row.items("checks")
    if "excluded" in row.section.values and checks:
        yield (
            "excluded",
            f"a row has checks or is excluded, not both; its checks: {', '.join(map(str, checks))}",
        )


def _places(row: Row) -> Iterator[tuple[str, str]]:
    """Whether each place of the contract is named once; whether it exists is for the loader to say."""
    seen = {row.text("anchor")}
    for pointer in row.also:
        if pointer in seen:
            where = "the anchor" if pointer == row.text("anchor") else "named twice"
            yield "also", f"also names further places, but {pointer!r} is {where}"
        seen.add(pointer)


def _is_camp(camp: object) -> bool:
    if not isinstance(camp, dict) or set(camp) != {"camp", "who"}:
        return False
    word, who = camp["camp"], camp["who"]
    return isinstance(word, str) and isinstance(who, str) and bool(_WORD.fullmatch(word) and who.strip())


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) and item.strip() for item in value)


def _bad_need(word: str, told: object) -> str | None:
    if not _WORD.fullmatch(word):
        return "is not a word such as honest-usage"
    if not isinstance(told, dict) or set(told) != {"known_by", "meaning"}:
        return "has to have the keys known_by and meaning, and no others"
    if told["known_by"] not in tuple(KnownBy):
        return f"has to be known_by one of {', '.join(KnownBy)}"
    return None if isinstance(told["meaning"], str) and told["meaning"].strip() else "has no meaning"
