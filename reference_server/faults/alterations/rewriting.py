"""Alterations of what the model writes, in either form of an answer: its calls, its JSON, its ends."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from chatconform.reference_server.faults.alterations.making import When, chats, pieces
from chatconform.reference_server.model import (
    CallKind,
    ChatRequest,
    Finish,
    FinishReason,
    Format,
    Piece,
    Text,
    Tool,
    ToolCallArguments,
    ToolCallStart,
)
from chatconform.reference_server.seams import Alteration

Pieces = Iterator[Piece]
# A text and what it was written for: the tool that is called, or the whole request.
OfTool = Callable[[str, Tool], str]
OfRequest = Callable[[str, ChatRequest], str]


def arguments(change: Callable[[str], str], when: When = chats) -> Alteration:
    """The arguments of every function call are another text, in as many fragments as before."""
    return arguments_of_tools(lambda text, _: change(text), when)


def arguments_of_tools(change: OfTool, when: When = chats) -> Alteration:
    """The same, by the tool that is called."""

    def rewrite(found: Pieces, request: ChatRequest) -> Pieces:
        tools = {tool.name: tool for tool in request.tools}
        called: Tool | None = None
        held: list[ToolCallArguments] = []
        for piece in found:
            if isinstance(piece, ToolCallArguments) and called is not None:
                held.append(piece)
                continue
            if called is not None:
                yield from _fragments(held, change("".join(each.fragment for each in held), called))
            called, held = None, []
            if isinstance(piece, ToolCallStart) and piece.kind is CallKind.FUNCTION:
                called = tools.get(piece.name)
            yield piece

    return pieces(rewrite, when)


def json_texts(change: OfRequest, when: When = chats) -> Alteration:
    """The text of every answer in a JSON format is another one, in as many pieces as before at most."""

    def rewrite(found: Pieces, request: ChatRequest) -> Pieces:
        held: list[Text] = []
        for piece in found:
            if isinstance(piece, Text) and request.format is not Format.TEXT:
                held.append(piece)
                continue
            if held:
                changed = change("".join(each.text for each in held), request)
                parts = divided(changed, len(held))
                yield from (replace(each, text=part) for each, part in zip(held, parts, strict=False))
            held = []
            yield piece

    return pieces(rewrite, when)


def starts(change: Callable[[ToolCallStart], ToolCallStart], when: When = chats) -> Alteration:
    """Every call, of a function or of a custom tool, begins with other values."""

    def rewrite(found: Pieces, _: ChatRequest) -> Pieces:
        for piece in found:
            yield change(piece) if isinstance(piece, ToolCallStart) else piece

    return pieces(rewrite, when)


def ends(reasons: Mapping[FinishReason, FinishReason], when: When = chats) -> Alteration:
    """Answers that end with one finish reason end with another."""

    def rewrite(found: Pieces, _: ChatRequest) -> Pieces:
        for piece in found:
            if isinstance(piece, Finish):
                yield replace(piece, reason=reasons.get(piece.reason, piece.reason))
            else:
                yield piece

    return pieces(rewrite, when)


def whole_calls(found: Iterable[Piece]) -> Iterator[tuple[ToolCallStart, str] | Piece]:
    """The pieces with each call in one: its start, and its arguments."""
    begun: ToolCallStart | None = None
    text = ""
    for piece in found:
        if isinstance(piece, ToolCallArguments):
            text += piece.fragment
            continue
        if begun is not None:
            yield begun, text
        begun, text = (piece, "") if isinstance(piece, ToolCallStart) else (None, "")
        if begun is None:
            yield piece


def call(start: ToolCallStart, text: str) -> Pieces:
    """The pieces of one call, its arguments in two fragments."""
    yield start
    for part in divided(text, 2):
        yield ToolCallArguments(index=start.index, fragment=part)


def divided(text: str, count: int) -> list[str]:
    """A text in as many parts at most, all of one length but the last."""
    size = max(1, -(-len(text) // count))
    return [text[place : place + size] for place in range(0, len(text), size)]


def _fragments(held: Sequence[ToolCallArguments], text: str) -> Pieces:
    parts = divided(text, max(1, len(held)))
    yield from (replace(held[0], fragment=part) for part in parts if held)
