"""Conversations that are legal and unusual: refused without a word, crashing, or read in part."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from chatconform.reference_server.faults.alterations.asked_for import (
    message,
    objects_in,
    refused_as_invalid,
    refused_without_a_word,
)
from chatconform.reference_server.faults.alterations.making import completion, crash, setting
from chatconform.reference_server.faults.alterations.paths import When, role_of
from chatconform.reference_server.faults.fault import Aspect, Fault, family

Message = dict[str, Any]
fault = family(Aspect.PROMPT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Oddity:
    """Something that a conversation may have: the rule that lets it pass, and when a request has it.

    `collateral` are the rules whose conversations have it as well.
    """

    name: str
    what: str
    breaks: str
    when: When
    seen_in: tuple[str, ...] = ()
    collateral: tuple[str, ...] = ()


def _named(role: str) -> When:
    return message(lambda each: role_of(each) == role and "name" in each)


def _roles(test: Callable[[list[Any]], bool]) -> When:
    return lambda asked: asked.is_chat and test([role_of(each) for each in objects_in(asked)])


def _in_a_row(role: str) -> When:
    return _roles(lambda roles: (role, role) in pairwise(roles))


def _calls_with(test: Callable[[Message], bool]) -> When:
    return message(lambda each: bool(each.get("tool_calls")) and test(each))


def _said(role: str, test: Callable[[Any], bool]) -> When:
    return message(
        lambda each: role_of(each) == role and "tool_calls" not in each and test(each.get("content"))
    )


def _is_blank(content: Any) -> bool:
    return isinstance(content, str) and bool(content) and content.isspace()


_NULL_BESIDE_CALLS = _calls_with(lambda each: "content" in each and each["content"] is None)
_MISSING_BESIDE_CALLS = _calls_with(lambda each: "content" not in each)
_PARTS = message(lambda each: isinstance(each.get("content"), list))
_NO_USER = _roles(lambda roles: bool(roles) and "user" not in roles)
_OF_CONTINUED = (
    "001 002 003 004 008 009 011 012 013 014 016 018 021 022 023 024 025 026 027 030 032 033"
    " 034 043 044 045 046 048 050 052 053 054 055 057"
)
_IN_PARTS = (
    *("CC-CONT-014", "CC-CONT-048", "CC-ERR-006", "CC-ERR-017"),
    *("CC-REQ-001", "CC-REQ-019", "CC-REQ-020", "CC-REQ-062"),
)
# Where an assistant calls a tool, its message has no content.
_TOOL_ROUNDS = (
    *(f"CC-CONT-{number}" for number in _OF_CONTINUED.split()),
    *("CC-STOP-002", "CC-TOOLS-004", "CC-TOOLS-005", "CC-TOOLS-011"),
)

ODDITIES = (
    Oddity(
        name="developer",
        what="A message of the developer",
        breaks="CC-REQ-006",
        when=message(lambda each: role_of(each) == "developer"),
        collateral=("CC-REQ-018",),
        seen_in=("peonist-ai/halogen-server#3", "8monkey-ai/hebo-gateway#251", "openclaw/openclaw#27037"),
    ),
    Oddity(
        name="content-parts",
        what="Content in parts",
        breaks="CC-REQ-007",
        when=_PARTS,
        collateral=_IN_PARTS,
        seen_in=("infiniflow/ragflow#15359", "lemonade-sdk/lemonade#629"),
    ),
    Oddity(
        name="null-beside-calls",
        what="`content: null` beside tool calls",
        breaks="CC-REQ-008",
        when=_NULL_BESIDE_CALLS,
        collateral=_TOOL_ROUNDS,
        seen_in=("lmstudio-ai/lmstudio-bug-tracker#261", "mistralai/mistral-common#324"),
    ),
    Oddity(
        name="empty-assistant",
        what="An empty message of the assistant",
        breaks="CC-REQ-009",
        when=_said("assistant", lambda content: content == ""),
        seen_in=("tashfeenahmed/freellmapi#165",),
    ),
    Oddity(
        name="named-user", what="A `name` on a message of the user", breaks="CC-REQ-016", when=_named("user")
    ),
    Oddity(
        name="users-in-a-row",
        what="Two messages of the user in a row",
        breaks="CC-REQ-017",
        when=_in_a_row("user"),
        seen_in=("vllm-project/vllm#6862", "suitenumerique/conversations#197"),
    ),
    Oddity(
        name="named-system", what="A `name` on a system message", breaks="CC-REQ-055", when=_named("system")
    ),
    Oddity(
        name="systems-in-a-row",
        what="A second system message",
        breaks="CC-REQ-056",
        when=_in_a_row("system"),
    ),
    Oddity(
        name="late-system",
        what="A system message after one of the user",
        breaks="CC-REQ-057",
        when=_roles(lambda roles: ("user", "system") in pairwise(roles)),
    ),
    Oddity(
        name="last-assistant",
        what="A conversation that ends with the assistant",
        breaks="CC-REQ-058",
        when=_roles(lambda roles: roles[-1:] == ["assistant"] and "user" in roles),
    ),
    Oddity(
        name="missing-beside-calls",
        what="A message without `content` beside tool calls",
        breaks="CC-REQ-059",
        when=_MISSING_BESIDE_CALLS,
        seen_in=("pydantic/pydantic-ai#2641",),
    ),
    Oddity(
        name="empty-user",
        what="An empty message of the user",
        breaks="CC-REQ-060",
        when=_said("user", lambda content: content == ""),
    ),
    Oddity(
        name="blank-user",
        what="A message of the user of white space alone",
        breaks="CC-REQ-061",
        when=_said("user", _is_blank),
    ),
)


def _besides(requirements: tuple[str, ...]) -> dict[str, str]:
    return dict.fromkeys(requirements, "its conversation has the same")


def _of_oddities() -> Iterator[Fault]:
    for oddity in ODDITIES:
        yield fault(
            f"{oddity.name}-refused",
            f"{oddity.what} is refused, and nothing tells why.",
            refused_without_a_word(oddity.when),
            kills=oddity.breaks,
            collateral=_besides(oddity.collateral),
            seen_in=oddity.seen_in,
        )
        yield fault(
            f"{oddity.name}-crashes",
            f"{oddity.what} answers 500.",
            crash(oddity.when),
            kills=f"{oddity.breaks} CC-ERR-007",
            collateral=_besides(oddity.collateral),
            seen_in=oddity.seen_in,
        )


ALL: tuple[Fault, ...] = (
    *_of_oddities(),
    *(
        fault(
            f"{name}-beside-calls-wanted",
            f"{what} beside tool calls is refused: a content is wanted there.",
            refused_as_invalid("messages: content is required beside tool_calls", when),
            kills=breaks,
            collateral=_besides(collateral),
        )
        for name, what, when, breaks, collateral in (
            ("content", "`content: null`", _NULL_BESIDE_CALLS, "CC-REQ-008", _TOOL_ROUNDS),
            ("missing-content", "A message without `content`", _MISSING_BESIDE_CALLS, "CC-REQ-059", ()),
        )
    ),
    fault(
        "no-user-crashes",
        "A conversation without a user message answers 500.",
        crash(_NO_USER),
        kills="CC-REQ-021 CC-ERR-007",
        seen_in=("letta-ai/letta#3381", "Mintplex-Labs/anything-llm#6430"),
    ),
    fault(
        "no-user-answered-with-an-error",
        "A conversation without a user message answers 200 with an error beside the choices.",
        completion(setting(error={"message": "There is no question.", "type": "error"}), _NO_USER),
        kills="CC-REQ-021",
        collateral={
            "CC-ERR-002": "an error comes with 200",
        },
    ),
)
