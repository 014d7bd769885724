"""A gate for stop strings that searches in another way than it should.

The text is written anew without any stop string, and cut where the search finds one.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain

from chatconform.reference_server.faults.alterations.making import chats, pieces
from chatconform.reference_server.faults.alterations.paths import When
from chatconform.reference_server.model import ChatRequest, Finish, FinishReason, Piece, Text, Token, generate
from chatconform.reference_server.seams import Alteration

Stops = tuple[str, ...]
Span = tuple[int, int]
# Where a stop string stands in a text, of which so many characters were there before its last token came.
Find = Callable[[str, int, Stops], Span | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """How stop strings are searched, and what is made of one that was found.

    Attributes:
        find: Where the first of them stands.
        keep: How much of the text is returned, given where it stands.
        reason: What the answer then ends with.
        holds_back: Whether text waits that may be the beginning of a stop string.
        ends: Whether the text may end by itself.
    """

    find: Find
    keep: Callable[[int, int], int] = lambda start, end: start  # noqa: ARG005 - where it ends matters to others
    reason: FinishReason = FinishReason.STOP
    holds_back: bool = True
    ends: bool = True


def anywhere(text: str, before: int, stops: Stops) -> Span | None:  # noqa: ARG001 - the form of a search
    """The first stop string, wherever it stands."""
    found = [(start, start + len(stop)) for stop in stops if (start := text.find(stop)) >= 0]
    return min(found, default=None)


def in_any_case(text: str, before: int, stops: Stops) -> Span | None:
    """The first stop string, be it in capitals or not."""
    return anywhere(text.lower(), before, tuple(stop.lower() for stop in stops))


def at_the_end(text: str, before: int, stops: Stops) -> Span | None:  # noqa: ARG001 - the form of a search
    """A stop string with which a token ends."""
    found = [(len(text) - len(stop), len(text)) for stop in stops if text.endswith(stop)]
    return min(found, default=None)


def in_one_token(text: str, before: int, stops: Stops) -> Span | None:
    """A stop string within the last token."""
    span = anywhere(text[before:], 0, stops)
    return (before + span[0], before + span[1]) if span else None


def is_one_token(text: str, before: int, stops: Stops) -> Span | None:
    """The last token, where it is a stop string."""
    return (before, len(text)) if text[before:] in stops else None


def searching(search: Search, when: When = chats) -> Alteration:
    """Texts with stop strings are cut by another search; calls and refusals are left alone."""

    def change(came: Iterator[Piece], request: ChatRequest) -> Iterator[Piece]:
        first = next(came, None)
        if first is None or not request.stops or not isinstance(first, Text):
            yield from chain(() if first is None else (first,), came)
            return
        unstopped = generate(replace(request, stops=()), entropy=secrets.randbits(64))
        yield from _searched(unstopped, request, search)

    return pieces(change, when)


def _searched(written: Iterator[Piece], request: ChatRequest, search: Search) -> Iterator[Piece]:
    waiting: list[Text] = []
    longest = max(map(len, request.stops)) if search.holds_back else 0
    text, sent, spent = "", 0, 0
    for piece in written:
        if not isinstance(piece, Text):
            yield from waiting
            yield from (
                [piece] if search.ends or not isinstance(piece, Finish) else _endless(text, spent, request)
            )
            return
        before, text, spent = len(text), text + piece.text, spent + len(piece.tokens)
        waiting.append(piece)
        span = search.find(text, before, request.stops)
        if span is not None:
            yield from _cut(waiting, search.keep(*span) - sent)
            yield Finish(reason=search.reason, completion_tokens=spent)
            return
        while waiting and sent + len(waiting[0].text) <= len(text) - longest:
            sent += len(waiting[0].text)
            yield waiting.pop(0)


def _cut(waiting: list[Text], size: int) -> Iterator[Text]:
    """So many characters of the texts that wait."""
    for each in waiting:
        if size > 0:
            yield each if len(each.text) <= size else _shortened(each, size)
        size -= len(each.text)


def _shortened(text: Text, size: int) -> Text:
    kept: list[Token] = []
    left = len(text.text[:size].encode())
    for token in text.tokens:
        data = token.data[:left]
        if data:
            kept.append(replace(token, data=data, text=data.decode("utf-8", "replace")))
        left -= len(data)
    return Text(text=text.text[:size], tokens=tuple(kept))


def _endless(text: str, spent: int, request: ChatRequest) -> Iterator[Piece]:
    """The end of the turn is no end: the same is written again until the limit comes."""
    again = Text(text=f" {text}" if text else " so", tokens=())
    for _ in range(min(request.limit - spent, 8)):
        yield again
    yield Finish(reason=FinishReason.LENGTH, completion_tokens=request.limit)
