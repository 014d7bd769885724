"""Faults in what answers wrong methods, unknown paths, and paths that have moved."""

from __future__ import annotations

import re
from dataclasses import replace

from chatconform.reference_server.faults.alterations.conditions import is_list
from chatconform.reference_server.faults.alterations.making import header, request
from chatconform.reference_server.faults.alterations.responses import (
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
    with_code,
)
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.seams import Alteration, Asked, Response

fault = family(Aspect.ROUTES)


def _is_wrong_method(asked: Asked) -> bool:
    return asked.path.endswith("/chat/completions") and asked.method not in ("POST", "OPTIONS")


def _wrong_method(change: Redo) -> Alteration:
    return answers(change, _is_wrong_method)


def _unknown_path(change: Redo) -> Alteration:
    return answers(change, of=with_code("unknown_url"))


def _by_prefix(asked: Asked) -> Asked:
    return replace(asked, path=re.sub(r"/chat/completion.*", "/chat/completions", asked.path))


def _moved(code: int, place: str) -> Redo:
    def redirect(response: Response) -> Response:
        moved = text("", None)(response)
        return replace(moved, status=code, headers=(*moved.headers, ("location", place)))

    return redirect


_OK = json({"status": "ok"})
_METHODS: dict[str, tuple[str, Redo]] = {
    "wrong-method-crashes": ("A wrong method reaches the POST handler, which answers 500.", status(500)),
    "wrong-method-not-implemented": ("A wrong method answers 501.", status(501)),
    "wrong-method-redirects": ("A wrong method is redirected to a page.", _moved(302, "/")),
    "wrong-method-says-ok": (
        "GET on the path of chat answers 200 and a word on the server's health.",
        both(status(200), _OK),
    ),
    "wrong-method-serves-page": (
        "GET on the path of chat answers 200 with a page.",
        both(status(200), text(PAGE, "text/html")),
    ),
    "wrong-method-completes": ("GET on the path of chat answers a completion.", completion("Hello.")),
}
_PATHS: dict[str, tuple[str, Redo]] = {
    "unknown-path-serves-page": (
        "An unknown path answers 200 with an HTML page.",
        both(status(200), text(PAGE, "text/html")),
    ),
    "unknown-path-page-of-404": ("An unknown path answers 404 with a page.", text(PAGE, "text/html")),
    "unknown-path-empty": ("An unknown path answers 404 without a body and a type.", text("", None)),
    "unknown-path-as-text": ("The JSON error of an unknown path is text/plain.", typed("text/plain")),
    "unknown-path-detail": ("An unknown path answers {detail: ...}.", json({"detail": "Not Found"})),
    "unknown-path-flat": (
        "The error of an unknown path is a flat object.",
        json({"object": "error", "message": "Not Found", "type": "NotFoundError", "code": 404}),
    ),
    "unknown-path-error-as-string": ("An unknown path answers {error: '...'}.", json({"error": "Not Found"})),
    "unknown-path-wordless": (
        "The error of an unknown path has an empty message.",
        error(lambda found: found.update(message="")),
    ),
    "unknown-path-400": ("An unknown path answers 400.", status(400)),
    "unknown-path-500": ("An unknown path answers 500.", status(500)),
    "unknown-path-200-error": ("An unknown path answers 200 with an error object.", status(200)),
    "unknown-path-redirects": ("An unknown path is redirected to a page.", _moved(302, "/docs")),
}
_SEEN = {"unknown-path-empty": "UOR-Foundation/uor-r4#764"}

ALL: tuple[Fault, ...] = (
    *(
        fault(name, defect, _wrong_method(change), kills="CC-HTTP-004")
        for name, (defect, change) in _METHODS.items()
    ),
    *(
        fault(name, defect, _unknown_path(change), kills="CC-HTTP-005", seen_in=_SEEN.get(name, ()))
        for name, (defect, change) in _PATHS.items()
    ),
    fault(
        "paths-matched-by-prefix",
        "A path that only begins like that of chat is served as chat.",
        request(_by_prefix),
        kills="CC-HTTP-005",
    ),
    fault(
        "405-without-allow",
        "405 comes without Allow.",
        header("allow", None, _is_wrong_method),
        kills="CC-HTTP-012",
        also=(Aspect.HEADERS,),
    ),
    fault(
        "chat-redirected",
        "The path of chat without a trailing slash is redirected to one with it.",
        answers(_moved(307, "/v1/chat/completions/"), lambda asked: asked.is_chat),
        kills="CC-ERR-015",
        # No chat is answered at all: whatever else is wrong with chats is out of sight.
        also=tuple(Aspect),
    ),
    fault(
        "model-list-redirected",
        "The path of the model list without a trailing slash is redirected to one with it.",
        answers(_moved(301, "/v1/models/"), is_list),
        kills="CC-ERR-015",
        also=(Aspect.MODELS,),
    ),
)
