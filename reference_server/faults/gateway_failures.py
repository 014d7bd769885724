"""Gateways that tell their client that all is well, or blame it, when their upstream has failed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chatconform.reference_server.faults.asks import both as all_of
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.faults.forwarding import is_forwarded
from chatconform.reference_server.faults.making import When, broken_off, chats
from chatconform.reference_server.faults.paths import is_plain, is_streamed
from chatconform.reference_server.faults.responses import (
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
from chatconform.reference_server.refusal import error_document
from chatconform.reference_server.seams import Alteration, Response
from chatconform.reference_server.writing import in_turn

fault = family(Aspect.UPSTREAM, Aspect.ERRORS, Aspect.FINISH)
_APOLOGY = "Sorry, I cannot answer at the moment. Please try again later."
_CONTENT = re.compile(r'"content":"((?:[^"\\]|\\.)*)')
_HEAD = {
    "id": "chatcmpl-0",
    "object": "chat.completion.chunk",
    "created": 1_767_225_600,
    "model": "reference-1",
}


def _error(message: str = "The upstream failed.") -> Any:
    return error_document(message, kind="server_error")


def _chunk(finish: str | None = None, **delta: Any) -> Any:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    return {**_HEAD, "choices": [choice]}


def _stream_of(*chunks: Any) -> Redo:
    """A stream with status 200 in the place of an error."""
    retype = typed("text/event-stream")
    return lambda response: replace(retype(response), status=200, document=None, chunks=in_turn(chunks))


_BEGUN, _SORRY, _STOP = _chunk(role="assistant", content=""), _chunk(content=_APOLOGY), _chunk("stop")
_AS_ANSWER = completion(_APOLOGY)
_AS_BAD_REQUEST = both(status(400), error(lambda found: found.update(type="invalid_request_error")))
_AS_PAGE = text(PAGE, "text/html")
_AS_STREAM = _stream_of(_BEGUN, _SORRY, _STOP)


def _so_far(finish: str) -> Redo:
    """The text that had come, with a finish reason."""

    def redo(response: Response) -> Response:
        found = _CONTENT.search(response.content.decode("utf-8", "replace"))
        told = completion(found[1] if found else "")(response)
        told.document["choices"][0]["finish_reason"] = finish
        return told

    return redo


def _down(change: Redo, when: When = chats) -> Alteration:
    return answers(change, all_of(is_forwarded, when), with_status(503))


def _overloaded(change: Redo, when: When = chats) -> Alteration:
    return answers(change, all_of(is_forwarded, when), with_status(429))


def _failed(change: Redo) -> Alteration:
    return answers(change, all_of(is_forwarded, is_plain), with_status(500))


def _broken(change: Redo) -> Alteration:
    return broken_off(change, all_of(is_forwarded, is_plain))


_TIMED_OUT = json(_error("The upstream did not answer in time."))
_DOWN: Mapping[str, tuple[str, Alteration, str]] = {
    "as-answer": ("answered 200 with an apology as the text", _down(_AS_ANSWER), "plain"),
    "as-empty-answer": ("answered 200 with no text", _down(completion("")), "plain"),
    "as-200": ("answered 200 with its error object", _down(status(200)), "plain"),
    "as-bad-request": ("answered 400, as if the client had erred", _down(_AS_BAD_REQUEST), "plain"),
    "as-not-found": ("answered 404", _down(status(404)), "streamed"),
    "as-limit": ("answered 429", _down(status(429)), "plain"),
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
        _down(_stream_of(_BEGUN, _SORRY, _error()), is_streamed),
        "streamed",
    ),
    "as-stop-with-error": (
        "answered 200 with a stream of `stop` and an error",
        _down(_stream_of(_STOP, _error()), is_streamed),
        "streamed",
    ),
}
_BUSY: Mapping[str, tuple[str, Alteration, str]] = {
    "as-502": ("answered 502", _overloaded(both(status(502), json(_error()))), "plain"),
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
        _overloaded(_stream_of(_error()), is_streamed),
        "streamed",
    ),
}
_HALF: Mapping[str, tuple[str, Alteration]] = {
    "failure-as-answer": ("failed is answered 200 with an apology", _failed(_AS_ANSWER)),
    "failure-as-200": ("failed is answered 200 with its error object", _failed(status(200))),
    "failure-as-bad-request": (
        "failed is answered 400, as if the client had erred",
        _failed(_AS_BAD_REQUEST),
    ),
    "failure-as-page": ("failed is answered with a page", _failed(_AS_PAGE)),
    "break-as-answer": (
        "broke off is answered 200 with the text so far and `stop`",
        _broken(_so_far("stop")),
    ),
    "break-as-cut-answer": (
        "broke off is answered 200 with the text so far and `length`",
        _broken(_so_far("length")),
    ),
    "break-as-filtered-answer": (
        "broke off is answered 200 with the text so far and `content_filter`",
        _broken(_so_far("content_filter")),
    ),
    "break-as-whole-body": (
        "broke off is answered 200 with the half of its JSON that came",
        _broken(lambda response: response),
    ),
    "break-as-request-timeout": ("broke off is answered 408", _broken(both(status(408), _TIMED_OUT))),
    "break-as-page": ("broke off is answered 502 with a page", _broken(both(status(502), _AS_PAGE))),
    "break-as-detail": (
        "broke off is answered 504 with a `detail`",
        _broken(both(status(504), json({"detail": "Timeout"}))),
    ),
}

ALL: tuple[Fault, ...] = (
    *(
        fault(f"gateway-outage-{word}", f"A 503 of the upstream is {told}.", by, kills=f"CC-GATE-006@{path}")
        for word, (told, by, path) in _DOWN.items()
    ),
    *(
        fault(
            f"gateway-overload-{word}", f"A 429 of the upstream is {told}.", by, kills=f"CC-GATE-007@{path}"
        )
        for word, (told, by, path) in _BUSY.items()
    ),
    *(
        fault(f"gateway-{word}", f"A plain answer whose upstream {told}.", by, kills="CC-GATE-009")
        for word, (told, by) in _HALF.items()
    ),
)
