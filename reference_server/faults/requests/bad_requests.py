"""Bad requests of one kind each that are taken silently, or crash the server."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from chatconform.reference_server.faults.alterations.asked_for import (
    Test,
    above,
    below,
    is_text,
    lacks,
    member,
)
from chatconform.reference_server.faults.alterations.making import (
    Edit,
    crash,
    dropping,
    request,
    request_body,
    setting,
)
from chatconform.reference_server.faults.alterations.paths import When, role_of
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.model import Role
from chatconform.reference_server.seams import Asked

fault = family(Aspect.REFUSALS)
RETRIED = {"CC-ERR-006": "a status of 500 is retried"}
_GREETING: list[Any] = [{"role": "user", "content": "Hello!"}]
_KNOWN_ROLES = frozenset(Role)
_KNOWN_PARTS = frozenset({"text", "image_url", "input_audio", "file", "refusal"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Bad:
    """A kind of bad request: what it breaks to take it, when it is one, and how a lax server reads it."""

    name: str
    what: str
    breaks: str
    when: When
    read_as: str
    mended: Edit
    seen_in: tuple[str, ...] = ()
    crash_seen_in: tuple[str, ...] = ()
    collateral: Mapping[str, str] = field(default_factory=dict)


def _value(param: str, test: Test, *, name: str, what: str, breaks: str, as_if: Any, **seen: Any) -> Bad:
    """A value that a parameter cannot have; read as another one, or left out where that is None."""
    return Bad(
        name=name,
        what=what,
        breaks=breaks,
        when=member(param, test),
        read_as="the default" if as_if is None else f"{as_if}".lower() if as_if is True else f"{as_if}",
        mended=dropping(param) if as_if is None else setting(**{param: as_if}),
        **seen,
    )


def has_foreign_part(part: Any) -> bool:
    """Whether a content part has a type that does not exist."""
    return not (isinstance(part, dict) and part.get("type") in _KNOWN_PARTS)


def _with_foreign_part(message: Any) -> bool:
    content = message.get("content") if isinstance(message, dict) else None
    return isinstance(content, list) and any(map(has_foreign_part, content))


def _known_parts(body: Any) -> None:
    for message in filter(_with_foreign_part, body["messages"]):
        message["content"] = [part for part in message["content"] if not has_foreign_part(part)]


def _any(test: Test) -> Test:
    return lambda value: isinstance(value, list) and any(map(test, value))


def has_invented_role(message: Any) -> bool:
    """Whether the role of a message does not exist."""
    role = role_of(message)
    return isinstance(message, dict) and not (isinstance(role, str) and role in _KNOWN_ROLES)


def _as_users(body: Any) -> None:
    for message in filter(has_invented_role, body["messages"]):
        message["role"] = "user"


def _as_text(body: Any) -> None:
    body["messages"] = [{"role": "user", "content": body["messages"]}]


MEMBERS: tuple[Bad, ...] = (
    Bad(
        name="missing-messages",
        what="A request without `messages`",
        breaks="CC-REQ-003",
        when=lacks("messages"),
        read_as="a greeting",
        mended=setting(messages=_GREETING),
        collateral={"CC-AUTH-005": "it crashes before the key is looked at"},
    ),
    Bad(
        name="empty-messages",
        what="An empty array of messages",
        breaks="CC-REQ-004",
        when=member("messages", lambda value: value == []),
        read_as="a greeting",
        mended=setting(messages=_GREETING),
        seen_in=("llm-d/llm-d-inference-sim#674",),
        crash_seen_in=("letta-ai/letta#3381", "Mintplex-Labs/anything-llm#6430"),
        collateral=dict.fromkeys(("CC-CORS-003", "CC-CORS-004"), "the crash bears no header for browsers"),
    ),
    Bad(
        name="invented-role",
        what="A role that does not exist",
        breaks="CC-REQ-005",
        when=member("messages", _any(has_invented_role)),
        read_as="that of the user",
        mended=_as_users,
    ),
    Bad(
        name="foreign-part",
        what="A content part of an unknown type",
        breaks="CC-REQ-019",
        when=member("messages", _any(_with_foreign_part)),
        read_as="nothing at all",
        mended=_known_parts,
    ),
    Bad(
        name="text-for-messages",
        what="A string for `messages`",
        breaks="CC-REQ-025",
        when=member("messages", is_text),
        read_as="a message of the user",
        mended=_as_text,
    ),
)
TYPES: tuple[Bad, ...] = (
    _value(
        "temperature", is_text, name="word-for-temperature", what="A word for `temperature`",
        breaks="CC-REQ-011", as_if=None,
    ),
    _value(
        "stream", is_text, name="word-for-stream", what='The word "true" for `stream`',
        breaks="CC-REQ-026", as_if=True, seen_in=("nearai/private-ml-sdk#20",),
    ),
    _value(
        "n", lambda value: isinstance(value, float), name="fraction-for-n", what="A fraction for `n`",
        breaks="CC-REQ-027", as_if=1,
    ),
    _value(
        "stop", lambda value: isinstance(value, int), name="number-for-stop", what="A number for `stop`",
        breaks="CC-REQ-028", as_if=None,
    ),
)  # fmt: skip
# Each on the side that is sent in every run.
RANGES: tuple[Bad, ...] = tuple(
    _value(param, test, name=f"{param.replace('_', '-')}-{side}", what=f"A `{param}` {side} its range",
           breaks=breaks, as_if=bound, seen_in=seen_in)
    for param, side, test, bound, breaks, seen_in in (
        ("temperature", "above", above(2), 2, "CC-REQ-012", ("Arthur-Ficial/apfel#235",)),
        ("top_p", "above", above(1), 1, "CC-REQ-029", ("Arthur-Ficial/apfel#235",)),
        ("frequency_penalty", "below", below(-2), -2, "CC-REQ-030", ()),
        ("presence_penalty", "above", above(2), 2, "CC-REQ-063", ()),
        ("n", "below", below(1), 1, "CC-REQ-031", ()),
        ("top_logprobs", "above", above(20), 20, "CC-REQ-032", ()),
    )
)  # fmt: skip
_CUT = re.compile(rb"^\s*\{.*[^}\s]\s*$", re.DOTALL)


def is_cut(asked: Asked) -> bool:
    """The body begins a JSON object that does not end."""
    return asked.is_chat and not asked.body and _CUT.match(asked.content) is not None


def is_array(asked: Asked) -> bool:
    """The body is a JSON array."""
    return asked.is_chat and asked.content.lstrip().startswith(b"[")


def _as_greeting(asked: Asked) -> Asked:
    return asked.with_body({"model": "reference-1", "messages": _GREETING})


def _faults(bad: Bad) -> Iterator[Fault]:
    yield fault(
        f"{bad.name}-taken",
        f"{bad.what} is read as {bad.read_as}.",
        request_body(bad.mended, bad.when),
        kills=bad.breaks,
        seen_in=bad.seen_in,
    )
    yield crashing(
        bad.name, bad.what, bad.when, bad.breaks, collateral=bad.collateral, seen_in=bad.crash_seen_in
    )


def crashing(
    name: str,
    what: str,
    when: When,
    breaks: str,
    *,
    collateral: Mapping[str, str] | None = None,
    seen_in: tuple[str, ...] = (),
) -> Fault:
    """A kind of bad request that crashes the server."""
    return fault(
        f"{name}-crashes",
        f"{what} answers 500.",
        crash(when),
        kills=f"{breaks} CC-REQ-001",
        collateral={**RETRIED, **(collateral or {})},
        seen_in=seen_in,
    )


ALL: tuple[Fault, ...] = (
    *(each for bad in (*MEMBERS, *TYPES, *RANGES) for each in _faults(bad)),
    crashing("missing-model", "A request without `model`", lacks("model"), "CC-REQ-023"),
    crashing("cut-body", "A body that is cut short", is_cut, "CC-REQ-002", seen_in=("GoDiao/Free-Way#32",)),
    crashing("array-body", "A body that is an array", is_array, "CC-REQ-024"),
    fault(
        "cut-body-taken",
        "A body that is no JSON is taken for an empty one, and answered.",
        request(_as_greeting, is_cut),
        kills="CC-REQ-002",
    ),
    fault(
        "array-body-taken",
        "Of a body that is an array nothing is read, and it is answered.",
        request(_as_greeting, is_array),
        kills="CC-REQ-024",
    ),
)
