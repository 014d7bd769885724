"""The paths through a server on which a rule may hold or be forgotten.

Implementations have one code path each for plain answers, streams, the turn after a tool result and later
turns, and they forget parameters on the second one. So every parameter is checked on each.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Turn(StrEnum):
    """Where in a conversation the judged request stands."""

    FIRST = "first"
    AFTER_TOOL_RESULT = "after-tool-result"
    LATER = "later"


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """A turn of a conversation, answered plain or as a stream."""

    name: str
    turn: Turn
    stream: bool

    @property
    def features(self) -> tuple[str, ...]:
        """What a target must understand for this path, as a refusal would name it."""
        words: tuple[str, ...] = ("stream",) if self.stream else ()
        return (*words, "tools", "tool_calls", "tool") if self.turn is Turn.AFTER_TOOL_RESULT else words

    def __str__(self) -> str:
        return self.name


PLAIN = Path(name="plain", turn=Turn.FIRST, stream=False)
STREAMED = Path(name="streamed", turn=Turn.FIRST, stream=True)
AFTER_TOOL_RESULT = Path(name="after-tool-result", turn=Turn.AFTER_TOOL_RESULT, stream=False)
LATER_TURN = Path(name="later-turn", turn=Turn.LATER, stream=False)
AFTER_TOOL_RESULT_STREAMED = Path(name="after-tool-result-streamed", turn=Turn.AFTER_TOOL_RESULT, stream=True)
LATER_TURN_STREAMED = Path(name="later-turn-streamed", turn=Turn.LATER, stream=True)

BOTH_FORMS = (PLAIN, STREAMED)
ALL_PATHS = (
    PLAIN,
    STREAMED,
    AFTER_TOOL_RESULT,
    LATER_TURN,
    AFTER_TOOL_RESULT_STREAMED,
    LATER_TURN_STREAMED,
)

# What belongs to no path of generation: the invariants over all traffic, and requests that are not chats.
EVERYWHERE = "all-traffic"


def path_named(name: str) -> Path:
    """The path of that name; raises `KeyError` for any other."""
    return {path.name: path for path in ALL_PATHS}[name]
