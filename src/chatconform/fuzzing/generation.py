"""Requests generated from the contract by Schemathesis, as values; nothing is sent.

The coverage phase makes one request for every keyword of the schema, and one for every way to break it; it is
the same each time. Drawn requests are random, by a seed.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from typing import Any

from chatconform.contract import load_contract
from chatconform.fuzzing.case import Case
from chatconform.wire.jsontext import Json, type_of

SCHEMA = "CreateChatCompletionRequest"
PATH, METHOD = "/chat/completions", "POST"

_VALID_MEMBER = re.compile(r"Object with valid '(\w+)' value")
_ITEMS = "Array with invalid items: "
_MISSING_MEMBER = re.compile(r"Missing required property: (\w+)")
_WRONG_TYPE = "incorrect_type"
# What Schemathesis does to a request beside its body; scenarios of their own send these.
_OF_THE_FRAME = frozenset(
    ("malformed_content_type", "unsupported_content_type", "unspecified_http_method", "missing_parameter")
)
# Hypothesis keeps all that it has drawn in one go, and tries it again with small changes, which may be none.
_AT_ONCE, _REPEATED = 100, 3


class _Enough(Exception):
    """As many requests were drawn as were wanted."""


def covering() -> tuple[Case, ...]:
    """Every request of the coverage phase, those that the contract allows and those that it forbids."""
    from schemathesis import GenerationMode

    operation = chat_operation()
    made = operation.schema.iter_coverage_cases(
        operation,
        generation_modes=[GenerationMode.POSITIVE, GenerationMode.NEGATIVE],
        generation_config=operation.schema.config.generation,
    )
    return tuple(_distinct(case for each in made if (case := _covering(each)) is not None))


def drawn(number: int, *, seed: int, allowed: bool) -> tuple[Case, ...]:
    """So many different random requests which the contract allows, or which it forbids.

    There may be fewer where hardly any different ones are found.
    """
    bodies: dict[str, Json] = {}
    for part in range(_REPEATED * math.ceil(number / _AT_ONCE)):
        if len(bodies) < number:
            _draw(bodies, min(number, len(bodies) + _AT_ONCE), seed=seed + part, allowed=allowed)
    return tuple(
        Case(told=f"drawn {n}", place=(), kind="drawn", allowed=allowed, body=body)
        for n, body in enumerate(bodies.values())
    )


def _draw(bodies: dict[str, Json], enough: int, *, seed: int, allowed: bool) -> None:
    """Add random bodies until there are enough, or Hypothesis has no more to offer."""
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import seed as seeded
    from schemathesis import GenerationMode

    mode = GenerationMode.POSITIVE if allowed else GenerationMode.NEGATIVE

    @seeded(seed)
    # Nothing is tested here, so that nothing can be slow, flaky or worth to be kept in a database.
    @settings(
        max_examples=_AT_ONCE,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(chat_operation().as_strategy(generation_mode=mode))
    def draw(case: Any) -> None:
        # A negative body may be bytes that are no JSON; a scenario of its own sends such.
        if not isinstance(case.body, bytes) and is_allowed(case.body) is allowed:
            bodies.setdefault(json.dumps(case.body), case.body)
        if len(bodies) >= enough:
            raise _Enough

    with suppress(_Enough):
        draw()


def is_allowed(body: Json) -> bool:
    """Whether the contract's schema allows a body."""
    return load_contract().validator(SCHEMA).is_valid(body)


@cache
def chat_operation() -> Any:
    """Schemathesis' view of the chat operation, without keys: they are not what is generated."""
    import schemathesis

    document = load_contract().copy()
    document.pop("security", None)
    document["components"].pop("securitySchemes", None)
    return schemathesis.openapi.from_dict(document)[PATH][METHOD]


def _covering(made: Any) -> Case | None:
    about = made.meta.phase.data
    kind = str(about.scenario.value if hasattr(about.scenario, "value") else about.scenario)
    if kind in _OF_THE_FRAME or isinstance(made.body, bytes):
        return None
    place = _place(about.description)
    return Case(
        told=about.description,
        place=place,
        # A number and an object in the place of a text go wrong in different ways.
        kind=f"{kind} {type_of(_at(made.body, place))}" if kind == _WRONG_TYPE else kind,
        allowed=is_allowed(made.body),
        body=made.body,
    )


def _place(description: str) -> tuple[str, ...]:
    """The members that lead to what a request of the coverage phase is about, from its description."""
    if found := _VALID_MEMBER.match(description):
        return (found[1],)
    *steps, last = description.replace(_ITEMS, "").split(" -> ")
    missing = _MISSING_MEMBER.match(last)
    return tuple(filter(None, (*steps, missing[1] if missing else last.rpartition(": ")[0])))


def _at(value: Json, place: tuple[str, ...]) -> Json:
    """What stands at a place, in the first item of every list on the way."""
    while isinstance(value, list) and value and place:
        value = value[0]
    if not place or not isinstance(value, dict):
        return value
    return _at(value.get(place[0]), place[1:])


def _distinct(cases: Iterator[Case]) -> Iterator[Case]:
    """The cases, each body once."""
    seen: set[bytes] = set()
    for case in cases:
        if case.content not in seen:
            seen.add(case.content)
            yield case
