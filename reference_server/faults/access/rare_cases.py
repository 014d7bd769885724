"""Faults in the rarer addresses, methods and headers, which only a run that sends every case meets."""

from __future__ import annotations

from chatconform.reference_server.faults.access.credentials import unreadable
from chatconform.reference_server.faults.alterations.conditions import credentials, is_list
from chatconform.reference_server.faults.alterations.making import crash, header, request, trust
from chatconform.reference_server.faults.alterations.paths import is_plain
from chatconform.reference_server.faults.alterations.responses import PAGE, answers, both, json, status, text
from chatconform.reference_server.faults.consequences.calls import FAILED
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.seams import Asked

_keys = family(Aspect.KEYS, Aspect.REFUSALS, thorough=True)
_routes = family(Aspect.ROUTES, thorough=True)
_headers = family(Aspect.HEADERS, thorough=True)
_refusals = family(Aspect.REFUSALS, thorough=True)
_SAYS_OK = both(status(200), json({"status": "ok"}))
_ORIGIN = "access-control-allow-origin"


def _is_key_alone(asked: Asked) -> bool:
    found = credentials(asked).strip()
    return bool(found) and " " not in found and found.lower() not in {"bearer", "basic"}


def _shouts_its_scheme(asked: Asked) -> bool:
    return credentials(asked).startswith("BEARER ")


def _is_deleted(asked: Asked) -> bool:
    return asked.method == "DELETE" and asked.path.endswith("/chat/completions")


def _is_posted_list(asked: Asked) -> bool:
    return asked.method == "POST" and asked.path.endswith("/models")


def _is_far_from_the_api(asked: Asked) -> bool:
    return "/chat" not in asked.path and "/models" not in asked.path


def _has_no_type(asked: Asked) -> bool:
    return asked.is_chat and not asked.headers.get("content-type")


ALL: tuple[Fault, ...] = (
    _keys(
        "key-without-a-scheme-served",
        "An Authorization header that is a key alone, without a scheme, is served whatever the key.",
        trust(_is_key_alone),
        kills="CC-AUTH-003",
    ),
    _keys(
        "scheme-in-capitals-refused",
        "`Authorization: BEARER <key>` answers 401.",
        request(unreadable, _shouts_its_scheme),
        kills="CC-AUTH-004",
    ),
    _routes(
        "deleted-chat-says-ok",
        "DELETE on the path of chat answers 200.",
        answers(_SAYS_OK, _is_deleted),
        kills="CC-HTTP-004",
    ),
    _routes(
        "posted-models-say-ok",
        "POST on the path of the model list answers 200.",
        answers(_SAYS_OK, _is_posted_list),
        kills="CC-HTTP-004",
    ),
    _routes(
        "far-path-serves-page",
        "A path that is nowhere near the API answers 200 with a page.",
        answers(both(status(200), text(PAGE, "text/html")), _is_far_from_the_api),
        kills="CC-HTTP-005",
    ),
    _refusals(
        "missing-content-type-crashes",
        "A request without Content-Type answers 500.",
        crash(_has_no_type),
        kills="CC-HTTP-006",
        collateral=FAILED,
    ),
    _headers(
        "completion-without-origin",
        "A plain completion has no Access-Control-Allow-Origin.",
        header(_ORIGIN, None, is_plain),
        kills="CC-CORS-003",
    ),
    _headers(
        "models-without-origin",
        "The list of models has no Access-Control-Allow-Origin.",
        header(_ORIGIN, None, is_list),
        kills="CC-CORS-003",
    ),
)
