"""Conditions on what was sent, whatever it is, and the refusals of servers that are too strict."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chatconform.reference_server.faults.alterations.making import refusal
from chatconform.reference_server.faults.alterations.paths import When, is_streamed, messages_of
from chatconform.reference_server.refusal import Refusal, invalid
from chatconform.reference_server.seams import Alteration, Asked

Test = Callable[[Any], bool]


def member(name: str, test: Test) -> When:
    """A chat request has this member, and its value is as the test wants it."""
    return lambda asked: asked.is_chat and name in asked.body and test(asked.body[name])


def lacks(name: str) -> When:
    """A chat request is a JSON object without this member."""
    return lambda asked: asked.is_chat and bool(asked.body) and name not in asked.body


def given(name: str) -> When:
    """A chat request has this member, and it is not null."""
    return member(name, lambda value: value is not None)


def null(name: str) -> When:
    """A chat request has null for this member."""
    return member(name, lambda value: value is None)


def is_text(value: Any) -> bool:
    """Whether a value is a string."""
    return isinstance(value, str)


def is_number(value: Any) -> bool:
    """Whether a value is a number; a boolean is none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def above(bound: float) -> Test:
    """Whether a value is a number above a bound."""
    return lambda value: is_number(value) and value > bound


def below(bound: float) -> Test:
    """Whether a value is a number below a bound."""
    return lambda value: is_number(value) and value < bound


def message(test: Callable[[dict[str, Any]], bool]) -> When:
    """A chat request has such a message."""
    return lambda asked: asked.is_chat and any(map(test, objects_in(asked)))


def objects_in(asked: Asked) -> list[dict[str, Any]]:
    """The messages that are JSON objects."""
    return [each for each in messages_of(asked) if isinstance(each, dict)]


def both(one: When, other: When) -> When:
    """Two conditions at once."""
    return lambda asked: one(asked) and other(asked)


def streamed(when: When) -> When:
    """The same where a stream is asked for."""
    return both(is_streamed, when)


def refused_without_a_word(when: When, status: int = 400) -> Alteration:
    """These requests are refused, and nothing tells why."""
    return refusal(lambda _: Refusal(status, "The request could not be processed."), when)


def refused_by_name(name: str, when: When, status: int = 400) -> Alteration:
    """These requests are refused by an error that names a member."""
    return refusal(lambda _: Refusal(status, f"Invalid {name!r}.", param=name), when)


def refused_as_invalid(told: str, when: When) -> Alteration:
    """These requests are refused in these words."""
    return refusal(lambda _: invalid(told, param=None), when)
