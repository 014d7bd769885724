"""Making a generated request smaller, step by step: what is left is what matters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from chatconform.fuzzing.case import Case
from chatconform.fuzzing.generation import is_allowed
from chatconform.wire.jsontext import Json

# What bounds the cost of a request is never taken out of it.
_KEPT = frozenset({"max_tokens", "max_completion_tokens"})
_LONG = 16


def smaller(case: Case) -> Iterator[Case]:
    """Requests with one thing less each, the largest steps first; the contract says the same of all."""
    for body in _less(case.body, top=True):
        if is_allowed(body) is case.allowed:
            yield replace(case, body=body)


def _less(value: Json, *, top: bool = False) -> Iterator[Json]:
    match value:
        case dict():
            yield from _less_of_object(value, _KEPT if top else frozenset())
        case list():
            yield from _less_of_list(value)
        case str() if len(value) > _LONG:
            yield value[: len(value) // 2]


def _less_of_object(value: dict[str, Json], kept: frozenset[str]) -> Iterator[Json]:
    for name in value:
        if name not in kept:
            yield {other: each for other, each in value.items() if other != name}
    for name, each in value.items():
        yield from ({**value, name: less} for less in _less(each))


def _less_of_list(value: list[Json]) -> Iterator[Json]:
    if len(value) > 2:
        yield value[: len(value) // 2]
    for n, each in enumerate(value):
        yield [*value[:n], *value[n + 1 :]]
        yield from ([*value[:n], less, *value[n + 1 :]] for less in _less(each))
