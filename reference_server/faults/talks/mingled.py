"""Faults that show where several things come together in a conversation, none of them odd by itself."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from typing import Any

from chatconform.reference_server.faults.alterations.asked_for import refused_as_invalid
from chatconform.reference_server.faults.alterations.asks import both
from chatconform.reference_server.faults.alterations.conversing import (
    Messages,
    calls,
    messages,
    of_role,
    sent_messages,
)
from chatconform.reference_server.faults.alterations.counting import Usage, counts
from chatconform.reference_server.faults.alterations.forms import answers
from chatconform.reference_server.faults.alterations.forwarding import forwarded
from chatconform.reference_server.faults.alterations.making import crash, model_body, pieces, setting
from chatconform.reference_server.faults.alterations.paths import (
    When,
    follows_tool_result,
    is_plain,
    is_streamed,
)
from chatconform.reference_server.faults.alterations.reach import WHOLE_EXCHANGE
from chatconform.reference_server.faults.alterations.rewriting import arguments, ends
from chatconform.reference_server.faults.consequences.calls import NOT_FORWARDED, for_all
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.model import ChatRequest, FinishReason, Piece, ToolCallStart
from chatconform.reference_server.seams import Alteration, Asked, Body, Document

_TOOLS = of_role("tool")
_KEPT = 3
_REMEMBERED = 256


def _after_rounds(count: int) -> When:
    """The history has so many tool rounds or more."""
    return lambda asked: sum(map(calls, sent_messages(asked))) >= count


def _must_call(asked: Asked) -> bool:
    """A call is required, of a named tool or of any."""
    choice = asked.body.get("tool_choice")
    return asked.is_chat and (choice == "required" or isinstance(choice, dict))


def _may_not_call(asked: Asked) -> bool:
    return asked.body.get("tool_choice") == "none"


def _is_out_of_order(asked: Asked) -> bool:
    """The results of some round came in another order than its calls."""
    given = sent_messages(asked)
    return any(_order(given[place:]) for place, message in enumerate(given) if calls(message))


def _order(given: Messages) -> bool:
    called = [call["id"] for call in given[0]["tool_calls"]]
    told = [message.get("tool_call_id") for message in given[1 : len(called) + 1]]
    return sorted(map(str, told)) == sorted(map(str, called)) and told != called


def _has_parts(asked: Asked, *roles: str) -> bool:
    """A message of these roles has its content in parts."""
    return any(
        isinstance(each.get("content"), list) for each in sent_messages(asked) if of_role(*roles)(each)
    )


def _user_has_parts(asked: Asked) -> bool:
    return _has_parts(asked, "user")


def _ends_with_results(asked: Asked) -> bool:
    return any(map(_TOOLS, sent_messages(asked)[-1:]))


def _several_results(asked: Asked) -> bool:
    """Some round had several calls."""
    return any(len(each["tool_calls"]) > 1 for each in sent_messages(asked) if calls(each))


def _id_of_the_conversation(holder: Any, asked: Asked) -> None:
    first = next(each for each in sent_messages(asked) if each["role"] == "user")
    holder["id"] = f"chatcmpl-{sha256(repr(first).encode()).hexdigest()[:24]}"


def _ids_of_the_first_round(found: Iterator[Piece], request: ChatRequest) -> Iterator[Piece]:
    earlier = [call.id for message in request.messages for call in message.calls]
    for piece in found:
        if isinstance(piece, ToolCallStart) and piece.index < len(earlier):
            yield replace(piece, id=earlier[piece.index])
        else:
            yield piece


def _adding(tokens: int, when: When) -> Alteration:
    def change(told: Usage, _: Asked) -> None:
        told["prompt_tokens"] += tokens

    return counts(change, when)


class _Store(Alteration):
    """Keeps conversations with tool results, and puts a stored one before itself when it comes again."""

    def __init__(self) -> None:
        self._seen: OrderedDict[str, None] = OrderedDict()

    def applies(self, asked: Asked) -> bool:
        return follows_tool_result(asked)

    def body(self, body: Body, asked: Asked) -> Body:
        name = repr((asked.body.get("stream"), asked.body["messages"]))
        if name in self._seen:
            return {**body, "messages": [*body["messages"][:1], *body["messages"]]}
        self._seen[name] = None
        while len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        return body


class _Listener(Alteration):
    """Tells in a plain answer to tool results what another conversation began with."""

    def __init__(self) -> None:
        self._told: OrderedDict[str, None] = OrderedDict()

    def applies(self, asked: Asked) -> bool:
        return asked.is_chat and bool(asked.body.get("tools"))

    def plain(self, document: Document, asked: Asked) -> Document:
        first = next(
            (str(each.get("content")) for each in sent_messages(asked) if each["role"] == "user"), ""
        )
        others = [told for told in self._told if told != first]
        self._told[first] = None
        self._told.move_to_end(first)
        while len(self._told) > _KEPT:
            self._told.popitem(last=False)
        if (
            _may_not_call(asked)
            and _ends_with_results(asked)
            and others
            and isinstance(document, dict)
            and document.get("choices")
        ):
            message = document["choices"][0]["message"]
            message["content"] = f"{message.get('content') or ''} ({'; '.join(others)})"
        return document


_PROMPT = family(Aspect.PROMPT, Aspect.USAGE)
_CALLS = family(Aspect.CALLS)
_ENDS = family(Aspect.FINISH, Aspect.CALLS)
_NO_ANSWER = family(*WHOLE_EXCHANGE)

ALL: tuple[Fault, ...] = (
    family(Aspect.IDENTITY)(
        "answer-id-of-the-conversation-after-a-round",
        "After a tool round the ids of answers are a hash of the conversation's first message.",
        answers(_id_of_the_conversation, follows_tool_result),
        kills="CC-TALK-001",
        collateral={"CC-RESP-002": "the ids are no other answers' either"},
    ),
    _CALLS(
        "call-ids-begin-again-where-a-call-is-required",
        "Where a call is required after a tool round, its id is that of a call of the first round.",
        pieces(_ids_of_the_first_round, both(_must_call, _after_rounds(1))),
        kills="CC-TALK-001",
        collateral={"CC-TOOLS-005": "a call is required after a round there as well"},
    ),
    _CALLS(
        "streamed-arguments-cut-after-a-round",
        "Where several calls came before, the arguments of a streamed call lack their last character.",
        arguments(lambda text: text[:-1], both(is_streamed, _several_results)),
        kills="CC-TALK-002",
        collateral=for_all("CC-TOOLS-002 CC-TOOLS-007 CC-TOOLS-009", "the arguments are cut"),
    ),
    _ENDS(
        "texts-end-with-tool-calls-after-results-out-of-order",
        "Where results came out of order, a text ends with `tool_calls`.",
        ends({FinishReason.STOP: FinishReason.TOOL_CALLS}, both(_is_out_of_order, _ends_with_results)),
        kills="CC-TALK-002",
        collateral={"CC-TOOLS-018": "there is no call"},
    ),
    _NO_ANSWER(
        "results-out-of-order-refused-later",
        "Results that come in another order than their calls are refused after the first tool round.",
        refused_as_invalid("messages: results out of order", both(_is_out_of_order, _after_rounds(2))),
        kills="CC-TALK-003",
    ),
    _NO_ANSWER(
        "streamed-parts-beside-tool-results-crash",
        "A stream of a conversation with text parts of the user and tool results answers 500.",
        crash(both(is_streamed, both(follows_tool_result, _user_has_parts))),
        kills="CC-TALK-003",
        collateral={"CC-ERR-007": "its requests are legal"},
    ),
    _PROMPT(
        "stored-conversation-comes-again",
        "A conversation with tool results that comes again finds a part of itself in its prompt.",
        _Store(),
        kills="CC-TALK-004",
        collateral=for_all("CC-USAGE-003 CC-USAGE-011", "of two equal requests the later costs more"),
    ),
    family(Aspect.TEXT)(
        "other-conversations-are-heard-after-results",
        "A plain answer to results, beside tool_choice none, tells what other conversations began with.",
        _Listener(),
        kills="CC-TALK-004",
        collateral={"CC-USAGE-012": "what is told of others is not counted"},
    ),
    _PROMPT(
        "history-cut-beside-parts-and-results",
        "Of a history with text parts of the user and tool results only the last three messages are kept.",
        messages(lambda given: given[-_KEPT:], both(follows_tool_result, _user_has_parts)),
        kills="CC-TALK-005",
        collateral=forwarded("CC-GATE-001", "CC-SAFETY-005"),
    ),
    family(Aspect.CALLS, Aspect.PARAMETERS)(
        "streams-call-nothing-after-a-round",
        "After a tool round a stream brings text where a call is required.",
        model_body(setting(tool_choice="none"), both(is_streamed, both(_must_call, _after_rounds(1)))),
        kills="CC-TALK-006",
        collateral=NOT_FORWARDED,
    ),
    family(Aspect.USAGE)(
        "streamed-prompt-tokens-more-after-several-calls",
        "Where several calls were answered, a stream counts five prompt tokens more.",
        _adding(5, both(is_streamed, _several_results)),
        kills="CC-TALK-006",
        collateral={"CC-USAGE-007": "plain answers count less"},
    ),
    _ENDS(
        "required-calls-end-with-stop-plain-after-a-round",
        "After a tool round a required call ends with `stop` plain, and with `tool_calls` as a stream.",
        ends(
            {FinishReason.TOOL_CALLS: FinishReason.STOP},
            both(is_plain, both(_must_call, _after_rounds(1))),
        ),
        kills="CC-TALK-006",
    ),
)
