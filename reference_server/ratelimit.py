"""A fixed window of requests for each key, and the headers that tell clients how they stand."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from chatconform.reference_server.refusal import Refusal
from chatconform.reference_server.settings import RateLimit

HeaderPairs = tuple[tuple[str, str], ...]


@dataclass(slots=True)
class _Window:
    ends: float
    used: int = 0


class RateLimiter:
    """Counts requests; `clock` is monotonic, in seconds."""

    def __init__(self, limit: RateLimit, clock: Callable[[], float]) -> None:
        self._limit = limit
        self._clock = clock
        self._windows: dict[str, _Window] = {}

    def admit(self, key: str) -> HeaderPairs:
        """Count one request of this key and return the headers of its response.

        Raises:
            Refusal: 429, with the same headers and `Retry-After`.
        """
        now = self._clock()
        window = self._window(key, now)
        window.used += 1
        headers = self._headers(window, now)
        if window.used <= self._limit.requests:
            return headers
        # The contract: Retry-After is an integer number of seconds, at least 1.
        wait = max(1, math.ceil(window.ends - now))
        message = f"Rate limit of {self._limit.requests} requests reached. Try again in {wait} s."
        raise Refusal(
            429,
            message,
            kind="requests",
            code="rate_limit_exceeded",
            headers=(("retry-after", str(wait)), *headers),
        )

    def _window(self, key: str, now: float) -> _Window:
        window = self._windows.get(key)
        if window is None or now >= window.ends:
            window = self._windows[key] = _Window(ends=now + self._limit.seconds)
        return window

    def _headers(self, window: _Window, now: float) -> HeaderPairs:
        remaining = max(0, self._limit.requests - window.used)
        return (
            ("x-ratelimit-limit-requests", str(self._limit.requests)),
            ("x-ratelimit-remaining-requests", str(remaining)),
            ("x-ratelimit-reset-requests", f"{window.ends - now:.3f}s"),
        )
