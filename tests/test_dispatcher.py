"""The dispatcher sends within the limits, waits out refusals, and hides nothing that was sent."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, TypeVar

import pytest

from chatconform.client.dispatcher import Dispatcher
from chatconform.client.pacing import Pacing
from chatconform.client.probe import Outgoing, Probe
from chatconform.client.target import Target
from chatconform.tests.support.wire import Handler, Received, Wire, WireServer
from chatconform.wire.exchange import Exchange, FailureKind, Request

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
    examines: bool = True,
) -> tuple[Value, list[Exchange]]:
    told: list[Exchange] = []

    async def perform() -> Value:
        async with Probe(target) as probe:
            return await work(Dispatcher(probe, on_exchange=told.append, pacing=pacing, examines=examines))

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
        last, told = dispatch(Target(url=server.url), one(server.url), pacing=pacing, examines=False)

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
        _, told = dispatch(Target(url=server.url), one(server.url), examines=False)

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
        last, told = dispatch(Target(url=server.url), one(server.url), examines=False)

    assert len(told) == len(server.received) == 1
    assert last.failure is not None


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


CONTROL = "/chat/completions"


def clinic(control: Callable[[int], int], other: Callable[[int], int]) -> Handler:
    """A target that answers its n-th control and its n-th other request with these statuses.

    A status of 0 hangs up instead, -1 never answers.
    """
    counts = {True: 0, False: 0}

    async def handler(request: Received, wire: Wire) -> bool:
        is_control = request.path == CONTROL
        counts[is_control] += 1
        status = (control if is_control else other)(counts[is_control])
        if status > 0:
            await wire.answer(status, b"{}")
        elif status < 0:
            await wire.stall()
        return status > 0

    return handler


def controls_in(told: list[Exchange]) -> list[Exchange]:
    return [each for each in told if each.scenario == "health"]


@pytest.mark.parametrize("status", [500, 0])
def test_failure_of_a_well_target_is_about_the_request(status: int) -> None:
    """Where a control is served, a 5xx or a broken connection stands as it came, and is not sent again."""
    with WireServer(clinic(control=lambda _: 200, other=lambda _: status)) as server:
        last, told = dispatch(Target(url=server.url), one(server.url))

    assert statuses(told) == [200, status]
    assert last is told[1]
    assert (last.illness, last.sent_again, last.retry_of) == ("", False, None)
    assert server.received[1].path == CONTROL


def test_request_that_met_an_ill_target_is_sent_again_when_it_is_well() -> None:
    """What failed while controls failed says nothing; it is sent once more, and that counts."""
    with WireServer(
        clinic(
            control=lambda turn: 500 if turn < 3 else 200,
            other=lambda turn: 500 if turn == 1 else 200,
        )
    ) as server:
        last, told = dispatch(Target(url=server.url), one(server.url))

    assert statuses(controls_in(told)) == [500, 500, 200]
    assert [bool(each.illness) for each in controls_in(told)] == [True, True, False]
    failed, again = [each for each in told if each.scenario == "s"]
    assert failed.sent_again
    assert "(2 sent" in failed.illness
    assert "500" in failed.illness
    assert again is last
    assert (again.retry_of, again.illness, statuses([again])) == (failed.id, "", [200])


def test_request_that_meets_an_ill_target_twice_is_left() -> None:
    """A request that makes its target ill whenever it comes is sent twice, and its last exchange says so."""
    with WireServer(clinic(control=lambda turn: 500 if turn % 2 else 200, other=lambda _: 0)) as server:
        last, told = dispatch(Target(url=server.url), one(server.url))

    assert [each.sent_again for each in told if each.scenario == "s"] == [True, False]
    assert last.illness
    assert len(server.received) == 6


def test_target_that_fails_for_ever_is_given_up() -> None:
    """Nothing more is sent after the controls have failed, and every exchange of that time says why."""
    with WireServer(clinic(control=lambda _: 503, other=lambda turn: 200 if turn < 5 else 503)) as server:
        target = Target(url=server.url, timeout=1.0, concurrency=2)
        returned, told = dispatch(target, many(server.url, 40))

    assert statuses(returned)[:4] == [200] * 4
    assert [each.illness for each in returned[:4]] == [""] * 4
    assert len(server.received) < 14
    reasons = {each.illness for each in returned[4:]}
    assert len(reasons) == 1
    assert "the target was given up" in reasons.pop()
    kinds = [each.failure.kind for each in returned if each.failure]
    assert kinds.count(FailureKind.NOT_SENT) >= 30
    assert all(each.illness for each in controls_in(told))


def test_dead_target_ends_the_run_soon() -> None:
    """Where nobody listens, the run ends within a few time-outs, and every exchange names the cause."""
    begin = time.monotonic()
    target = Target(url="http://127.0.0.1:1", concurrency=2, timeout=1.0)
    returned, _ = dispatch(target, many("http://127.0.0.1:1", 30))

    assert time.monotonic() - begin < 4
    kinds = [each.failure.kind for each in returned if each.failure]
    assert kinds.count(FailureKind.CONNECT) <= 2
    assert kinds.count(FailureKind.NOT_SENT) == 30 - kinds.count(FailureKind.CONNECT)
    assert all("Connection refused" in each.illness for each in returned)


def test_hanging_target_ends_the_run_soon() -> None:
    """One round of time-outs and one control are enough to give up a target that never answers."""
    with WireServer(clinic(control=lambda _: -1, other=lambda _: -1)) as server:
        begin = time.monotonic()
        target = Target(url=server.url, timeout=0.3, concurrency=5)
        returned, _ = dispatch(target, many(server.url, 40))

    assert time.monotonic() - begin < 4 * 0.3 + 0.5
    kinds = [each.failure.kind for each in returned if each.failure]
    assert kinds.count(FailureKind.TIMEOUT) == 5
    assert kinds.count(FailureKind.NOT_SENT) == 35
    assert all("within 0.3 s" in each.illness for each in returned)


def test_target_that_hangs_on_all_but_controls_ends_the_run_soon() -> None:
    """Time-outs in a row give a target up though it serves controls; the first are about the requests."""
    with WireServer(clinic(control=lambda _: 200, other=lambda _: -1)) as server:
        begin = time.monotonic()
        target = Target(url=server.url, timeout=0.2, concurrency=5)
        returned, _ = dispatch(target, many(server.url, 40))

    assert time.monotonic() - begin < 3
    late = [each for each in returned if each.failure and each.failure.kind is FailureKind.TIMEOUT]
    assert 10 <= len(late) <= 14
    assert not any(each.illness for each in late[:5])
    assert all("10 requests in a row" in each.illness for each in returned if each not in late)


def test_target_that_refuses_for_ever_is_given_up_within_its_patience() -> None:
    """A Retry-After beyond the patience is not waited for, request by request, but once for all."""

    async def handler(_: Received, wire: Wire) -> bool:
        await wire.answer(429, b"", "Retry-After: 30")
        return True

    with WireServer(handler) as server:
        begin = time.monotonic()
        target = Target(url=server.url, timeout=0.5, concurrency=4)
        returned, told = dispatch(target, many(server.url, 100))

    assert time.monotonic() - begin < 4 * 0.5
    assert len(server.received) < 12
    assert all("429" in each.illness for each in returned)
    assert all(each.sent_again for each in told if each not in returned and each.scenario == "s")


def test_target_that_refuses_for_a_while_serves_everything_in_the_end() -> None:
    """Refusals for three seconds, with no word on how long, cost time and no answer."""
    end = time.monotonic() + 3.0

    async def handler(_: Received, wire: Wire) -> bool:
        await wire.answer(429 if time.monotonic() < end else 200, b"{}")
        return True

    with WireServer(handler) as server:
        target = Target(url=server.url, timeout=3.0, concurrency=8)
        returned, told = dispatch(target, many(server.url, 40))

    assert statuses(returned) == [200] * 40
    assert not any(each.illness for each in returned)
    assert all(each.sent_again for each in told if statuses([each]) == [429] and each.scenario == "s")


@pytest.mark.parametrize("header", ["Retry-After: 1", "X-Plain: 1"])
def test_target_that_limits_its_rate_is_not_given_up(header: str) -> None:
    """Ten requests in a second and no more: everything is served in the end, however often it is refused."""
    window, count = 0, 0

    async def handler(_: Received, wire: Wire) -> bool:
        nonlocal window, count
        now = int(time.monotonic())
        window, count = now, count + 1 if now == window else 1
        await wire.answer(200 if count <= 10 else 429, b"{}", *([header] if count > 10 else []))
        return True

    with WireServer(handler) as server:
        target = Target(url=server.url, timeout=2.0, concurrency=8)
        returned, _ = dispatch(target, many(server.url, 60))

    assert statuses(returned) == [200] * 60
    assert not any(each.illness for each in returned)


def chat(url: str, *, stream: bool) -> Outgoing:
    return outgoing(f"{url}{CONTROL}", b'{"stream": true}' if stream else b"{}")


def test_target_that_ceases_to_stream_goes_on_without_streams() -> None:
    """Where only streams hang, streaming alone is given up, and plain requests are served."""
    streams = 0

    async def handler(request: Received, wire: Wire) -> bool:
        nonlocal streams
        is_stream = b'"stream": true' in request.body
        streams += is_stream
        if is_stream and streams > 1:
            await wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\ndata")
            await wire.stall()
        await wire.answer(200, b"{}")
        return True

    with WireServer(handler) as server:

        async def work(dispatcher: Dispatcher) -> list[Exchange]:
            return [
                await dispatcher.exchange(chat(server.url, stream=stream), scenario="s", path="plain")
                for stream in (True, True, True, False)
            ]

        returned, _ = dispatch(Target(url=server.url, timeout=0.3), work)

    served, hung, unsent, plain = returned
    assert served.illness == plain.illness == ""
    assert statuses([served, plain]) == [200, 200]
    assert "streaming was given up" in hung.illness
    assert unsent.failure is not None
    assert unsent.failure.kind is FailureKind.NOT_SENT


def test_target_that_never_streamed_is_not_ill() -> None:
    """Streams that fail from the first are a fact about the target, as long as it serves plain requests."""

    async def handler(request: Received, wire: Wire) -> bool:
        await wire.answer(500 if b'"stream": true' in request.body else 200, b"{}")
        return True

    with WireServer(handler) as server:

        async def work(dispatcher: Dispatcher) -> Exchange:
            return await dispatcher.exchange(chat(server.url, stream=True), scenario="s", path="plain")

        last, _ = dispatch(Target(url=server.url), work)

    assert statuses([last]) == [500]
    assert last.illness == ""
