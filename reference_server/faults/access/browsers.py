"""Faults in what browsers are told: the preflight request, and the headers of CORS on what follows it."""

from __future__ import annotations

from collections.abc import Callable

from chatconform.reference_server.faults.alterations.conditions import every, is_preflight
from chatconform.reference_server.faults.alterations.making import When, always, chats, head
from chatconform.reference_server.faults.alterations.paths import is_streamed
from chatconform.reference_server.faults.alterations.responses import answers, status
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.seams import Alteration, Asked, Document, Head

fault = family(Aspect.HEADERS)
_ORIGIN = "access-control-allow-origin"
_HEADERS = "access-control-allow-headers"
_EXPOSED = "access-control-expose-headers"
_CREDENTIALS = "access-control-allow-credentials"
_NOBODY = "https://other.example"
_KNOWN = "authorization, content-type, x-stainless-os, x-stainless-lang, x-stainless-retry-count"


def _having(name: str, *values: str, when: When = always, status: Callable[[int], bool] = bool) -> Alteration:
    """A header has these values instead, on responses with these statuses."""

    def change(came: int, headers: Head, _: Document) -> tuple[int, Head]:
        if not status(came):
            return came, headers
        others = tuple(pair for pair in headers if pair[0] != name)
        return came, (*others, *((name, value) for value in values))

    return head(change, when)


def _without_cors(came: int, headers: Head, _: Document) -> tuple[int, Head]:
    return came, tuple(pair for pair in headers if not pair[0].startswith("access-control-"))


def _asks_for_sdk_headers(asked: Asked) -> bool:
    return "x-stainless-" in asked.headers.get("access-control-request-headers", "")


_PREFLIGHT: dict[str, tuple[str, Alteration]] = {
    **{
        f"preflight-{code}": (defect, answers(status(code), is_preflight))
        for code, defect in (
            (401, "The preflight asks for a key."),
            (403, "The preflight is forbidden."),
            (404, "The preflight has no route."),
            (405, "The preflight's method is not allowed."),
            (307, "The preflight is redirected."),
            (500, "The preflight fails."),
        )
    },
    "preflight-without-origin": ("The preflight allows no origin.", _having(_ORIGIN, when=is_preflight)),
    "preflight-of-other-origin": (
        "The preflight allows another origin.",
        _having(_ORIGIN, _NOBODY, when=is_preflight),
    ),
    "preflight-of-null-origin": (
        "The preflight allows the origin `null`.",
        _having(_ORIGIN, "null", when=is_preflight),
    ),
    "preflight-of-two-origins": (
        "The preflight allows the origin twice, as a server and its proxy add it.",
        _having(_ORIGIN, "*", "*", when=is_preflight),
    ),
    "preflight-without-headers": ("The preflight allows no headers.", _having(_HEADERS, when=is_preflight)),
    "preflight-without-authorization": (
        "The preflight does not allow Authorization.",
        _having(
            _HEADERS, f"content-type, {_KNOWN.partition(', ')[2]}, x-stainless-future", when=is_preflight
        ),
    ),
    "preflight-without-content-type": (
        "The preflight does not allow Content-Type.",
        _having(_HEADERS, "authorization", when=is_preflight),
    ),
    "preflight-with-wildcard-headers": (
        "The preflight allows the headers `*`, which does not cover Authorization.",
        _having(_HEADERS, "*", when=is_preflight),
    ),
}
_SDK: dict[str, tuple[str, Alteration]] = {
    "preflight-with-fixed-headers": (
        "Access-Control-Allow-Headers is a fixed list of authorization and content-type.",
        _having(_HEADERS, "authorization, content-type", when=is_preflight),
    ),
    "preflight-with-headers-of-today": (
        "Access-Control-Allow-Headers is a list of what the official client sends today.",
        _having(_HEADERS, f"{_KNOWN}, x-stainless-timeout, x-stainless-helper-method", when=is_preflight),
    ),
    "preflight-refuses-unknown-headers": (
        "A preflight that asks for headers of the official client is refused.",
        answers(status(403), every(is_preflight, _asks_for_sdk_headers)),
    ),
}
_ORIGINS: dict[str, tuple[str, Alteration]] = {
    "origin-with-200-alone": (
        "Access-Control-Allow-Origin is sent with 200 only.",
        _having(_ORIGIN, when=chats, status=lambda came: came != 200),
    ),
    "origin-missing-on-streams": ("Streams allow no origin.", _having(_ORIGIN, when=is_streamed)),
    "origin-with-slash": (
        "The allowed origin has a slash at its end.",
        _having(_ORIGIN, "https://app.example/", when=chats),
    ),
    "origin-of-other": ("Responses allow another origin.", _having(_ORIGIN, _NOBODY, when=chats)),
    "origin-is-null": ("Responses allow the origin `null`.", _having(_ORIGIN, "null", when=chats)),
    "origin-twice": (
        "Access-Control-Allow-Origin comes twice, from a server and its proxy.",
        _having(_ORIGIN, "*", "*", when=chats),
    ),
    "origin-list": (
        "Access-Control-Allow-Origin is a list of two origins.",
        _having(_ORIGIN, f"https://app.example, {_NOBODY}", when=chats),
    ),
}
_EXPOSURES: dict[str, tuple[str, Alteration]] = {
    "nothing-exposed": ("Access-Control-Expose-Headers is not sent.", _having(_EXPOSED)),
    "nothing-exposed-on-errors": (
        "Errors expose no headers.",
        _having(_EXPOSED, status=lambda came: came >= 400),
    ),
    "request-id-not-exposed": (
        "The header x-request-id is not among the exposed headers.",
        _having(
            _EXPOSED,
            "retry-after, x-ratelimit-limit-requests, x-ratelimit-remaining-requests, "
            "x-ratelimit-reset-requests",
        ),
    ),
    "limits-not-exposed": (
        "The headers x-ratelimit-* are not among the exposed headers.",
        _having(_EXPOSED, "x-request-id, retry-after"),
    ),
}
_ALLOWED: dict[str, tuple[str, Alteration]] = {
    "credentials-with-any-origin": (
        "Responses have Access-Control-Allow-Origin `*` and Access-Control-Allow-Credentials `true`.",
        _having(_CREDENTIALS, "true"),
    ),
    "preflight-credentials-with-any-origin": (
        "The preflight allows any origin, and credentials.",
        _having(_CREDENTIALS, "true", when=is_preflight),
    ),
    "stream-credentials-with-any-origin": (
        "Streams allow any origin, and credentials.",
        _having(_CREDENTIALS, "true", when=is_streamed),
    ),
}
_TABLES = (
    ("CC-CORS-001", _PREFLIGHT),
    ("CC-CORS-002", _SDK),
    ("CC-CORS-003", _ORIGINS),
    ("CC-CORS-004", _EXPOSURES),
    ("CC-CORS-005", _ALLOWED),
)

ALL: tuple[Fault, ...] = (
    *(
        fault(name, defect, change, kills=kills)
        for kills, table in _TABLES
        for name, (defect, change) in table.items()
    ),
    fault(
        "no-cors",
        "No response has any header of CORS.",
        head(_without_cors),
        kills="CC-CORS-001 CC-CORS-002 CC-CORS-003 CC-CORS-004",
        seen_in=("jeromeleong/poe2openai#15", "opengeos/GeoLibre#1836"),
    ),
)
