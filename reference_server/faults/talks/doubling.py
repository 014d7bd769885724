"""Faults in which messages reach the model twice, or reach it from another conversation."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from chatconform.reference_server.faults.alterations.conversing import (
    INSTRUCTING,
    Message,
    Messages,
    calls,
    last_of_user,
    messages,
    of_role,
    sent_messages,
    twice,
)
from chatconform.reference_server.faults.alterations.forwarding import forwarded
from chatconform.reference_server.faults.alterations.paths import follows_tool_result, is_later
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.model import ChatRequest, prompt_tokens
from chatconform.reference_server.seams import Alteration, Asked, Body, Document

fault = family(Aspect.PROMPT, Aspect.USAGE)

# How many users a store remembers, and how many messages of each.
_USERS = 64
_REMEMBERED = 4


def _question_again(given: Messages) -> Messages:
    return [*given, given[last_of_user(given)]]


def _question_twice(given: Messages) -> Messages:
    place = last_of_user(given)
    return [*given[:place], given[place], *given[place:]]


def _history_twice(given: Messages) -> Messages:
    return [*given[:-1], *given]


def _first_question_twice(given: Messages) -> Messages:
    return [*given[:1], *given] if given[0]["role"] == "user" else [*given[:2], *given[1:]]


def _spoken(message: Message) -> bool:
    return message["role"] == "assistant" and not calls(message)


class _Store(Alteration):
    """Keeps what each `user` was told, and puts it before the next conversation of the same user, once.

    A store that is not counted takes its tokens off the usage again.
    """

    def __init__(self, *, roles: tuple[str, ...], counted: bool = True) -> None:
        self._roles = roles
        self._counted = counted
        self._told: OrderedDict[str, Messages] = OrderedDict()

    def applies(self, asked: Asked) -> bool:
        return asked.is_chat and bool(asked.body.get("user"))

    def body(self, body: Body, asked: Asked) -> Body:
        known = self._told.pop(body["user"], [])
        told = [each for each in body["messages"] if each["role"] in self._roles]
        if not any(map(_spoken, body["messages"])):
            return {**body, "messages": [*known, *body["messages"]]}
        # A conversation that goes on brings its history itself.
        self._told[body["user"]] = told[:_REMEMBERED]
        while len(self._told) > _USERS:
            self._told.popitem(last=False)
        return body

    def plain(self, document: Document, asked: Asked) -> Document:
        if self._counted or not isinstance(document, dict) or "usage" not in document:
            return document
        usage: dict[str, Any] = document["usage"]
        counted = prompt_tokens(ChatRequest.from_body(asked.body))
        total = counted + usage["completion_tokens"]
        return {**document, "usage": {**usage, "prompt_tokens": counted, "total_tokens": total}}


ALL: tuple[Fault, ...] = (
    fault(
        "last-question-twice",
        "On a continuation the last user message is sent twice (`store(user); prompt = load() + [user]`).",
        messages(_question_twice, is_later),
        kills="CC-CONT-006",
        seen_in=("NousResearch/hermes-agent#101644", "ZeroTricks/lumo-tamer#52"),
    ),
    fault(
        "question-again-after-tool-result",
        "After a tool result the user message is appended once more.",
        messages(_question_again, follows_tool_result),
        kills="CC-CONT-045",
        collateral=forwarded("CC-GATE-001", "CC-GATE-002", "CC-SAFETY-005"),
        seen_in="vercel/ai#11520",
    ),
    fault(
        "history-twice",
        "A stored history is put before the history that the request brings.",
        messages(_history_twice, is_later),
        kills="CC-CONT-041",
        seen_in="NousResearch/hermes-agent#101644 (2 turns -> 8 stored messages)",
    ),
    fault(
        "system-twice",
        "The instructions are sent to the model twice.",
        messages(twice(of_role(*INSTRUCTING))),
        kills="CC-CONT-041",
        collateral=forwarded("CC-GATE-001"),
    ),
    fault(
        "answers-twice",
        "Earlier answers are sent to the model twice.",
        messages(twice(_spoken)),
        kills="CC-CONT-041",
        collateral=forwarded("CC-GATE-001", "CC-GATE-002", "CC-SAFETY-005"),
    ),
    fault(
        "first-question-twice",
        "On a continuation the first user message is sent twice.",
        messages(_first_question_twice, is_later),
        kills="CC-CONT-041",
    ),
    fault(
        "everything-twice",
        "A conversation that goes on is sent to the model twice, one copy behind the other.",
        messages(lambda given: [*given, *given], lambda asked: len(sent_messages(asked)) > 1),
        kills="CC-CONT-006 CC-CONT-045",
        collateral=forwarded("CC-GATE-001", "CC-GATE-002", "CC-SAFETY-005"),
    ),
    fault(
        "conversations-leak",
        "A store of sessions keyed by `user` adds earlier conversations to the prompt.",
        _Store(roles=("user", "assistant")),
        kills="CC-CONT-007",
        collateral={"CC-USAGE-011": "what leaks is counted"} | forwarded("CC-GATE-001"),
        also=(Aspect.TEXT,),
        seen_in="sgl-project/sglang#36552 (session state leak after disconnect)",
    ),
    fault(
        "answers-leak",
        "Earlier answers to the same `user` are added to the prompt of a new conversation.",
        _Store(roles=("assistant",)),
        kills="CC-CONT-007",
        collateral={"CC-USAGE-011": "what leaks is counted"} | forwarded("CC-GATE-001"),
        also=(Aspect.TEXT,),
    ),
    fault(
        "memory-leaks-uncounted",
        "What a user told is kept, and told to the model in every other conversation, without being counted.",
        _Store(roles=("user", "assistant"), counted=False),
        kills="CC-CONT-007",
        collateral=forwarded("CC-GATE-001"),
        also=(Aspect.TEXT,),
    ),
)
