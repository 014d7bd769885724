"""Troubles on demand: what an operator can have a server do to a request whose text asks for it.

Gateways have to tell their clients of these, and clients have to cope with them.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import orjson

from chatconform.reference_server.interruption import ConnectionCut
from chatconform.reference_server.model import ChatRequest
from chatconform.reference_server.refusal import Refusal
from chatconform.reference_server.settings import Settings
from chatconform.wire.received import RETRY_AFTER_SECONDS

_REMEMBERED = 10_000
# Who tries again does so by then.
_AGAIN_SECONDS = 60.0
# Who reads a stream does not see its pieces and its end at once, or may miss the pieces.
_MOMENT = 0.1


class Troubles:
    """Brings about what the triggers of the settings ask for; one server has one."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        # The conversations that are awaited again, with the moment of each.
        self._seen: OrderedDict[bytes, float] = OrderedDict()

    def require_none(self, request: ChatRequest, body: Mapping[str, Any]) -> None:
        """Return if the request is to be served.

        Raises:
            Refusal: 503 for an outage, or for the first time of a hiccup; 429 for an overload.
        """
        if has_trigger(request, self._settings.outage_trigger):
            raise _unavailable("The model cannot be reached at present.")
        if has_trigger(request, self._settings.overload_trigger):
            raise _overloaded()
        if has_trigger(request, self._settings.hiccup_trigger) and self._is_new(body):
            raise _unavailable("The model could not be reached. Try again.")

    def cut(self, request: ChatRequest) -> ConnectionCut | None:
        """Return how the connection breaks off within the response, or None where it does not."""
        if has_trigger(request, self._settings.stall_trigger):
            return ConnectionCut(self._settings.stall_seconds)
        return ConnectionCut(_MOMENT) if has_trigger(request, self._settings.truncation_trigger) else None

    def _is_new(self, body: Mapping[str, Any]) -> bool:
        """Tell whether a conversation comes for the first time; whatever else the request says.

        One that has come again is forgotten, and so is one that does not come for a while: then it is another
        client's.
        """
        digest = blake2b(orjson.dumps(body["messages"]), digest_size=16).digest()
        now = time.monotonic()
        if now - self._seen.pop(digest, -math.inf) < _AGAIN_SECONDS:
            return False
        self._seen[digest] = now
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        return True


def has_trigger(request: ChatRequest, trigger: str | None) -> bool:
    """Tell whether the last user message has a trigger."""
    return bool(trigger) and request.asks_with(trigger or "")


def _unavailable(message: str) -> Refusal:
    # Without Retry-After: nobody is there who could say how long it takes.
    return Refusal(503, message, kind="server_error", code="service_unavailable")


def _overloaded() -> Refusal:
    return Refusal(
        429,
        f"The model has too much to do. Try again in {RETRY_AFTER_SECONDS} s.",
        kind="requests",
        code="rate_limit_exceeded",
        headers=(("retry-after", str(RETRY_AFTER_SECONDS)),),
    )
