"""A request's head, before anything of its body is known."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chatconform.reference_server.seams import Alterations, Asked

# Where a scope holds what the request is altered by, if anything, and how often it has been handled.
ALTERATIONS = "chatconform.alterations"
ATTEMPT = "chatconform.attempt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """The head of one request.

    Attributes:
        path: The path with its percent-encoding undone.
        headers: By lower-case name; of a repeated header the values are joined by commas.
        id: What the response's `x-request-id` says; no other request has it.
        alterations: What changes the handling of this request at the server's seams.
        attempt: How often it has been handled, this time included.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    id: str
    alterations: Alterations = ()
    attempt: int = 1

    @property
    def asked(self) -> Asked:
        """The head as alterations see it."""
        return Asked(method=self.method, path=self.path, headers=self.headers, attempt=self.attempt)

    def header(self, name: str) -> str | None:
        """Return the value of a header, by its lower-case name."""
        return self.headers.get(name)


def read_head(scope: Mapping[str, Any]) -> Request:
    """Read the head from an ASGI scope."""
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return Request(
        method=scope["method"],
        path=scope["path"],
        headers=headers,
        id=f"req_{secrets.token_hex(16)}",
        alterations=scope.get(ALTERATIONS, ()),
        attempt=scope.get(ATTEMPT, 1),
    )
