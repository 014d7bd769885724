"""Contents that do not reach the model: instructions, parts of a message, images and sounds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from chatconform.reference_server.faults.alterations.asked_for import (
    message,
)
from chatconform.reference_server.faults.alterations.making import crash, model_body
from chatconform.reference_server.faults.alterations.paths import When, role_of
from chatconform.reference_server.faults.fault import Aspect, Fault, family

fault = family(Aspect.PROMPT)
Message = dict[str, Any]


def _without(*roles: str) -> Callable[[Any], None]:
    def change(body: Any) -> None:
        body["messages"] = [each for each in body["messages"] if role_of(each) not in roles]

    return change


def _reading(read: Callable[[list[Any]], Any], *roles: str) -> Callable[[Any], None]:
    """What is made of content in parts, in messages of these roles."""

    def change(body: Any) -> None:
        for each in body["messages"]:
            if role_of(each) in roles and isinstance(each.get("content"), list):
                each["content"] = read(each["content"])

    return change


def _without_media(kind: str, instead: str = "") -> Callable[[Any], None]:
    def change(body: Any) -> None:
        for each in body["messages"]:
            if isinstance(each.get("content"), list):
                each["content"] = [
                    {"type": "text", "text": instead} if part.get("type") == kind else part
                    for part in each["content"]
                ]

    return change


def _has(kind: str) -> When:
    def test(each: Message) -> bool:
        content = each.get("content")
        parts = content if isinstance(content, list) else []
        return any(isinstance(part, dict) and part.get("type") == kind for part in parts)

    return message(test)


def _of_media() -> Iterator[Fault]:
    for name, kind, breaks in (("image", "image_url", "CC-REQ-020"), ("sound", "input_audio", "CC-REQ-062")):
        yield fault(
            f"{name}-dropped",
            f"Parts with a {name} are dropped and the text alone is answered.",
            model_body(_without_media(kind), _has(kind)),
            kills=breaks,
        )
        yield fault(
            f"{name}-named-only",
            f"In the place of the {name} the model reads that there is one.",
            model_body(_without_media(kind, f" <{name}>"), _has(kind)),
            kills=breaks,
        )
        yield fault(
            f"{name}-crashes",
            f"A part with a {name} answers 500.",
            crash(_has(kind)),
            kills=f"{breaks} CC-ERR-007",
        )


_MEDIA = dict.fromkeys(("CC-REQ-020", "CC-REQ-062"), "images and sounds are parts as well")
ALL: tuple[Fault, ...] = (
    *_of_media(),
    *(
        fault(
            f"{role}-dropped",
            f"The messages of the role {role} are filtered out before the prompt is rendered.",
            model_body(_without(role)),
            kills=kill,
            collateral={"CC-CONT-053": "instructions are lost in tool rounds too"}
            if role == "system"
            else {},
            seen_in="NousResearch/hermes-agent#105892" if role == "system" else (),
        )
        for role, kill in (("system", "CC-REQ-018@plain"), ("developer", "CC-REQ-018@streamed"))
    ),
    *(
        fault(
            f"parts-{how}-{role}",
            f"Of content in parts {what}, in messages of the role {role}.",
            model_body(_reading(read, role)),
            kills="CC-REQ-007",
            collateral=_MEDIA if role == "user" else {},
            seen_in=seen_in,
        )
        for role in ("system", "assistant", "user")
        for how, what, read, seen_in in (
            ("blanked", "nothing is read", lambda _: "", "CommandCodeAI/command-code#820"),
            ("cut-to-the-first", "only the first one is read", lambda content: content[:1], ()),
        )
    ),
)
