"""A whole generation as one value, for whoever does not stream."""

from collections.abc import Iterable
from dataclasses import dataclass

from chatconform.reference_server.model.pieces import (
    CallKind,
    Finish,
    FinishReason,
    Piece,
    RefusalText,
    Text,
    Token,
    ToolCallArguments,
    ToolCallStart,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenCall:
    """A call with all of its arguments (cut where the limit cut them)."""

    id: str
    kind: CallKind
    name: str
    arguments: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a choice became: its text or refusal with the tokens, or its calls, and why it ended."""

    text: str
    refusal: str
    tokens: tuple[Token, ...]
    calls: tuple[WrittenCall, ...]
    reason: FinishReason
    completion_tokens: int


def folded(pieces: Iterable[Piece]) -> Written:
    """Put the pieces of one generation together; they must end with a Finish."""
    texts: list[str] = []
    refusals: list[str] = []
    tokens: list[Token] = []
    starts: list[ToolCallStart] = []
    arguments: list[str] = []
    for piece in pieces:
        match piece:
            case Text():
                texts.append(piece.text)
                tokens += piece.tokens
            case RefusalText():
                refusals.append(piece.text)
                tokens += piece.tokens
            case ToolCallStart():
                starts.append(piece)
                arguments.append("")
            case ToolCallArguments():
                arguments[piece.index] += piece.fragment
            case Finish():
                return Written(
                    text="".join(texts),
                    refusal="".join(refusals),
                    tokens=tuple(tokens),
                    calls=tuple(map(_call, starts, arguments)),
                    reason=piece.reason,
                    completion_tokens=piece.completion_tokens,
                )
    raise ValueError("the pieces have no Finish; pass on everything that generate() yields")


def _call(start: ToolCallStart, arguments: str) -> WrittenCall:
    return WrittenCall(id=start.id, kind=start.kind, name=start.name, arguments=arguments)
