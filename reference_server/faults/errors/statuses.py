"""Faults in the status of an error: another side is to blame, or clients would try again for ever."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from chatconform.reference_server.faults.alterations.conditions import is_without_messages
from chatconform.reference_server.faults.alterations.making import When, chats, crash
from chatconform.reference_server.faults.alterations.paths import is_streamed
from chatconform.reference_server.faults.alterations.responses import (
    Redo,
    answers,
    both,
    error,
    status,
    with_status,
)
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.seams import Alteration, Asked, Response

fault = family(Aspect.REFUSALS, Aspect.ERRORS)
_RETRIED = (408, 409, 500, 502, 503)


def _bad_request(change: Redo, when: When = chats) -> Alteration:
    return answers(change, when, with_status(400))


def _is_no_object(asked: Asked) -> bool:
    return asked.is_chat and not asked.body


def _adding(**members: Any) -> Redo:
    return error(lambda found: found.update(members))


def _as_event(response: Response) -> Response:
    async def failed() -> Any:
        yield response.document

    headers = (
        ("content-type", "text/event-stream"),
        *(pair for pair in response.headers if pair[0] != "content-type"),
    )
    return replace(response, status=200, headers=headers, document=None, chunks=failed())


def _has(what: Callable[[Mapping[str, Any]], bool]) -> When:
    """Chats with a message that is so."""

    def has(asked: Asked) -> bool:
        messages = asked.body.get("messages")
        found = messages if isinstance(messages, list) else []
        return asked.is_chat and any(what(each) for each in found if isinstance(each, dict))

    return has


# What a server meets for the first time when somebody sends it, and breaks down at.
_CRASHES: Mapping[str, tuple[str, When]] = {
    "text-parts": ("text parts", _has(lambda each: isinstance(each.get("content"), list))),
    "named-message": ("a message with a name", _has(lambda each: "name" in each)),
    "developer-message": ("a developer message", _has(lambda each: each.get("role") == "developer")),
    "silent-assistant": (
        "an assistant message without content",
        _has(lambda each: each.get("content") == ""),
    ),
    "null-parameter": ("`n: null`", lambda asked: asked.is_chat and asked.body.get("n", 0) is None),
    "metadata": ("metadata", lambda asked: asked.is_chat and bool(asked.body.get("metadata"))),
}
_PARITY: Mapping[str, tuple[str, Redo]] = {
    "422": ("refused with 422 where plain ones are refused with 400", status(422)),
    "of-other-code": ("refused with another code than plain ones", _adding(code="bad_stream_request")),
    "by-event": ("refused by an event in a stream with status 200", _as_event),
}
_SEEN: Mapping[str, tuple[str, ...]] = {
    "by-event": ("sgl-project/sglang#19996", "sgl-project/sglang#21900"),
    "text-parts": ("infiniflow/ragflow#15359",),
}

ALL: tuple[Fault, ...] = (
    fault(
        "refusals-with-200",
        "Every refusal of a chat has the status 200.",
        answers(status(200), chats, lambda response: 400 <= response.status < 500),
        kills="CC-ERR-002",
        seen_in="langgenius/dify-plugin-sdks#74",
    ),
    *(
        fault(
            f"broken-json-{code}",
            f"A body that is no JSON object answers {code}.",
            _bad_request(status(code), _is_no_object),
            kills="CC-ERR-006",
            seen_in="NousResearch/hermes-agent#53610" if code == 500 else (),
        )
        for code in _RETRIED
    ),
    *(
        fault(
            f"missing-messages-{code}",
            f"A request without messages answers {code}.",
            _bad_request(status(code), is_without_messages),
            kills="CC-ERR-006",
        )
        for code in _RETRIED
    ),
    *(
        fault(
            f"{name}-crashes",
            f"A request with {what} answers 500.",
            crash(when),
            kills="CC-ERR-007",
            seen_in=_SEEN.get(name, ()),
            also=(Aspect.PROMPT, Aspect.PARAMETERS),
        )
        for name, (what, when) in _CRASHES.items()
    ),
    *(
        fault(
            f"streamed-refusals-{name}",
            f"Bad requests for a stream are {what}.",
            _bad_request(change, is_streamed),
            kills="CC-ERR-008",
            seen_in=_SEEN.get(name, ()),
        )
        for name, (what, change) in _PARITY.items()
    ),
    *(
        fault(
            f"bad-request-of-type-{kind}".replace("_", "-").lower(),
            f"A bad parameter is refused with 400 and the type {kind}.",
            _bad_request(_adding(type=kind)),
            kills="CC-ERR-016",
            seen_in="getumbrel/llama-gpt#113" if kind == "internal_server_error" else (),
        )
        for kind in ("server_error", "internal_error", "internal_server_error", "InternalServerError")
    ),
    fault(
        "server-failure-blames-client",
        "A failure of the server has the type invalid_request_error.",
        answers(both(status(500), _adding(type="invalid_request_error")), _is_no_object, with_status(400)),
        kills="CC-ERR-016",
    ),
    *(
        fault(
            f"code-is-other-status-{code}",
            f"The code of a refusal with 400 is {code!r}.",
            _bad_request(_adding(code=code)),
            kills="CC-ERR-019",
        )
        for code in (500, "422")
    ),
)
