"""Pacing keeps the limits, honours refusals, and finds out what a target bears."""

from __future__ import annotations

from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatconform.client.pacing import Pacing, Ticket


@dataclass
class Departure:
    ticket: Ticket
    at: float


@dataclass
class World:
    """A target in simulated time: each answer takes its latency, and may be a refusal."""

    pacing: Pacing
    latencies: dict[Ticket, float] = field(default_factory=dict)
    refusals: dict[Ticket, list[float | None]] = field(default_factory=dict)
    capacity: int = 10**6
    now: float = 0.0
    departures: list[Departure] = field(default_factory=list)
    refused_until: dict[Ticket, float] = field(default_factory=dict)
    given_up: list[Ticket] = field(default_factory=list)
    answered: list[Ticket] = field(default_factory=list)
    refusal_count: int = 0
    most_in_flight: int = 0
    _answers: list[tuple[float, Ticket, bool]] = field(default_factory=list)
    _served: int = 0

    def add(
        self, *, priority: int = 0, latency: float = 1.0, refusals: list[float | None] | None = None
    ) -> Ticket:
        ticket = self.pacing.join(priority)
        self.latencies[ticket] = latency
        self.refusals[ticket] = list(refusals or [])
        return ticket

    def run(self) -> None:
        for _ in range(5000):
            self._depart()
            wake = self.pacing.next_departure(self.now)
            due = self._answers[0][0] if self._answers else None
            moments = [moment for moment in (wake, due) if moment is not None]
            if not moments:
                return
            self.now = max(self.now, min(moments))
            while self._answers and self._answers[0][0] <= self.now:
                self._arrive(*heappop(self._answers)[1:])
        pytest.fail("the simulation does not end")

    def _depart(self) -> None:
        for ticket in self.pacing.depart(self.now):
            self.departures.append(Departure(ticket, self.now))
            self.most_in_flight = max(self.most_in_flight, self.pacing.in_flight)
            refused = bool(self.refusals[ticket]) or self._served >= self.capacity
            self._served += not refused
            heappush(
                self._answers, (self.now + (0.01 if refused else self.latencies[ticket]), ticket, refused)
            )

    def _arrive(self, ticket: Ticket, refused: bool) -> None:
        if not refused:
            self._served -= 1
            self.pacing.answered(ticket)
            self.answered.append(ticket)
            return
        self.refusal_count += 1
        retry_after = self.refusals[ticket].pop(0) if self.refusals[ticket] else None
        if self.pacing.refused(ticket, self.now, retry_after):
            self.refused_until[ticket] = self.now + (retry_after or 0.0)
        else:
            self.given_up.append(ticket)


REQUESTS = st.lists(
    st.tuples(
        st.integers(0, 5),
        st.floats(0.01, 30),
        st.lists(st.one_of(st.none(), st.floats(0, 50)), max_size=3),
    ),
    max_size=30,
)


@given(REQUESTS, st.integers(1, 6), st.one_of(st.none(), st.integers(1, 10)))
def test_limits_are_kept_and_everything_is_sent(
    requests: list[tuple[int, float, list[float | None]]], concurrency: int, per_minute: int | None
) -> None:
    """Whatever the target answers, no limit is passed, no Retry-After broken, and nothing left behind."""
    world = World(Pacing(concurrency=concurrency, per_minute=per_minute))
    tickets = [world.add(priority=p, latency=latency, refusals=r) for p, latency, r in requests]

    world.run()

    assert sorted(world.answered) == tickets
    assert world.most_in_flight <= concurrency
    starts = [departure.at for departure in world.departures]
    if per_minute is not None:
        windows = zip(starts, starts[per_minute:], strict=False)
        assert all(later - earlier >= 60 - 1e-9 for earlier, later in windows)
    for ticket, until in world.refused_until.items():
        assert max(each.at for each in world.departures if each.ticket == ticket) >= until - 1e-9


