"""When which request may be sent: limits, priorities and refusals, without a clock or a socket.

Rules
=====

1. Never more in flight than the limit, never more begun in a minute than the target was said to allow.
2. Among those that may go, the highest priority goes first (callers give the length of the chain that still
   hangs on it), and the oldest among equals.
3. A refusal (429, or 503 with Retry-After) tells how much the target bears: the limit becomes what was still
   in flight at that moment, and only the refused request is delayed. After a while without refusal the
   limit grows by one; where growing led to a refusal, the next growth takes twice as long.
4. A refusal with nothing else in flight is not about concurrency but about a rate: then everything waits.
5. A request is sent again at most `retries` times; then the refusal stands.

Every method takes the time from its caller, in seconds of any monotonic clock.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from heapq import heappop, heappush

_MINUTE = 60.0
_FIRST_BACKOFF = 0.5
_GROWTH_ROUNDS = 2
_GROWTH_ROUNDS_LIMIT = 64

Ticket = int


@dataclass(slots=True)
class _Wish:
    priority: int
    refusals: int = 0


class Pacing:
    """Hands out tickets and says which of them may go.

    `concurrency` is the most that is ever in flight, `per_minute` the most that is begun in any 60 seconds
    (nothing for no such limit), `retries` how often a refused request is sent again, `longest_wait` the
    seconds after which it is sent again even if the target asked for more.
    """

    def __init__(
        self,
        *,
        concurrency: int,
        per_minute: int | None = None,
        retries: int = 3,
        longest_wait: float = 60.0,
    ) -> None:
        self.limit = max(1, concurrency)
        self._most = self.limit
        self._per_minute = per_minute
        self._retries = retries
        self._longest_wait = longest_wait
        self._wishes: dict[Ticket, _Wish] = {}
        self._waiting: set[Ticket] = set()
        # Two heaps: who may go as soon as there is room, and who must wait for a time. A ticket that was
        # withdrawn stays in its heap until it comes to the top.
        self._ready: list[tuple[int, Ticket]] = []
        self._delayed: list[tuple[float, Ticket]] = []
        self._starts: deque[float] = deque()
        self._next_ticket = 0
        self._all_wait_until = 0.0
        self._answers_in_row = 0
        self._growth_rounds = _GROWTH_ROUNDS
        self._has_grown = False

    @property
    def in_flight(self) -> int:
        """How many tickets have gone and not come back."""
        return len(self._wishes) - len(self._waiting)

    def join(self, priority: int = 0) -> Ticket:
        """A ticket for a request that is to be sent."""
        ticket = self._next_ticket
        self._next_ticket += 1
        self._wishes[ticket] = _Wish(priority)
        self._waiting.add(ticket)
        heappush(self._ready, (-priority, ticket))
        return ticket

    def depart(self, now: float) -> list[Ticket]:
        """The tickets that go now, in order; from here on they are in flight."""
        departing: list[Ticket] = []
        self._sort(now)
        while self._ready and self._has_room(now):
            _, ticket = heappop(self._ready)
            self._waiting.discard(ticket)
            self._starts.append(now)
            departing.append(ticket)
            self._sort(now)
        return departing

    def began(self, now: float) -> None:
        """A request begins that no ticket is for: nobody waits for it, but its minute has one less."""
        self._starts.append(now)

    def next_departure(self, now: float) -> float | None:
        """When `depart` may let somebody go though nobody came back before; nothing if that cannot be."""
        self._sort(now)
        if not self._waiting or self.in_flight >= self.limit:
            return None
        soonest = now if self._ready else self._delayed[0][0]
        minute = self._starts[0] + _MINUTE if self._minute_is_full(now) else now
        return max(soonest, minute, self._all_wait_until)

    def answered(self, ticket: Ticket) -> None:
        """The ticket came back with anything but a refusal."""
        self._leave(ticket)
        self._answers_in_row += 1
        if self.limit < self._most and self._answers_in_row >= self._growth_rounds * self.limit:
            self.limit += 1
            self._answers_in_row = 0
            self._has_grown = True

    def refused(
        self, ticket: Ticket, now: float, retry_after: float | None = None, *, at_most: float = math.inf
    ) -> bool:
        """The ticket came back refused; returns whether it waits for another departure.

        It waits no longer than `at_most` seconds. Where it does not wait it stays in flight: what its holder
        still does on account of the refusal takes the place of the request.
        """
        self._learn(others=self.in_flight - 1)
        wish = self._wishes[ticket]
        wish.refusals += 1
        wait = min(self._wait(wish.refusals, retry_after), at_most)
        if self.in_flight == 1:
            self._all_wait_until = max(self._all_wait_until, now + wait)
        if wish.refusals > self._retries:
            return False
        self._waiting.add(ticket)
        heappush(self._delayed, (now + wait, ticket))
        return True

    def withdraw(self, ticket: Ticket) -> None:
        """The ticket is of no use any more, wherever it is; nothing is learned from that."""
        self._leave(ticket)

    def _leave(self, ticket: Ticket) -> None:
        self._wishes.pop(ticket, None)
        self._waiting.discard(ticket)

    def _learn(self, *, others: int) -> None:
        self.limit = max(1, min(self.limit, others))
        self._answers_in_row = 0
        if self._has_grown:
            self._has_grown = False
            self._growth_rounds = min(2 * self._growth_rounds, _GROWTH_ROUNDS_LIMIT)

    def _wait(self, refusals: int, retry_after: float | None) -> float:
        backoff = _FIRST_BACKOFF * 2 ** (refusals - 1)
        return min(backoff if retry_after is None else max(retry_after, 0.0), self._longest_wait)

    def _sort(self, now: float) -> None:
        """Bring to the top of both heaps what is still wanted, and make ready whose time has come."""
        while self._delayed and (self._delayed[0][0] <= now or self._delayed[0][1] not in self._waiting):
            _, ticket = heappop(self._delayed)
            if ticket in self._waiting:
                heappush(self._ready, (-self._wishes[ticket].priority, ticket))
        while self._ready and self._ready[0][1] not in self._waiting:
            heappop(self._ready)

    def _has_room(self, now: float) -> bool:
        may_go = now >= self._all_wait_until and not self._minute_is_full(now)
        return may_go and self.in_flight < self.limit

    def _minute_is_full(self, now: float) -> bool:
        while self._starts and self._starts[0] + _MINUTE <= now:
            self._starts.popleft()
        return self._per_minute is not None and len(self._starts) >= self._per_minute
