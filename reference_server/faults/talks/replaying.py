"""Faults in which a server does not take back what it said, says it again, or spoils its letters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from chatconform.reference_server.faults.alterations.conversing import (
    Message,
    calls,
    each_of,
    messages,
    sent_messages,
)
from chatconform.reference_server.faults.alterations.forwarding import forwarded
from chatconform.reference_server.faults.alterations.making import (
    Edit,
    completion,
    each_message,
    model_body,
    pieces,
    refusal,
    reply,
)
from chatconform.reference_server.faults.alterations.paths import follows_tool_result, is_later
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.model import ChatRequest, Piece, Role, Text
from chatconform.reference_server.refusal import Refusal, invalid
from chatconform.reference_server.seams import Alteration, Asked, Response

fault = family(Aspect.PROMPT, Aspect.REFUSALS, Aspect.SHAPE)
_spoiling = family(Aspect.PROMPT, Aspect.TEXT, Aspect.USAGE)


def _own_key(which: Callable[[Message], bool], key: str, value: Any) -> tuple[Alteration, Alteration]:
    """Messages are returned with a key that is refused when they are sent back."""

    def refused(asked: Asked) -> Refusal | None:
        sent = sent_messages(asked)
        place = next((n for n, message in enumerate(sent) if which(message) and key in message), None)
        return invalid("Unknown member.", param=f"messages[{place}].{key}") if place is not None else None

    def edit(message: Any) -> None:
        if which(message):
            message[key] = value

    return completion(each_message(edit)), refusal(refused)


def _speaks(message: Message) -> bool:
    return message.get("role") == "assistant" and not calls(message)


def _said_before(pieces: Iterator[Piece], request: ChatRequest) -> Iterator[Piece]:
    spoken = [message.text for message in request.messages if message.role is Role.ASSISTANT and message.text]
    if spoken:
        yield Text(text=f"{spoken[-1]} ", tokens=())
    yield from pieces


def _read_as(change: Callable[[str], str]) -> Edit:
    """An edit of the texts of a message and of the arguments of its calls."""

    def text(value: Any) -> Any:
        return change(value) if isinstance(value, str) else value

    def edit(message: Message) -> Message:
        content = message.get("content")
        if isinstance(content, list):
            content = [{**part, "text": text(part["text"])} if "text" in part else part for part in content]
        made = [
            {**call, "function": {**call["function"], "arguments": text(call["function"]["arguments"])}}
            if "function" in call
            else call
            for call in message.get("tool_calls") or ()
        ]
        return {**message, "content": text(content), **({"tool_calls": made} if made else {})}

    return edit


def _latin(text: str) -> str:
    return text.encode().decode("latin-1")


def _question_marks(text: str) -> str:
    return text.encode("ascii", "replace").decode()


def _escaped(text: str) -> str:
    return "".join(char if char.isascii() else f"\\\\u{ord(char):04x}" for char in text)


def _writes_a_default(asked: Asked) -> bool:
    return asked.is_chat and asked.body.get("presence_penalty") == 0


def _page(response: Response) -> Response:
    kept = tuple(pair for pair in response.headers if pair[0] != "content-type")
    page = b"<html><body><h1>400 Bad Request</h1></body></html>"
    return Response(status=400, headers=(*kept, ("content-type", "text/html")), content=page)


# What a gateway is given to go on with are its own messages.
_SENT_BACK = dict.fromkeys(("CC-CONT-010", "CC-GATE-002"), "the continuation that is forwarded is refused")
_CHARSETS = {
    "latin-1": ("Message text is decoded as latin-1 before it is rendered", _latin),
    "question-marks": ("Letters beyond ASCII become question marks in the history", _question_marks),
    "escapes": ("Letters beyond ASCII are escaped twice in the history", _escaped),
}

ALL: tuple[Fault, ...] = (
    fault(
        "own-text-refused",
        "Messages are returned with an `annotations` key that the server itself refuses as input.",
        *_own_key(_speaks, "annotations", []),
        kills="CC-CONT-015",
        collateral=_SENT_BACK,
        seen_in="openai/openai-node#1341 ([] rejected on replay)",
    ),
    fault(
        "own-calls-refused",
        "Messages with calls are returned with a key that the server itself refuses as input.",
        *_own_key(calls, "reasoning_content", ""),
        kills="CC-CONT-051",
        collateral=_SENT_BACK,
        seen_in="lmstudio-ai/lmstudio-bug-tracker#261",
    ),
    _spoiling(
        "last-answer-again",
        "The text of the last assistant message is put before the answer.",
        pieces(_said_before, is_later),
        kills="CC-CONT-049",
        collateral=dict.fromkeys(
            ("CC-CONT-008", "CC-CONT-009", "CC-CONT-026", "CC-CONT-031", "CC-CONT-057"),
            "the text begins with another one",
        ),
    ),
    *(
        _spoiling(
            f"history-in-{name}",
            f"{told}.",
            messages(each_of(_read_as(change), lambda _: True), follows_tool_result),
            kills="CC-CONT-046",
            collateral=forwarded("CC-GATE-001", "CC-GATE-002", "CC-SAFETY-005"),
        )
        for name, (told, change) in _CHARSETS.items()
    ),
    fault(
        "default-penalty-refused",
        "`presence_penalty: 0` answers 400 as unsupported.",
        refusal(
            lambda _: invalid("Unsupported parameter.", param="presence_penalty"),
            _writes_a_default,
        ),
        kills="CC-SAMPLE-009",
        also=(Aspect.PARAMETERS,),
    ),
    fault(
        "default-penalty-refused-in-html",
        "`presence_penalty: 0` answers 400 with a page in HTML.",
        reply(lambda response, _: _page(response), _writes_a_default),
        kills="CC-SAMPLE-009",
        collateral=dict.fromkeys(("CC-ERR-001", "CC-ERR-012"), "the error is no JSON"),
        also=(Aspect.PARAMETERS, Aspect.ERRORS),
    ),
    fault(
        "logprobs-false-is-true",
        '`logprobs: false` brings log probabilities (`if "logprobs" in body`).',
        model_body(lambda body: {**body, "logprobs": True} if "logprobs" in body else body),
        kills="CC-SAMPLE-009",
        collateral=dict.fromkeys(("CC-LOGPROBS-002", "CC-REQ-036"), "nobody asked for them"),
        also=(Aspect.PARAMETERS, Aspect.LOGPROBS),
    ),
)
