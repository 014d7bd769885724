"""Gateways that make a whole answer of half a one, or blame the client that there is no more of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from chatconform.reference_server.faults.alterations.asks import both as all_of
from chatconform.reference_server.faults.alterations.forwarding import is_forwarded
from chatconform.reference_server.faults.alterations.making import broken_off
from chatconform.reference_server.faults.alterations.paths import is_plain
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
    with_status,
)
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.refusal import error_document
from chatconform.reference_server.seams import Alteration, Response

fault = family(Aspect.UPSTREAM, Aspect.ERRORS, Aspect.FINISH)
_CONTENT = re.compile(r'"content":"((?:[^"\\]|\\.)*)')
_AS_ANSWER = completion("Sorry, something went wrong.")
_AS_BAD_REQUEST = both(status(400), error(lambda found: found.update(type="invalid_request_error")))
_AS_PAGE = text(PAGE, "text/html")
_REQUEST_TIMED_OUT = json(error_document("The request took too long.", kind="invalid_request_error"))


def _so_far(finish: str) -> Redo:
    """The text that had come, with a finish reason."""

    def redo(response: Response) -> Response:
        found = _CONTENT.search(response.content.decode("utf-8", "replace"))
        told = completion(found[1] if found else "")(response)
        choice = {**told.document["choices"][0], "finish_reason": finish}
        return replace(told, document={**told.document, "choices": [choice]})

    return redo


def _failed(change: Redo) -> Alteration:
    return answers(change, all_of(is_forwarded, is_plain), with_status(500))


def _broken(change: Redo) -> Alteration:
    return broken_off(change, all_of(is_forwarded, is_plain))


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
    "break-as-request-timeout": ("broke off is answered 408", _broken(both(status(408), _REQUEST_TIMED_OUT))),
    "break-as-page": ("broke off is answered 502 with a page", _broken(both(status(502), _AS_PAGE))),
    "break-as-detail": (
        "broke off is answered 504 with a `detail`",
        _broken(both(status(504), json({"detail": "Timeout"}))),
    ),
}

_PAGED = {"CC-ERR-001": "it is no error object", "CC-ERR-012": "it is no JSON"}
_SEEN_TOO: Mapping[str, Mapping[str, str]] = {
    "failure-as-answer": INVENTED_COUNTS,
    "break-as-answer": INVENTED_COUNTS,
    "break-as-cut-answer": INVENTED_COUNTS,
    "break-as-filtered-answer": INVENTED_COUNTS,
    "failure-as-200": {"CC-ERR-002": "the status is no error's", "CC-HTTP-002": "the body is no completion"},
    "failure-as-page": _PAGED,
    "break-as-page": _PAGED,
    "break-as-detail": {"CC-ERR-001": "it is no error object"},
    "break-as-whole-body": {"CC-HTTP-001": "half a document is no JSON"},
}

ALL: tuple[Fault, ...] = tuple(
    fault(
        f"gateway-{word}",
        f"A plain answer whose upstream {told}.",
        by,
        kills="CC-GATE-009",
        collateral=_SEEN_TOO.get(word),
    )
    for word, (told, by) in _HALF.items()
)
