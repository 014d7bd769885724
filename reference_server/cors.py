"""What browsers need before they let a page talk to this server (WHATWG Fetch, CORS protocol)."""

from __future__ import annotations

from collections.abc import Sequence

from chatconform.reference_server.reply import Headers, Reply
from chatconform.reference_server.request import Request

_EXPOSED = (
    "x-request-id",
    "retry-after",
    "www-authenticate",
    "x-ratelimit-limit-requests",
    "x-ratelimit-remaining-requests",
    "x-ratelimit-reset-requests",
)
RESPONSE_HEADERS: Headers = (
    ("access-control-allow-origin", "*"),
    ("access-control-expose-headers", ", ".join(_EXPOSED)),
)


def is_preflight(request: Request) -> bool:
    """Tell whether a browser asks for permission; it does so without the credentials of the request."""
    return (
        request.method == "OPTIONS"
        and request.header("origin") is not None
        and request.header("access-control-request-method") is not None
    )


def preflight_reply(request: Request, methods: Sequence[str]) -> Reply:
    """Grant whatever headers the page wants to send.

    They are repeated by name, since Fetch's wildcard does not cover `Authorization`, and since SDKs add
    headers that no list made today can know.
    """
    headers = [
        ("access-control-allow-methods", ", ".join(methods)),
        ("access-control-max-age", "600"),
        ("vary", "access-control-request-headers"),
    ]
    wanted = request.header("access-control-request-headers")
    if wanted:
        headers.append(("access-control-allow-headers", wanted))
    return Reply(status=204, headers=tuple(headers), body=b"")
