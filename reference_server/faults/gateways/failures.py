"""Gateways that tell their client that all is well, or blame it, when their upstream does not answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chatconform.reference_server.answer import new_id, now
from chatconform.reference_server.faults.alterations.asks import both as all_of
from chatconform.reference_server.faults.alterations.forwarding import is_forwarded
from chatconform.reference_server.faults.alterations.making import When, chats
from chatconform.reference_server.faults.alterations.paths import is_plain, is_streamed
from chatconform.reference_server.faults.alterations.responses import (
    INVENTED_COUNTS,
    PAGE,
    Redo,
    answers,
    both,
    completion,
    error,
    json,
    status,
    text,
    typed,
    with_status,
)
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.refusal import error_document
from chatconform.reference_server.seams import Alteration, Response
from chatconform.reference_server.writing import in_turn

fault = family(Aspect.UPSTREAM, Aspect.ERRORS, Aspect.FINISH)
_APOLOGY = "Sorry, I cannot answer at the moment. Please try again later."
_ERROR = error_document("The upstream failed.", kind="server_error")


def _chunk(finish: str | None = None, **delta: Any) -> Any:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    return {"object": "chat.completion.chunk", "model": "reference-1", "choices": [choice]}


def _stream_of(*chunks: Any) -> Redo:
    """A stream with status 200 in the place of an error."""
    retype = typed("text/event-stream")

    def redo(response: Response) -> Response:
        own = {"id": new_id(), "created": now()}
        told = in_turn([each if "error" in each else {**own, **each} for each in chunks])
        return replace(retype(response), status=200, document=None, chunks=told)

    return redo


_BEGUN, _SORRY, _STOP = _chunk(role="assistant", content=""), _chunk(content=_APOLOGY), _chunk("stop")
_AS_ANSWER = completion(_APOLOGY)
_BLAMED = error(lambda found: found.update(type="invalid_request_error"))
_AS_BAD_REQUEST = both(status(400), _BLAMED)
_AS_PAGE = text(PAGE, "text/html")
_AS_STREAM = _stream_of(_BEGUN, _SORRY, _STOP)


def _down(change: Redo, when: When = chats) -> Alteration:
    return answers(change, all_of(is_forwarded, when), with_status(503))


def _overloaded(change: Redo, when: When = chats) -> Alteration:
    return answers(change, all_of(is_forwarded, when), with_status(429))


_DOWN: Mapping[str, tuple[str, Alteration, str]] = {
    "as-answer": ("answered 200 with an apology as the text", _down(_AS_ANSWER, is_plain), "plain"),
    "as-empty-answer": ("answered 200 with no text", _down(completion(""), is_plain), "plain"),
    "as-200": ("answered 200 with its error object", _down(status(200)), "plain"),
    "as-bad-request": ("answered 400, as if the client had erred", _down(_AS_BAD_REQUEST), "plain"),
    "as-not-found": ("answered 404", _down(both(status(404), _BLAMED)), "streamed"),
    "as-limit": ("answered 429", _down(both(status(429), _BLAMED)), "plain"),
    "as-page": ("answered with a page", _down(_AS_PAGE), "plain"),
    "as-text": ("answered 502 with a text", _down(both(status(502), text("Bad gateway"))), "streamed"),
    "as-null": ("answered 502 with an error that is null", _down(json({"error": None})), "plain"),
    "as-streamed-answer": (
        "answered 200 with a stream of an apology",
        _down(_AS_STREAM, is_streamed),
        "streamed",
    ),
    "as-empty-stream": (
        "answered 200 with a stream of nothing",
        _down(_stream_of(_BEGUN), is_streamed),
        "streamed",
    ),
    "as-apology-with-error": (
        "answered 200 with a stream of an apology and an error",
        _down(_stream_of(_BEGUN, _SORRY, _ERROR), is_streamed),
        "streamed",
    ),
    "as-stop-with-error": (
        "answered 200 with a stream of `stop` and an error",
        _down(_stream_of(_BEGUN, _STOP, _ERROR), is_streamed),
        "streamed",
    ),
}
_PAGED = {"CC-ERR-001": "it is no error object", "CC-ERR-012": "it is no JSON"}
_SEEN_TOO: Mapping[str, Mapping[str, str]] = {
    "as-answer": INVENTED_COUNTS,
    "as-empty-answer": INVENTED_COUNTS,
    "as-200": {
        "CC-ERR-002": "the status is no error's",
        "CC-HTTP-002": "the body is no completion",
        "CC-STREAM-001": "the body is no stream",
    },
    "as-page": _PAGED,
    "as-text": _PAGED,
    "as-null": {"CC-ERR-001": "it is no error object"},
}
_BUSY: Mapping[str, tuple[str, Alteration, str]] = {
    "as-502": ("answered 502", _overloaded(both(status(502), json(_ERROR))), "plain"),
    "as-502-in-streams": (
        "answered 502 where a stream is asked for",
        _overloaded(status(502), is_streamed),
        "streamed",
    ),
    "as-streamed-answer": (
        "answered 200 with a stream of an apology",
        _overloaded(_AS_STREAM, is_streamed),
        "streamed",
    ),
    "as-error-event": (
        "answered 200 with a stream of an error",
        _overloaded(_stream_of(_ERROR), is_streamed),
        "streamed",
    ),
}
ALL: tuple[Fault, ...] = (
    *(
        fault(
            f"gateway-outage-{word}",
            f"A 503 of the upstream is {told}.",
            by,
            kills=f"CC-GATE-006@{path}",
            collateral=_SEEN_TOO.get(word),
        )
        for word, (told, by, path) in _DOWN.items()
    ),
    *(
        fault(
            f"gateway-overload-{word}",
            f"A 429 of the upstream is {told}.",
            by,
            kills=f"CC-GATE-007@{path}",
        )
        for word, (told, by, path) in _BUSY.items()
    ),
)
