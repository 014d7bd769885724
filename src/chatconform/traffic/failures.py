"""What a HAR says of an exchange that failed: words of a browser, read as kinds of failure."""

from __future__ import annotations

import re

from chatconform.wire.exchange import Failure, FailureKind
from chatconform.wire.jsontext import Json

# The names of Chromium's network errors. Only what the server did is held against it: whatever else ended an
# exchange (the page, a blocker, CORS, the user) counts as ended by the client.
_KINDS = (
    (r"CERT|SSL", FailureKind.TLS),
    (
        r"NAME_NOT_RESOLVED|CONNECTION_(REFUSED|FAILED|TIMED_OUT)|ADDRESS_|INTERNET_|PROXY_",
        FailureKind.CONNECT,
    ),
    (
        r"INVALID_HTTP_RESPONSE|INVALID_CHUNKED|RESPONSE_HEADERS|HTTP2_PROTOCOL|QUIC_PROTOCOL",
        FailureKind.PROTOCOL,
    ),
    (
        r"EMPTY_RESPONSE|CONNECTION_(RESET|CLOSED)|INCOMPLETE_CHUNKED|CONTENT_LENGTH_MISMATCH",
        FailureKind.CLOSED,
    ),
)
_LONGEST = 300


def failure_of(response: dict[str, Json], *, at: float) -> Failure | None:
    """The failure that an entry's response tells of, or nothing; without a status there is one."""
    told = response.get("_error")
    if told is None and response.get("status") != 0:
        return None
    message = told if isinstance(told, str) and told else "no response was recorded, and nothing says why"
    return Failure(kind=_kind(message), message=message[:_LONGEST], at=at)


def _kind(message: str) -> FailureKind:
    found = (kind for pattern, kind in _KINDS if re.search(pattern, message))
    return next(found, FailureKind.ABORTED)
