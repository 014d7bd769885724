"""Gives a dead target up, so that a run against it ends in bounded time."""

from __future__ import annotations

from chatconform.wire.exchange import Failure, FailureKind

# What says that nobody is there. A connection that is closed fails at once and costs no time.
_DEAD = frozenset({FailureKind.CONNECT, FailureKind.TLS, FailureKind.TIMEOUT})


class Circuit:
    """Opens after `threshold` failures in a row with no answer between them.

    While it is open, one request every `recheck` seconds is let through, to see whether the target is back.
    Times are seconds of any monotonic clock.
    """

    def __init__(self, *, threshold: int = 5, recheck: float = 5.0) -> None:
        self._threshold = threshold
        self._recheck = recheck
        self._failures = 0
        self._next_trial = 0.0
        self.reason = ""

    @property
    def is_open(self) -> bool:
        """Whether the target has been given up, for the time being."""
        return self._failures >= self._threshold

    def admits(self, now: float) -> bool:
        """Whether a request may be sent now."""
        if not self.is_open:
            return True
        if now < self._next_trial:
            return False
        self._next_trial = now + self._recheck
        return True

    def note(self, failure: Failure | None, *, answered: bool, now: float) -> None:
        """Take how an exchange ended; `answered` says that at least the head of an answer came."""
        if failure is not None and failure.kind in _DEAD:
            self._failures += 1
            self.reason = failure.message
            self._next_trial = now + self._recheck
        elif answered:
            self._failures = 0
