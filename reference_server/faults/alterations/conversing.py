"""Alterations of the messages that the model is given, and what tells messages apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chatconform.reference_server.faults.alterations.making import When, chats, model_body
from chatconform.reference_server.seams import Alteration, Asked

Message = dict[str, Any]
Messages = list[Message]
Which = Callable[[Message], bool]

INSTRUCTING = ("system", "developer")


def messages(change: Callable[[Messages], Messages], when: When = chats) -> Alteration:
    """The model is given other messages than those that were accepted."""

    def edit(body: Any) -> None:
        body["messages"] = change(body["messages"])

    return model_body(edit, when)


def each_of(change: Callable[[Message], Message], which: Which) -> Callable[[Messages], Messages]:
    """An edit of every message of a kind."""
    return lambda given: [change(message) if which(message) else message for message in given]


def without(which: Which) -> Callable[[Messages], Messages]:
    """An edit that removes the messages of a kind."""
    return lambda given: [message for message in given if not which(message)]


def twice(which: Which) -> Callable[[Messages], Messages]:
    """An edit that repeats every message of a kind."""
    return lambda given: [each for message in given for each in [message] * (1 + which(message))]


def of_role(*roles: str) -> Which:
    """Messages of some roles."""
    return lambda message: message["role"] in roles


def calls(message: Message) -> bool:
    """Messages of the assistant with tool calls."""
    return bool(message.get("tool_calls"))


def last_of_user(given: Messages) -> int:
    """The place of the last message of the user; -1 where there is none."""
    return max((place for place, message in enumerate(given) if message["role"] == "user"), default=-1)


def has_history(asked: Asked) -> bool:
    """The conversation has an answer of the assistant."""
    return asked.is_chat and any(of_role("assistant")(message) for message in sent_messages(asked))


def sent_messages(asked: Asked) -> Messages:
    """The messages of a request as they were sent, those left out that are no objects with a role."""
    sent = asked.body.get("messages")
    each = sent if isinstance(sent, list) else []
    return [message for message in each if isinstance(message, dict) and isinstance(message.get("role"), str)]
