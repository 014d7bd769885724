"""Tells an ill target from a bad request, and gives up a target that stays ill: without a clock or a socket.

Rules
=====

1. What comes to nothing (no whole answer, a 5xx, a refusal that stands) may be the request's fault or the
   target's. A control tells which: a small chat that the target is known to serve. Where the control is
   served, the target is well, and what came before is about the request.
2. Where it is not, the target is ill. The control is sent again, after pauses that double, until it is served
   or the patience is over: five controls, none begun later than one time-out after the trouble began. A
   target that refuses (429, or 503 with Retry-After) asks for time, and gets two time-outs, for as many
   controls as there is room for.
3. Then the target is given up: nothing more is sent to it in this run. So is a target that fell ill five
   times before, and one that lets ten requests in a row run into the time-out, whatever becomes of controls.

So a run ends within four time-outs after its target has ceased to answer, or begun to answer everything with
a failure or a refusal: what is in flight and the last control take one each, and the patience is two at most.

Every method takes the time from its caller, in seconds of any monotonic clock.
"""

from __future__ import annotations

import math
from enum import Enum, auto

from chatconform.client.trouble import Trouble

_MOST_CONTROLS = 5
_MOST_RELAPSES = 5
_LATE_IN_ROW = 10
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0


class Health(Enum):
    """How a target was while it was asked for something that came to nothing."""

    WELL = auto()
    ILL_FOR_A_TIME = auto()
    GIVEN_UP = auto()


class Circuit:
    """What is known of the health of a target, or of what it does in one form; `name` says which.

    `given_up` says why nothing more is sent, and `illness` how the target was ill when it was ill last; each
    is empty where that did not happen.
    """

    def __init__(self, *, timeout: float, name: str = "the target") -> None:
        self.given_up = ""
        self.illness = ""
        self._timeout = timeout
        self._name = name
        self._troubled_since: float | None = None
        self._refusing_since: float | None = None
        self._failed = 0
        self._last: Trouble | None = None
        self._spells: list[tuple[float, float]] = []
        self._relapses = 0
        self._late = 0
        # When the last request began that was served, and when one was served last.
        self._well_at = self._served_at = -math.inf

    def served(self, *, began: float, now: float) -> None:
        """A chat that was begun at `began` has been served."""
        self._served_at = max(self._served_at, now)
        self._well_at = max(self._well_at, began)
        self.does_not_refuse(began=began)
        if self._troubled_since is not None and began >= self._troubled_since:
            self._recover(self._troubled_since, began)

    def does_not_refuse(self, *, began: float) -> None:
        """Something that was begun at `began` has been answered, if only with a 4xx."""
        if self._refusing_since is not None and began >= self._refusing_since:
            self._refusing_since = None

    def ended(self, *, in_time: bool) -> None:
        """A request has ended; too many in a row that did not end in time give the target up."""
        self._late = 0 if in_time else self._late + 1
        if self._late >= _LATE_IN_ROW:
            self._give_up(f"{self._late} requests in a row did not end within {self._timeout:g} s")

    def patience(self, now: float) -> float:
        """The target refuses a request now: the seconds that it is still given, 0 where they are over."""
        if self._refusing_since is None:
            self._refusing_since = now
        return max(0.0, self._refusing_since + 2 * self._timeout - now)

    def doubt(self, at: float) -> None:
        """Something came to nothing at that moment, from which on patience is measured."""
        self._troubled_since = at if self._troubled_since is None else min(at, self._troubled_since)

    def control_failed(self, trouble: Trouble, *, began: float, now: float) -> None:
        """A control that was begun at `began` came to nothing."""
        if trouble.is_late and self._served_at >= began:
            # Slow, perhaps, but alive: others were served meanwhile.
            self.served(began=began, now=now)
        else:
            self._failed += 1
            self._last = trouble

    def next_control(self, now: float) -> float | None:
        """The seconds until the next control; nothing where there is no doubt, or no hope."""
        if self._troubled_since is None or self.given_up:
            return None
        if self._last is None:
            return 0.0
        last, since = self._last, self._ill_since(self._last, self._troubled_since)
        left = since + (2 if last.is_refusal else 1) * self._timeout - now
        if left <= 0 or (not last.is_refusal and self._has_tried_enough()):
            self._give_up(self._told(last, now - since))
            return None
        backoff = min(math.ldexp(_FIRST_PAUSE, self._failed - 1), _LONGEST_PAUSE)
        return min(max(backoff, last.asked_pause or 0.0), left)

    def health(self, *, began: float, ended: float) -> Health | None:
        """How the target was while a request went on that came to nothing; nothing where nobody knows yet."""
        if self._well_at >= ended:
            ill = any(begin <= ended and began <= end for begin, end in self._spells)
            return Health.ILL_FOR_A_TIME if ill else Health.WELL
        return Health.GIVEN_UP if self.given_up else None

    def _has_tried_enough(self) -> bool:
        return self._failed >= _MOST_CONTROLS or self._relapses >= _MOST_RELAPSES

    def _ill_since(self, last: Trouble, troubled_since: float) -> float:
        if self._refusing_since is None or not last.is_refusal:
            return troubled_since
        return min(troubled_since, self._refusing_since)

    def _recover(self, since: float, until: float) -> None:
        if self._last is not None:
            self._spells.append((since, until))
            # To ask for time again and again is the right of a target that limits its rate.
            self._relapses += not self._last.is_refusal
            self.illness = f"{self._name} was ill for a time: {self._told(self._last, until - since)}"
        self._troubled_since = self._last = None
        self._failed = 0

    def _told(self, last: Trouble, seconds: float) -> str:
        sent = f"{self._failed} sent, the last ended with: {last.words}"
        return f"no control request was served in {seconds:.1f} s ({sent})"

    def _give_up(self, why: str) -> None:
        self.given_up = self.given_up or f"{self._name} was given up: {why}"
