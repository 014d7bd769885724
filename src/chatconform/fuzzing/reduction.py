"""Making a generated request smaller, step by step: what is left is what matters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from chatconform.contract import load_contract
from chatconform.fuzzing.case import Case
from chatconform.fuzzing.generation import SCHEMA
from chatconform.wire.jsontext import Json

# What bounds the cost of a request is never taken out of it.
_KEPT = frozenset({"max_tokens", "max_completion_tokens"})
_LONG = 16


def smaller(case: Case) -> Iterator[Case]:
    """Requests with one thing less each, the largest steps first.

    The contract forbids nothing in them but what it forbids in the whole, and not less than something.
    """
    wrong = _wrong_places(case.body)
    for body in _less(case.body, top=True):
        places = _wrong_places(body)
        if bool(places) is bool(wrong) and places <= wrong:
            yield replace(case, body=body)


def _wrong_places(body: Json) -> frozenset[str]:
    violations = load_contract().validator(SCHEMA).violations(body)
    return frozenset(violation.param for violation in violations)


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
