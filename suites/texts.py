"""The text of answers, piece by piece, and what tells that it was damaged on its way."""

from __future__ import annotations

from collections.abc import Iterator

from chatconform.suite import Exchange, Json
from chatconform.suites.wire import Part, choices_of

REPLACEMENT = "\ufffd"
REASONING = ("reasoning_content", "reasoning")


def text_of(part: Part, *names: str) -> str:
    """What a message or a delta says under these names, joined; `content` where none is given."""
    values = (part.inner.get(name) for name in names or ("content",))
    return "".join(value for value in values if isinstance(value, str))


def texts_of(exchange: Exchange, *names: str) -> dict[int, str]:
    """The whole text of each choice by its index, in a completion and in a stream."""
    texts: dict[int, list[str]] = {}
    for part in choices_of(exchange):
        texts.setdefault(part.index, []).append(text_of(part, *names))
    return {index: "".join(pieces) for index, pieces in texts.items()}


def pieces_of(exchange: Exchange, *names: str) -> dict[int, list[Part]]:
    """The parts of each choice that bear text, in order."""
    pieces: dict[int, list[Part]] = {}
    for part in choices_of(exchange):
        if text_of(part, *names):
            pieces.setdefault(part.index, []).append(part)
    return pieces


def sent_text(exchange: Exchange) -> str:
    """The request as text: what it holds may come back without being a defect."""
    return exchange.request.content.decode("utf-8", errors="replace")


def broken_character(value: Json, sent: str) -> str:
    """A replacement character that nobody sent, or half of a surrogate pair; empty where there is none."""
    text = "".join(strings_in(value))
    if REPLACEMENT in text and REPLACEMENT not in sent and "\\ufffd" not in sent.lower():
        return REPLACEMENT
    return next((char for char in text if "\ud800" <= char <= "\udfff"), "")


def strings_in(value: Json) -> Iterator[str]:
    """Every string of a JSON value, without recursion: a stranger chose its depth."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, dict | list):
            waiting += each.values() if isinstance(each, dict) else each