@given(st.lists(st.integers(-5, 5), max_size=40))
def test_order_is_by_priority_and_then_by_age(priorities: list[int]) -> None:
    """With one request in flight, the highest priority goes first and equals in the order they came."""
    world = World(Pacing(concurrency=1))
    tickets = [world.add(priority=priority) for priority in priorities]

    world.run()

    expected = sorted(tickets, key=lambda ticket: (-priorities[ticket], ticket))
    assert [departure.ticket for departure in world.departures] == expected


def test_refusals_stand_after_the_retries() -> None:
    """A request that is refused again and again is sent four times in all."""
    world = World(Pacing(concurrency=2))
    ticket = world.add(refusals=[1.0] * 10)

    world.run()

    assert len(world.departures) == 4
    assert world.given_up == [ticket]


def test_waits_grow_without_a_retry_after() -> None:
    """Where the target does not say how long, the waits double."""
    world = World(Pacing(concurrency=2))
    world.add(refusals=[None, None, None])

    world.run()

    starts = [departure.at for departure in world.departures]
    waits = [round(later - earlier - 0.01, 3) for earlier, later in pairwise(starts)]
    assert waits == [0.5, 1.0, 2.0]


def test_long_waits_are_cut() -> None:
    """A target that asks for an hour gets a minute."""
    world = World(Pacing(concurrency=2))
    world.add(refusals=[3600.0])

    world.run()

    assert world.departures[-1].at == pytest.approx(60.01)


def test_only_the_refused_request_waits() -> None:
    """While one request waits for its time, others go on."""
    world = World(Pacing(concurrency=3))
    slow = [world.add(latency=20), world.add(latency=20)]
    refused = world.add(refusals=[15.0])
    late = world.add(priority=-1)

    world.run()

    starts = {departure.ticket: departure.at for departure in world.departures}
    assert starts[late] > starts[slow[0]]
    assert world.answered.index(late) > world.answered.index(slow[0])
    assert starts[refused] >= 15.0


def test_capacity_is_discovered() -> None:
    """A target that bears 16 gets 16: each surplus request is refused once, and the rate is kept up."""
    world = World(Pacing(concurrency=64), capacity=16)
    for _ in range(400):
        world.add()

    world.run()

    assert world.given_up == []
    # 400 requests of one second, 16 at a time, take 25 seconds.
    assert world.now < 28
    # 48 were refused at once; after that growing tries now and then whether there is more.
    assert world.refusal_count < 48 + 20


def test_limit_grows_again() -> None:
    """Once the target bears more, the limit comes back to what was asked for, and not beyond."""
    world = World(Pacing(concurrency=8), capacity=2)
    for _ in range(20):
        world.add()
    world.run()
    assert world.pacing.limit <= 3

    world.capacity = 100
    for _ in range(2000):
        world.add()
    world.run()

    assert world.pacing.limit == 8
    assert world.most_in_flight <= 8


def test_refusal_with_nothing_else_in_flight_holds_everything() -> None:
    """A lone request that is refused was not one too many at a time: the rate is, so all wait."""
    world = World(Pacing(concurrency=1))
    world.add(priority=1, refusals=[10.0])
    world.add()

    world.run()

    assert [round(departure.at) for departure in world.departures] == [0, 10, 11]


def test_withdrawn_tickets_make_room() -> None:
    """A request that is cancelled, waiting or in flight, blocks nobody."""
    pacing = Pacing(concurrency=1)
    first, second, third = pacing.join(), pacing.join(), pacing.join()
    assert pacing.depart(0.0) == [first]

    pacing.withdraw(second)
    pacing.withdraw(first)

    assert pacing.depart(0.0) == [third]
    pacing.answered(third)
    assert pacing.next_departure(0.0) is None
    assert pacing.in_flight == 0


def test_what_began_besides_counts_in_its_minute() -> None:
    """A control that nobody waited for, or a call before the run, leaves one less in the minute."""
    world = World(Pacing(concurrency=9, per_minute=3))
    world.pacing.began(-30.0)
    world.pacing.began(0.0)
    world.add()
    world.add()

    world.run()

    assert [round(departure.at) for departure in world.departures] == [0, 30]
