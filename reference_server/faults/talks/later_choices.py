"""Faults in which a choice of tools or a format is bent after the first turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from chatconform.reference_server.faults.alterations.conversing import has_history
from chatconform.reference_server.faults.alterations.forwarding import MISREAD
from chatconform.reference_server.faults.alterations.making import (
    When,
    chunk,
    completion,
    each_choice,
    model_body,
    pieces,
)
from chatconform.reference_server.faults.alterations.paths import PATHS
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.model import ChatRequest, Finish, Piece, Text
from chatconform.reference_server.seams import Alteration, Asked

fault = family(Aspect.PARAMETERS, Aspect.CALLS, Aspect.TEXT, Aspect.FINISH)

_AFTER, _LATER = (PATHS[name] for name in ("after-tool-result", "later-turn"))
_MARKUP = '<tool_call>{"name": "get_weather", "arguments": {"city": "Paris"}}</tool_call>'


def _saying(text: str) -> Callable[[Iterator[Piece], ChatRequest], Iterator[Piece]]:
    """Pieces in which one text stands for all others."""

    def change(pieces: Iterator[Piece], _: ChatRequest) -> Iterator[Piece]:
        yield Text(text=text, tokens=())
        yield from (piece for piece in pieces if isinstance(piece, Finish))

    return change


def _in_brackets(pieces: Iterator[Piece], _: ChatRequest) -> Iterator[Piece]:
    yield Text(text="[", tokens=())
    for piece in pieces:
        if isinstance(piece, Finish):
            yield Text(text="]", tokens=())
        yield piece


def _ending(reason: str, when: When) -> tuple[Alteration, Alteration]:
    """Choices that came to their end have another finish reason, in both forms."""

    def edit(choice: Any) -> None:
        if choice.get("finish_reason") == "stop":
            choice["finish_reason"] = reason

    return completion(each_choice(edit), when), chunk(each_choice(edit), when)


def _asks(is_meant: Callable[[Any], bool], turn: When = has_history) -> When:
    return lambda asked: bool(turn(asked) and is_meant(asked.body))


def _forbids(body: Any) -> bool:
    return bool(body.get("tool_choice") == "none")


def _format(kind: str) -> Callable[[Any], bool]:
    def is_meant(body: Any) -> bool:
        wanted = body.get("response_format")
        return isinstance(wanted, dict) and wanted.get("type") == kind

    return is_meant


def _names_a_tool(body: Any) -> bool:
    return isinstance(body.get("tool_choice"), dict)


def _has_tools(asked: Asked) -> bool:
    return _AFTER(asked) and bool(asked.body.get("tools"))


ALL: tuple[Fault, ...] = (
    fault(
        "named-choice-is-none-later",
        "A choice that names a tool brings no call once the conversation has an answer.",
        model_body(lambda body: {**body, "tool_choice": "none"}, _asks(_names_a_tool)),
        kills="CC-CONT-033",
        collateral=MISREAD,
    ),
    fault(
        "named-choice-is-required-later",
        "A choice that names a tool is read as `required` once the conversation has an answer.",
        model_body(lambda body: {**body, "tool_choice": "required"}, _asks(_names_a_tool)),
        kills="CC-CONT-033",
        collateral=MISREAD,
    ),
    fault(
        "none-is-auto-after-tool-result",
        "After a tool result `none` is treated as `auto`, so that the conversation may go on.",
        model_body(lambda body: {**body, "tool_choice": "auto"}, _asks(_forbids, _AFTER)),
        kills="CC-CONT-055@after-tool-result",
        collateral=MISREAD,
    ),
    fault(
        "required-is-auto-later",
        "Where the conversation has an assistant message, `required` is treated as `auto`.",
        model_body(
            lambda body: {**body, "tool_choice": "auto"},
            _asks(lambda body: body.get("tool_choice") == "required"),
        ),
        kills="CC-CONT-032 CC-CONT-056",
        collateral=MISREAD,
    ),
    fault(
        "none-ends-with-tool-calls-later",
        "Under `none` an answer in text ends with tool_calls once the conversation has an answer.",
        *_ending("tool_calls", _asks(_forbids)),
        kills="CC-CONT-055",
        collateral={"CC-TOOLS-018": "there are no calls"},
    ),
    fault(
        "none-leaves-markup-later",
        "Under `none` the call is written out as text once the conversation has an answer.",
        pieces(_saying(_MARKUP), _asks(_forbids)),
        kills="CC-CONT-055",
        collateral={"CC-RESP-010": "markup stands in a text"},
    ),
    fault(
        "tool-calls-claimed-after-tool-result",
        "The answer in text after a tool result ends with tool_calls, as the turn before it did.",
        *_ending("tool_calls", _has_tools),
        kills="CC-CONT-001",
        collateral=dict.fromkeys(("CC-CONT-009", "CC-CONT-055", "CC-STOP-002"), "it ends with another reason")
        | {"CC-TOOLS-018": "there are no calls"},
    ),
    fault(
        "object-in-a-list-later",
        "`json_object` gives a list with the object once the conversation has an answer.",
        pieces(_in_brackets, _asks(_format("json_object"))),
        kills="CC-CONT-030 CC-CONT-031",
    ),
    *(
        fault(
            f"schema-is-json-object-{name}",
            f"A `json_schema` is read as `json_object` {told}.",
            model_body(
                lambda body: {**body, "response_format": {"type": "json_object"}},
                _asks(_format("json_schema"), turn),
            ),
            kills=f"CC-CONT-057@{path}",
            collateral=MISREAD,
        )
        for name, told, turn, path in (
            ("after-tool-result", "after a tool result", _AFTER, "after-tool-result"),
            ("later", "on a later turn", _LATER, "later-turn-streamed"),
        )
    ),
)
