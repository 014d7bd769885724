"""The dispatcher sends within the limits, waits out refusals, and hides nothing that was sent."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, TypeVar

import pytest

from chatconform.client.circuit import Circuit
from chatconform.client.dispatcher import Dispatcher
from chatconform.client.pacing import Pacing
from chatconform.client.probe import Outgoing, Probe
from chatconform.client.target import Target
from chatconform.tests.support.wire import Handler, Received, Wire, WireServer
from chatconform.wire.exchange import Exchange, Failure, FailureKind, Request

Value = TypeVar("Value")


def outgoing(url: str, body: bytes = b"{}") -> Outgoing:
    return Outgoing(request=Request(method="POST", url=url, headers=(), body=body))


def statuses(exchanges: list[Exchange]) -> list[int]:
    return [exchange.response.status if exchange.response else 0 for exchange in exchanges]


def dispatch(
    target: Target,
    work: Callable[[Dispatcher], Coroutine[Any, Any, Value]],
    *,
    pacing: Pacing | None = None,
    circuit: Circuit | None = None,
) -> tuple[Value, list[Exchange]]:
    told: list[Exchange] = []

    async def perform() -> Value:
        async with Probe(target) as probe:
            return await work(Dispatcher(probe, on_exchange=told.append, pacing=pacing, circuit=circuit))

    return asyncio.run(perform()), told


def answers(*answers: tuple[int, str], then: int = 200) -> Handler:
    """A target that gives these answers (status, header) in turn, and then always the last."""
    left = list(answers)

    async def handler(_: Received, wire: Wire) -> bool:
        status, header = left.pop(0) if left else (then, "X-Plain: 1")
        await wire.answer(status, b"", header)
        return True

    return handler


def one(url: str, *, patience: bool = True) -> Callable[[Dispatcher], Coroutine[Any, Any, Exchange]]:
    async def work(dispatcher: Dispatcher) -> Exchange:
        return await dispatcher.exchange(outgoing(url), scenario="s", path="plain", patience=patience)

    return work


def many(url: str, count: int) -> Callable[[Dispatcher], Coroutine[Any, Any, list[Exchange]]]:
    async def work(dispatcher: Dispatcher) -> list[Exchange]:
        sends = (dispatcher.exchange(outgoing(url), scenario="s", path="plain") for _ in range(count))
        return await asyncio.gather(*sends)

    return work


def test_exchange_knows_where_it_belongs() -> None:
    """Scenario, path, attempt and step are kept, and the ids count up."""
    with WireServer(answers()) as server:

        async def work(dispatcher: Dispatcher) -> list[Exchange]:
            where = {"scenario": "stop.letters", "path": "streamed", "attempt": 2}
            return [
                await dispatcher.exchange(outgoing(server.url), step="control", **where),  # type: ignore[arg-type]
                await dispatcher.exchange(outgoing(server.url), step="stopped", **where),  # type: ignore[arg-type]
            ]

        returned, told = dispatch(Target(url=server.url), work)

    assert returned == told
    assert [(each.id, each.step, each.reused) for each in told] == [
        ("x0001", "control", False),
        ("x0002", "stopped", True),
    ]
    assert (told[0].scenario, told[0].path, told[0].attempt) == ("stop.letters", "streamed", 2)
    assert abs(told[0].started - time.time()) < 60


def test_concurrency_is_bounded() -> None:
    """Never more requests are at the target than it allows, and not fewer where there is work."""
    now = most = 0

    async def handler(_: Received, wire: Wire) -> bool:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.02)
        now -= 1
        await wire.answer(200, b"")
        return True

    with WireServer(handler) as server:
        dispatch(Target(url=server.url, concurrency=3), many(server.url, 20))

    assert most == 3


def test_higher_priority_goes_first() -> None:
    """Among the waiting, the longest chain is served first."""

    async def handler(_: Received, wire: Wire) -> bool:
        await asyncio.sleep(0.01)
        await wire.answer(200, b"")
        return True

    with WireServer(handler) as server:

        async def work(dispatcher: Dispatcher) -> None:
            sends = [
                dispatcher.exchange(
                    outgoing(server.url, b"%d" % priority), scenario="s", path="plain", priority=priority
                )
                for priority in (1, 3, 2, 3)
            ]
            await asyncio.gather(*sends)

        dispatch(Target(url=server.url, concurrency=1), work)

    assert [request.body for request in server.received] == [b"1", b"3", b"3", b"2"]


def test_refusal_is_waited_out_and_recorded() -> None:
    """A 429 with Retry-After is sent again after that time, as an exchange that names the refused one."""
    with WireServer(answers((429, "Retry-After: 1"))) as server:
        begin = time.monotonic()
        last, told = dispatch(Target(url=server.url), one(server.url))

    assert time.monotonic() - begin >= 1.0
    assert statuses(told) == [429, 200]
    assert [each.retry_of for each in told] == [None, "x0001"]
    assert last is told[1]


def test_retry_after_may_be_a_date() -> None:
    """RFC 9110 10.2.3: Retry-After is a number of seconds or a date."""
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
    with WireServer(answers((429, f"Retry-After: {moment}"))) as server:
        begin = time.monotonic()
        _, told = dispatch(Target(url=server.url), one(server.url))

    assert statuses(told) == [429, 200]
    assert 0.8 <= time.monotonic() - begin < 3


@pytest.mark.parametrize(
    "value", ["soon", "-1", "1.5", "99999999999999999999", "²", "Mon, 99 Jan 2026 00:00:00 GMT"]
)
def test_unreadable_retry_after_falls_back_to_waiting(value: str) -> None:
    """Whatever stands in Retry-After, the request is sent again after a while."""
    pacing = Pacing(concurrency=1, longest_wait=0.1)

    async def handler(_: Received, wire: Wire) -> bool:
        fields = f"Retry-After: {value}\r\nContent-Length: 0\r\n"
        await wire.send(f"HTTP/1.1 {429 if wire.turn == 1 else 200} X\r\n{fields}\r\n".encode())
        return True

    with WireServer(handler) as server:
        _, told = dispatch(Target(url=server.url), one(server.url), pacing=pacing)

    assert statuses(told) == [429, 200]


def test_refusals_stand_after_the_retries() -> None:
    """After three retries the last 429 is the answer."""
    with WireServer(answers(then=429)) as server:
        pacing = Pacing(concurrency=1, longest_wait=0.01)
        last, told = dispatch(Target(url=server.url), one(server.url), pacing=pacing)

    assert statuses(told) == [429] * 4
    assert [each.retry_of for each in told] == [None, "x0001", "x0002", "x0003"]
    assert last.response is not None
    assert last.response.status == 429


def test_without_patience_a_refusal_stands() -> None:
    """A check of rate limits sees the first 429, and nobody else is slowed down by it."""
    pacing = Pacing(concurrency=8)
    with WireServer(answers(then=429)) as server:
        _, told = dispatch(Target(url=server.url), one(server.url, patience=False), pacing=pacing)

    assert statuses(told) == [429]
    assert pacing.limit == 8


@pytest.mark.parametrize(("header", "expected"), [("Retry-After: 0", [503, 200]), ("X-Plain: 1", [503])])
def test_unavailability_is_waited_out_only_where_the_target_says_so(header: str, expected: list[int]) -> None:
    """503 is a refusal with Retry-After, and an answer without."""
    with WireServer(answers((503, header))) as server:
        _, told = dispatch(Target(url=server.url), one(server.url))

    assert statuses(told) == expected


def test_capacity_of_a_real_server_is_found() -> None:
    """Against a target that bears 4, asking for 16 brings every answer, at the rate of 4."""
    now = most_served = 0

    async def handler(_: Received, wire: Wire) -> bool:
        nonlocal now, most_served
        if now >= 4:
            await wire.answer(429, b"")
            return True
        now += 1
        most_served = max(most_served, now)
        await asyncio.sleep(0.05)
        now -= 1
        await wire.answer(200, b"")
        return True

    with WireServer(handler) as server:
        begin = time.monotonic()
        returned, told = dispatch(Target(url=server.url, concurrency=16), many(server.url, 60))

    assert statuses(returned) == [200] * 60
    assert most_served == 4
    assert statuses(told).count(429) <= 20
    assert time.monotonic() - begin < 3


def test_request_that_dies_on_a_reused_connection_is_sent_once_more() -> None:
    """Servers let idle connections go without a word; the second try shows, and is the answer."""

    async def handler(_: Received, wire: Wire) -> bool:
        if wire.turn > 1:
            return False
        await wire.answer(200, b"%d" % wire.number)
        return True

    with WireServer(handler) as server:

        async def work(dispatcher: Dispatcher) -> list[Exchange]:
            return [
                await dispatcher.exchange(outgoing(server.url), scenario="s", path="plain") for _ in range(2)
            ]

        returned, told = dispatch(Target(url=server.url), work)

    assert [(each.id, each.retry_of, each.reused) for each in told] == [
        ("x0001", None, False),
        ("x0002", None, True),
        ("x0003", "x0002", False),
    ]
    assert told[1].failure is not None
    assert told[1].failure.kind is FailureKind.CLOSED
    assert returned[1].response is not None
    assert returned[1].response.raw == b"2"


def test_death_on_a_fresh_connection_is_not_repeated() -> None:
    """A target that hangs up on a new connection does so on purpose."""

    async def handler(_: Received, __: Wire) -> bool:
        return False

    with WireServer(handler) as server:
        last, told = dispatch(Target(url=server.url), one(server.url))

    assert len(told) == len(server.received) == 1
    assert last.failure is not None


def test_dead_target_ends_the_run_soon() -> None:
    """After five failures to connect nothing more is sent, and every exchange says why."""
    returned, told = dispatch(
        Target(url="http://127.0.0.1:1", concurrency=2), many("http://127.0.0.1:1", 30), circuit=Circuit()
    )

    kinds = [each.failure.kind for each in told if each.failure]
    assert kinds.count(FailureKind.CONNECT) in (5, 6)
    assert kinds.count(FailureKind.NOT_SENT) == 30 - kinds.count(FailureKind.CONNECT)
    last = returned[-1].failure
    assert last is not None
    assert "given up" in last.message
    assert "Connection refused" in last.message


def test_hanging_target_ends_the_run_soon() -> None:
    """Time-outs in a row give a target up, so that a run does not wait for each of them."""

    async def handler(_: Received, wire: Wire) -> None:
        await wire.stall()

    with WireServer(handler) as server:
        begin = time.monotonic()
        _, told = dispatch(Target(url=server.url, timeout=0.2, concurrency=5), many(server.url, 40))

    assert time.monotonic() - begin < 2
    kinds = [each.failure.kind for each in told if each.failure]
    # Five give it up; up to four more were sent into the places of the first that had timed out.
    assert 5 <= kinds.count(FailureKind.TIMEOUT) <= 9
    assert kinds.count(FailureKind.NOT_SENT) == 40 - kinds.count(FailureKind.TIMEOUT)


def failed(kind: FailureKind) -> Failure:
    return Failure(kind=kind, message="why", at=0.0)


def test_circuit_counts_only_failures_in_a_row() -> None:
    """One answer of any kind is a sign of life."""
    circuit = Circuit(threshold=2)

    circuit.note(failed(FailureKind.CONNECT), answered=False, now=0.0)
    circuit.note(None, answered=True, now=0.0)
    circuit.note(failed(FailureKind.TIMEOUT), answered=False, now=0.0)

    assert circuit.admits(0.0)


def test_circuit_ignores_closed_connections() -> None:
    """A target that hangs up lives, but has not answered either."""
    circuit = Circuit(threshold=2)

    circuit.note(failed(FailureKind.CONNECT), answered=False, now=0.0)
    circuit.note(failed(FailureKind.CLOSED), answered=False, now=0.0)
    assert circuit.admits(0.0)
    circuit.note(failed(FailureKind.CONNECT), answered=False, now=0.0)

    assert not circuit.admits(0.0)


def test_circuit_tries_again_now_and_then() -> None:
    """A target that comes back is noticed by one request every five seconds."""
    circuit = Circuit(threshold=1, recheck=5.0)
    circuit.note(failed(FailureKind.CONNECT), answered=False, now=0.0)

    assert [circuit.admits(now) for now in (0.0, 4.9, 5.0, 5.1, 9.9, 10.0)] == [
        False,
        False,
        True,
        False,
        False,
        True,
    ]
    circuit.note(None, answered=True, now=10.0)
    assert circuit.admits(10.0)


def test_cancelled_exchange_gives_its_place_back() -> None:
    """A scenario that is cancelled blocks nobody."""

    async def handler(request: Received, wire: Wire) -> bool:
        if request.body == b"slow":
            await wire.stall()
        await wire.answer(200, b"")
        return True

    with WireServer(handler) as server:

        async def work(dispatcher: Dispatcher) -> Exchange:
            slow = asyncio.ensure_future(
                dispatcher.exchange(outgoing(server.url, b"slow"), scenario="s", path="plain")
            )
            waiting = asyncio.ensure_future(
                dispatcher.exchange(outgoing(server.url), scenario="s", path="plain")
            )
            await asyncio.sleep(0.05)
            slow.cancel()
            await asyncio.gather(slow, return_exceptions=True)
            return await waiting

        last, _ = dispatch(Target(url=server.url, concurrency=1), work)

    assert last.response is not None
    assert last.response.status == 200
