"""Faults in what reaches the model of a conversation: messages that are lost, cut or put elsewhere."""

from __future__ import annotations

from collections.abc import Callable

from chatconform.reference_server.faults.alterations.conversing import (
    INSTRUCTING,
    Message,
    Messages,
    calls,
    each_of,
    has_history,
    last_of_user,
    messages,
    of_role,
    without,
)
from chatconform.reference_server.faults.alterations.forwarding import forwarded
from chatconform.reference_server.faults.alterations.paths import follows_tool_result, is_later, is_streamed
from chatconform.reference_server.faults.fault import Aspect, Fault, family

fault = family(Aspect.PROMPT, Aspect.USAGE, Aspect.TEXT, Aspect.PARAMETERS)

_LOST = "its message is lost with the history"
_WITH_ALL = ("CC-CONT-017", "CC-CONT-053", "CC-REQ-018")
# What a window of so many messages loses besides.
_ALSO = {
    2: ("CC-CONT-043", "CC-CONT-045", "CC-CONT-053", "CC-REQ-018"),
    4: ("CC-CONT-053", "CC-REQ-018"),
    6: ("CC-REQ-018",),
}
# What a gateway with such a window shows: six messages are more than its shorter conversations have.
_ALL = forwarded("CC-GATE-001", "CC-GATE-002", "CC-SAFETY-005")
_WINDOWED = {2: _ALL, 4: _ALL, 6: forwarded("CC-GATE-001")}
_UNASKED = {"CC-CONT-022": "the model is not asked for words, so that it has nothing to draw"}
_UNCOUNTED = {"CC-USAGE-013": "words that are lost are not counted"}

_SPEAKS = of_role("assistant")


def _lost(*requirements: str) -> dict[str, str]:
    return dict.fromkeys(requirements, _LOST)


def _only_last_user(given: Messages) -> Messages:
    return [given[last_of_user(given)]]


def _earlier_questions_lost(given: Messages) -> Messages:
    last = given[last_of_user(given)]
    return [message for message in given if message["role"] != "user" or message is last]


def _first_answer_lost(given: Messages) -> Messages:
    place = next((n for n, message in enumerate(given) if _SPEAKS(message) and not calls(message)), -1)
    return [message for n, message in enumerate(given) if n != place]


def _answers_but_the_last_lost(given: Messages) -> Messages:
    spoken = [message for message in given if _SPEAKS(message) and not calls(message)]
    return [message for message in given if all(message is not lost for lost in spoken[:-1])]


def _cut(message: Message) -> Message:
    content = message.get("content")
    return {**message, "content": content[:200]} if isinstance(content, str) else message


def _last(count: int) -> Callable[[Messages], Messages]:
    return lambda given: given[-count:]


ALL: tuple[Fault, ...] = (
    fault(
        "only-the-last-message",
        "Only the last message is sent to the model.",
        messages(lambda given: given[-1:], has_history),
        kills="CC-CONT-005",
        collateral=_lost(*_WITH_ALL, "CC-CONT-002", "CC-CONT-043", "CC-CONT-045")
        | _UNASKED
        | _UNCOUNTED
        | _ALL,
        seen_in="letta-ai/letta#3381 and Mintplex-Labs/anything-llm#6430 read only messages[-1]",
    ),
    fault(
        "only-the-last-user-message",
        "Only the last user message is sent to the model.",
        messages(_only_last_user, has_history),
        kills="CC-CONT-005",
        collateral=_lost(*_WITH_ALL, "CC-CONT-001", "CC-CONT-002", "CC-CONT-003") | _UNCOUNTED | _ALL,
    ),
    *(
        fault(
            f"only-the-last-{count}-messages",
            f"Only the last {count} messages are sent to the model.",
            messages(_last(count), has_history),
            kills="CC-CONT-005 CC-CONT-017",
            collateral=_lost(*also) | (_UNASKED if count == 2 else {}) | _WINDOWED[count],
        )
        for count, also in _ALSO.items()
    ),
    fault(
        "only-the-last-four-streamed",
        "Only the last four messages of a conversation are sent to the model in streams.",
        messages(lambda given: given[-4:], lambda asked: has_history(asked) and is_streamed(asked)),
        kills="CC-CONT-005@streamed CC-CONT-017@streamed",
        collateral=_lost("CC-CONT-053", "CC-REQ-018") | {"CC-USAGE-007": "streams count less"} | _ALL,
    ),
    fault(
        "only-user-messages",
        "Only messages of the role user are kept from the history.",
        messages(lambda given: [m for m in given if m["role"] == "user"], is_later),
        kills="CC-CONT-040",
        collateral=_lost("CC-REQ-018"),
        seen_in="CommandCodeAI/command-code#820 (assistant parts silently blanked)",
    ),
    fault(
        "answers-lost",
        "Earlier answers are left out.",
        messages(_answers_but_the_last_lost),
        kills="CC-CONT-040",
        collateral=forwarded("CC-GATE-001"),
    ),
    fault(
        "first-answer-lost",
        "The first answer is left out, so that the user speaks first.",
        messages(_first_answer_lost),
        kills="CC-CONT-040",
        collateral=_ALL,
    ),
    fault(
        "earlier-questions-lost",
        "Of the user's messages only the last one is sent to the model.",
        messages(_earlier_questions_lost),
        kills="CC-CONT-005 CC-CONT-017",
        collateral=_ALL,
    ),
    fault(
        "last-question-lost",
        "The last user message of a later turn is not sent to the model.",
        messages(lambda given: given[:-1], is_later),
        kills="CC-CONT-006",
    ),
    fault(
        "question-lost-after-tool-result",
        "The user message that led to a tool call is not sent to the model with the tool's result.",
        messages(without(of_role("user")), follows_tool_result),
        kills="CC-CONT-045",
        collateral=_UNASKED | _ALL,
    ),
    fault(
        "system-cut",
        "System and developer messages are cut to 200 characters.",
        messages(each_of(_cut, of_role(*INSTRUCTING))),
        kills="CC-CONT-053",
    ),
    fault(
        "system-lost",
        "System and developer messages are not sent to the model.",
        messages(without(of_role(*INSTRUCTING))),
        kills="CC-CONT-053 CC-REQ-018",
        collateral=forwarded("CC-GATE-001", "CC-SAFETY-005"),
    ),
    fault(
        "system-lost-after-tool-result",
        "The request that follows tool results is built without the system message.",
        messages(without(of_role(*INSTRUCTING)), follows_tool_result),
        kills="CC-CONT-053",
        collateral=forwarded("CC-GATE-001", "CC-SAFETY-005"),
    ),
)
