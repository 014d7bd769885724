"""The conversations of a play: how they stand in it as steps, and how they are read from there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chatconform.errors import TargetError
from chatconform.suite import Exchange, Play
from chatconform.suites.basics import LONGER_BY
from chatconform.suites.talk.asking import CODES
from chatconform.suites.talk.turns import Talk, talk_of

# Whether the target counts honestly is seen in one question that is asked short and long.
SHORT, LONGER = "greeting", "longer-greeting"
LEAST_PER_WORD = 0.5
_TALK = re.compile(r"(?:talk (\d+), )?turn \d+")


def talk_step(talk: int, turn: int) -> str:
    """The step of a turn of one of the conversations."""
    return f"talk {talk}, turn {turn}"


def turn_step(turn: int) -> str:
    """The step of a turn of the shortest conversation that breaks a rule."""
    return f"turn {turn}"


def code_note(number: int) -> str:
    """The note of a code that belongs to conversations."""
    return f"code {number + 1}"


def is_counted(play: Play) -> bool:
    """Whether the target was seen to count a longer question by its words."""
    try:
        short, longer = play.answer(SHORT).usage, play.answer(LONGER).usage
    except TargetError:
        return False
    if short is None or longer is None:
        return False
    return longer.prompt_tokens - short.prompt_tokens >= LONGER_BY * LEAST_PER_WORD


def talks_of(play: Play) -> list[Talk]:
    """The conversations of a play, the shortest first.

    Where no first turn was answered, the answer of the first conversation says why.
    """
    codes = [play.note(code_note(number)) for number in range(CODES)]
    counted = is_counted(play)
    talks = [talk_of(exchanges, codes=codes, is_counted=counted) for exchanges in _grouped(play)]
    held = [talk for talk in talks if talk.turns and talk.turns[0].answer is not None]
    if not held:
        play.answer(talk_step(1, 1))
    return sorted(held, key=lambda talk: len(talk.turns))


def _grouped(play: Play) -> Iterator[list[Exchange]]:
    grouped: dict[str, list[Exchange]] = {}
    for exchange in play.exchanges:
        found = _TALK.fullmatch(exchange.step)
        if found:
            grouped.setdefault(found[1] or "", []).append(exchange)
    # Where two are as short as each other, the one that was kept comes first.
    yield from sorted(grouped.values(), key=lambda talk: talk[0].step.startswith("talk"))
