"""Optional parameters, and numbers on their bounds, that are refused without a word or crash."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from chatconform.reference_server.faults.alterations.asked_for import (
    above,
    given,
    is_number,
    member,
    message,
    refused_without_a_word,
)
from chatconform.reference_server.faults.alterations.making import (
    crash,
)
from chatconform.reference_server.faults.alterations.paths import When
from chatconform.reference_server.faults.fault import Aspect, Fault, family

fault = family(Aspect.PARAMETERS)
_KNOWN_MEMBERS = frozenset(
    {"role", "content", "name", "refusal", "audio", "tool_calls", "tool_call_id", "function_call"}
)
_LONG = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a request that is legal: the rule that lets it pass, and when a request has it."""

    name: str
    what: str
    breaks: str
    when: When
    collateral: Mapping[str, str] = field(default_factory=dict)


def _is_long(value: Any) -> bool:
    return isinstance(value, str) and len(value) > _LONG


_OPTIONAL = (
    Part(
        name="long-user",
        what="A `user` of more than 64 characters",
        breaks="CC-REQ-040",
        when=member("user", _is_long),
    ),
    *(
        Part(name=f"{name.replace('_', '-')}-given", what=f"`{name}`", breaks=breaks, when=given(name))
        for name, breaks in (
            ("metadata", "CC-REQ-041"),
            ("store", "CC-REQ-042"),
            ("service_tier", "CC-REQ-043"),
            ("prompt_cache_key", "CC-REQ-044"),
            ("safety_identifier", "CC-REQ-044"),
            ("reasoning_effort", "CC-REQ-045"),
            ("verbosity", "CC-REQ-046"),
            ("modalities", "CC-REQ-047"),
            ("prediction", "CC-REQ-048"),
        )
    ),
    Part(
        name="unknown-member-of-a-message",
        what="A member of a message that is not known",
        breaks="CC-REQ-049",
        when=message(lambda each: bool(each.keys() - _KNOWN_MEMBERS)),
    ),
)
_BOUNDS = (
    Part(
        name="temperature-of-2",
        what="A `temperature` of 2",
        breaks="CC-REQ-051",
        when=member("temperature", lambda value: value == 2),
    ),
    Part(
        name="top-p-of-1",
        what="A `top_p` of 1",
        breaks="CC-REQ-052",
        collateral=dict.fromkeys(("CC-SAMPLE-009", "CC-LIMIT-005"), "the defaults are written out"),
        when=member("top_p", lambda value: value == 1),
    ),
    Part(
        name="negative-penalty",
        what="A negative penalty",
        breaks="CC-REQ-053",
        when=member("frequency_penalty", lambda value: is_number(value) and -2 <= value < 0),
    ),
    Part(
        name="penalty-of-2",
        what="A `presence_penalty` of 2",
        breaks="CC-REQ-053",
        collateral=dict.fromkeys(("CC-SAMPLE-010", "CC-CONT-025"), "the penalty is 2 there"),
        when=member("presence_penalty", lambda value: value == 2),
    ),
    Part(
        name="seed-above-32-bits",
        what="A `seed` above 32 bits",
        breaks="CC-REQ-054",
        when=member("seed", above(2**32 - 1)),
    ),
)


def _faults() -> Iterator[Fault]:
    for part in (*_OPTIONAL, *_BOUNDS):
        yield fault(
            f"{part.name}-refused",
            f"{part.what} is refused, and nothing tells why.",
            refused_without_a_word(part.when),
            kills=part.breaks,
            collateral=part.collateral,
        )
        optional = part in _OPTIONAL
        yield fault(
            f"{part.name}-crashes",
            f"{part.what} answers 500.",
            crash(part.when),
            kills="CC-REQ-014 CC-ERR-007" if optional else "CC-ERR-007",
            collateral=part.collateral,
        )


ALL: tuple[Fault, ...] = tuple(_faults())
