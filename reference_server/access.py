"""What the server tells its operator about each request it has answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One answered request.

    Attributes:
        status: The status that was sent, or None where the client left before any.
        seconds: From the head of the request to the last byte of the response.
        complete: Whether the whole response was sent; a client may leave a stream early.
    """

    method: str
    path: str
    status: int | None
    seconds: float
    complete: bool
    request_id: str


AccessLog = Callable[[Access], None]
