"""What a generation yields: frozen values that a server folds into a completion or maps to chunks."""

from dataclasses import dataclass
from enum import StrEnum


class FinishReason(StrEnum):
    """Why a choice ended, in the words of the wire."""

    STOP = "stop"
    LENGTH = "length"
    TOOL_CALLS = "tool_calls"
    CONTENT_FILTER = "content_filter"
    FUNCTION_CALL = "function_call"


class CallKind(StrEnum):
    """How a call is spelled on the wire; LEGACY is the deprecated `function_call` of a message."""

    FUNCTION = "function"
    CUSTOM = "custom"
    LEGACY = "function_call"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """A token that the distribution offered at one position, with its natural-log probability."""

    id: int
    text: str
    data: bytes
    logprob: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    r"""A generated token.

    `data` are its bytes; `text` is their decoding, or `bytes:\xf0\x9f` where they are a part of a character.
    `top` has the most likely tokens of the position, best first, as many as `top_logprobs` asked for.
    """

    id: int
    text: str
    data: bytes
    logprob: float
    top: tuple[Alternative, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A fragment of the message's content: whole characters, with the tokens whose bytes they are."""

    text: str
    tokens: tuple[Token, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalText:
    """A fragment of a refusal, which comes in the place of content; as `Text` otherwise."""

    text: str
    tokens: tuple[Token, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCallStart:
    """The beginning of call number `index` of the choice; its arguments follow before the next call starts.

    `id` is empty for LEGACY, which has no ids.
    """

    index: int
    id: str
    kind: CallKind
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCallArguments:
    """A fragment of the arguments (JSON text; free text for a custom tool) of call number `index`."""

    index: int
    fragment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finish:
    """The last piece of every generation.

    `completion_tokens` counts the sampled tokens, those of a stop string and of a dropped half character
    included, the end of the text excluded.
    """

    reason: FinishReason
    completion_tokens: int


Piece = Text | RefusalText | ToolCallStart | ToolCallArguments | Finish
