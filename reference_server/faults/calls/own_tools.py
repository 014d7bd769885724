"""Faults in which a server runs tools of its own, and lets clients that sent none see it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace

from chatconform.reference_server.faults.alterations.asks import offers_no_tools
from chatconform.reference_server.faults.alterations.making import model_body, pieces, setting
from chatconform.reference_server.faults.alterations.rewriting import call, whole_calls
from chatconform.reference_server.faults.consequences.calls import for_all
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.model import (
    CallKind,
    ChatRequest,
    Finish,
    FinishReason,
    Piece,
    ToolCallStart,
)

Pieces = Iterator[Piece]
fault = family(Aspect.CALLS)
# What a server may bring along that runs tools by itself.
_OWN_TOOL = {
    "type": "function",
    "function": {
        "name": "look_up",
        "description": "Looks up what is going on in the world, such as the weather.",
        "parameters": {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]},
    },
}


def _with_own(kind: CallKind) -> Callable[[Pieces, ChatRequest], Pieces]:
    """Behind its text an answer bears a call of the server's own."""

    def rewrite(found: Pieces, _: ChatRequest) -> Pieces:
        for piece in found:
            if isinstance(piece, Finish) and piece.reason is FinishReason.STOP:
                number = "" if kind is CallKind.LEGACY else f"call_{secrets.token_hex(12)}"
                start = ToolCallStart(index=0, id=number, kind=kind, name="look_up")
                yield from call(start, '{"query":"the weather"}')
            yield piece

    return rewrite


def _without_calls(found: Pieces, _: ChatRequest) -> Pieces:
    for each in whole_calls(found):
        if isinstance(each, Finish) and each.reason is FinishReason.TOOL_CALLS:
            yield replace(each, reason=FinishReason.STOP)
        elif not isinstance(each, tuple):
            yield each


_ADDED = {"CC-GATE-005": "a gateway that does so forwards its own tools"}
_IN_MESSAGES = {
    "CC-CONT-015": "the server refuses its own message in a history",
    **for_all("CC-LOGPROBS-001 CC-SAMPLE-009", "messages with calls have other members"),
}

ALL: tuple[Fault, ...] = (
    fault(
        "own-calls-handed-out",
        "The server's own tool calls are handed to a client that sent no tools.",
        model_body(setting(tools=[_OWN_TOOL]), offers_no_tools),
        kills="CC-TOOLS-016@plain CC-TOOLS-016@all-traffic",
        collateral=_ADDED,
        also=(Aspect.PROMPT, Aspect.FINISH, Aspect.TEXT),
    ),
    fault(
        "own-calls-dropped",
        "Where the server calls a tool of its own, the client gets an empty text.",
        model_body(setting(tools=[_OWN_TOOL]), offers_no_tools),
        pieces(_without_calls, offers_no_tools),
        kills="CC-TOOLS-016@plain",
        collateral={**_ADDED, "CC-FORMAT-001": "the text is empty in JSON mode too"},
        also=(Aspect.PROMPT, Aspect.FINISH, Aspect.TEXT),
    ),
    fault(
        "own-calls-beside-text",
        "Answers to requests without tools bear a call of the server's own beside their text.",
        pieces(_with_own(CallKind.FUNCTION), offers_no_tools),
        kills="CC-TOOLS-016@plain CC-TOOLS-016@all-traffic",
        collateral=_IN_MESSAGES,
        also=(Aspect.TEXT,),
    ),
    fault(
        "own-function-calls-beside-text",
        "Answers to requests without tools bear a function_call of the server's own beside their text.",
        pieces(_with_own(CallKind.LEGACY), offers_no_tools),
        kills="CC-TOOLS-016@all-traffic",
        collateral=_IN_MESSAGES,
        also=(Aspect.TEXT,),
    ),
)
