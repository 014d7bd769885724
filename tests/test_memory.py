"""The memory of a run that was cut off: what it hands out, to whom, and what that costs."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatconform.client.dispatcher import Dispatcher
from chatconform.client.memory import Memory
from chatconform.client.probe import USER_AGENT, Outgoing, Probe
from chatconform.client.target import Target
from chatconform.client.telling import Place
from chatconform.record.redact import redacted_exchange
from chatconform.tests.support.exchanges import KEY, completion, exchange, hung, refusal, streamed
from chatconform.tests.support.wire import Received, Wire, WireServer
from chatconform.wire.exchange import Exchange, Failure, FailureKind, Request
from chatconform.wire.redaction import Redactor

HERE = Place(scenario="here", path="plain", step="one")
ELSEWHERE = replace(HERE, scenario="elsewhere")
PLACES = [replace(HERE, step=step, attempt=attempt) for step in ("one", "two") for attempt in (1, 2)]


def at(told: Exchange, place: Place = HERE, **changes: Any) -> Exchange:
    return replace(
        told, scenario=place.scenario, path=place.path, attempt=place.attempt, step=place.step, **changes
    )


def asking(told: Exchange, *, stop_after_events: int | None = None) -> Outgoing:
    return Outgoing(request=told.request, stop_after_events=stop_after_events)


def memory(*records: Sequence[Exchange]) -> Memory:
    """What is known from records, from which the key was taken out."""
    redactor = Redactor([KEY])
    return Memory([[redacted_exchange(each, redactor) for each in record] for record in records], redactor)


ANSWER = at(exchange(completion()))


@st.composite
def recorded(draw: st.DrawFn) -> list[Exchange]:
    """Exchanges of a few requests from a few places, some of which answer nothing."""
    found = []
    for number in range(draw(st.integers(0, 12))):
        told = exchange(completion(), sent={"question": draw(st.integers(1, 3))})
        flaw = draw(st.sampled_from(({}, {}, {}, {"sent_again": True}, {"illness": "it was down"})))
        found.append(
            at(told, draw(st.sampled_from(PLACES)), id=f"x{number:04}", started=float(number), **flaw)
        )
    return found


@given(exchanges=recorded(), data=st.data())
def test_each_answer_is_handed_out_once_and_to_who_asks_for_it(
    exchanges: list[Exchange], data: st.DataObject
) -> None:
    """Whoever asks gets an answer to the same request of the same attempt, which nobody gets again."""
    known = memory(exchanges)
    by_start = {each.started: each for each in exchanges}
    met: Counter[float] = Counter()
    for _ in range(15):
        place, is_own = data.draw(st.sampled_from(PLACES)), data.draw(st.booleans())
        wish = exchange(completion(), sent={"question": data.draw(st.integers(1, 3))})
        (*_, came) = known.recall(asking(wish), place, is_own=is_own) or (None,)
        if came is None:
            fitting = [
                each
                for each in exchanges
                if each.request.body == wish.request.body
                and not (each.sent_again or each.illness or met[each.started])
                and (each.attempt, each.step if is_own else place.step) == (place.attempt, place.step)
            ]
            assert fitting == []
            continue
        met[came.started] += 1
        assert by_start[came.started].response == came.response
        assert came.request == wish.request
        assert not came.sent_again
        assert not came.illness
        assert came.attempt == place.attempt
        assert came.step == place.step or not is_own
    assert max(met.values(), default=1) == 1
    assert {each.started for each in known.sent} == by_start.keys() - met.keys()


@given(exchanges=recorded(), data=st.data())
def test_a_run_that_asks_for_the_same_in_any_order_gets_all_of_it(
    exchanges: list[Exchange], data: st.DataObject
) -> None:
    """Each place gets its own answer back, whoever comes first."""
    known = memory(exchanges)
    good = [each for each in exchanges if not (each.sent_again or each.illness)]
    assert known.answered == len(good)

    for told in data.draw(st.permutations(good)):
        place = Place(scenario=told.scenario, path=told.path, attempt=told.attempt, step=told.step)
        (*_, came) = known.recall(asking(told), place, is_own=True)
        assert came.step == told.step

    assert all(each.sent_again or each.illness for each in known.sent)


def test_a_later_record_and_an_earlier_one_are_known_as_one() -> None:
    """What was handed over to the later run is there once, what it had not come to as well."""
    other = at(exchange(completion(), sent={"question": 2}), ELSEWHERE)
    known = memory([ANSWER], [replace(ANSWER, id="x0009"), other])

    assert known.answered == 2
    assert known.recall(asking(ANSWER), HERE)
    assert not known.recall(asking(ANSWER), HERE)
    assert known.recall(asking(other), HERE)


def test_what_was_redacted_and_added_is_known_again_and_put_back() -> None:
    """What we compose is what the record has, where the key is out and the client's own headers are in."""
    composed = replace(
        ANSWER.request, headers=(("Authorization", f"Bearer {KEY}"), ("Content-Type", "application/json"))
    )
    added = (("Host", "target"), ("User-Agent", USER_AGENT), ("Accept", "*/*"))
    own = (("Authorization", "Bearer [redacted]"), ("Content-Type", "application/json"))
    then = replace(ANSWER, request=replace(composed, headers=(*added, *own, ("Content-Length", "9"))))
    known = memory([then])

    assert not known.recall(Outgoing(request=replace(composed, body=b"{}")), HERE)
    assert not known.recall(Outgoing(request=replace(composed, headers=())), HERE)
    accepts = replace(composed, headers=(*composed.headers, ("Accept", "text/event-stream")))
    assert not known.recall(Outgoing(request=accepts), HERE)
    (came,) = known.recall(Outgoing(request=composed), HERE)

    assert came.request.headers == (*added, *composed.headers, ("Content-Length", "9"))


def ended(kind: FailureKind, message: str = "it ended") -> Exchange:
    told = streamed(done=False)
    assert told.response is not None
    failure = Failure(kind=kind, message=message, at=1.0)
    return at(replace(told, failure=failure, response=replace(told.response, complete=False)))


@pytest.mark.parametrize(
    "lost",
    [
        at(hung()),
        at(hung(FailureKind.CONNECT)),
        ended(FailureKind.CLOSED),
        ended(FailureKind.TIMEOUT),
        at(refusal(429)),
        replace(ANSWER, illness="it was down"),
        replace(ANSWER, sent_again=True),
        replace(ANSWER, scenario="health"),
        replace(ANSWER, scenario="smoke"),
        replace(ANSWER, attempt=2),
    ],
)
def test_what_answers_nothing_is_asked_again(lost: Exchange) -> None:
    """No answer, half of one, a refusal that has to be waited out, an ill target, and what others asked."""
    assert not memory([lost]).recall(asking(lost), HERE)


@pytest.mark.parametrize(
    "told",
    [at(refusal(500)), at(refusal(400)), ended(FailureKind.TOO_LARGE), ended(FailureKind.PROTOCOL)],
)
def test_what_is_wrong_with_an_answer_stays_so(told: Exchange) -> None:
    """A failure that a healthy target answers with is its answer."""
    assert memory([told]).recall(asking(told), HERE)


def test_who_has_no_patience_gets_the_refusal() -> None:
    """A burst above the limit is about its refusals."""
    refused = at(refusal(429))

    assert memory([refused]).recall(asking(refused), HERE, is_own=True, patience=False)


def test_how_much_was_read_has_to_be_alike() -> None:
    """A stream that was left early answers who leaves as early; one that ended answers who reads on."""
    left, read = ended(FailureKind.ABORTED, "closed by us after 3 events"), at(streamed())

    assert memory([left]).recall(asking(left, stop_after_events=3), ELSEWHERE)
    assert not memory([left]).recall(asking(left, stop_after_events=4), HERE)
    assert not memory([left]).recall(asking(left), HERE)
    assert not memory([read]).recall(asking(read, stop_after_events=3), ELSEWHERE)
    assert memory([read]).recall(asking(read, stop_after_events=3), HERE)
    assert memory([read]).recall(asking(read), ELSEWHERE)


def test_a_record_that_repeats_itself_in_a_circle_ends() -> None:
    """A record may say what it likes."""
    one, two = replace(ANSWER, id="x1", retry_of="x2"), replace(ANSWER, id="x2", retry_of="x1", started=2.0)

    assert len(memory([one, two]).recall(asking(ANSWER), HERE)) == 2


async def _answers(_: Received, wire: Wire) -> bool:
    await wire.answer_json(200, completion())
    return True


def dispatched(
    target: Target, known: Memory, work: Callable[[Dispatcher], Coroutine[Any, Any, object]]
) -> list[Exchange]:
    """What is told of while something is sent."""
    told: list[Exchange] = []

    async def perform() -> None:
        async with Probe(target) as probe:
            await work(Dispatcher(probe, on_exchange=told.append, memory=known, examines=False))

    asyncio.run(perform())
    return told


def one(number: int, url: str) -> Request:
    return Request(method="POST", url=f"{url}/chat/completions", headers=(), body=b'{"n": %d}' % number)


def test_what_is_known_is_told_of_with_what_it_repeats_and_not_sent() -> None:
    """The chain keeps its order, its times and what it was; its ids are new."""
    with WireServer(_answers) as server:
        asked = one(1, server.url)
        first = at(replace(refusal(429), id="x0007", request=asked, sent_again=True, started=5.0), ELSEWHERE)
        second = at(replace(ANSWER, id="x0009", request=asked, retry_of="x0007", started=6.0), ELSEWHERE)

        async def work(dispatcher: Dispatcher) -> None:
            for number in (2, 1):
                outgoing = Outgoing(request=one(number, server.url))
                await dispatcher.exchange(outgoing, scenario="here", path="plain", step=f"step {number}")

        told = dispatched(Target(url=server.url), memory([first, second]), work)

    assert [(each.id, each.retry_of, each.step) for each in told] == [
        ("x0001", None, "step 2"),
        ("x0002", None, "step 1"),
        ("x0003", "x0002", "step 1"),
    ]
    assert [each.started for each in told[1:]] == [5.0, 6.0]
    assert [each.sent_again for each in told] == [False, True, False]
    assert len(server.received) == 1


def test_what_is_known_counts_for_the_pace_by_when_it_was_sent() -> None:
    """A request of a minute ago makes room in the time that is left; what is known waits for nothing."""
    with WireServer(_answers) as server:
        known = at(replace(ANSWER, request=one(1, server.url), started=time.time() - 59.2))
        begin = time.monotonic()
        waited: list[float] = []

        async def work(dispatcher: Dispatcher) -> None:
            for number in (1, 2):
                outgoing = Outgoing(request=one(number, server.url))
                await dispatcher.exchange(outgoing, scenario="here", path="plain", step="one")
                waited.append(time.monotonic() - begin)

        dispatched(Target(url=server.url, per_minute=1), memory([known]), work)

    assert waited[0] < 0.5 < waited[1] < 10


def test_what_is_known_was_paid_for() -> None:
    """A budget that the run before has spent lets nothing more be sent, and keeps no answer back."""
    with WireServer(_answers) as server:
        known = at(replace(ANSWER, request=one(1, server.url), started=time.time()))

        async def work(dispatcher: Dispatcher) -> None:
            for number in (1, 2):
                outgoing = Outgoing(request=one(number, server.url))
                await dispatcher.exchange(outgoing, scenario="here", path="plain", step="one")
            assert dispatcher.cut_short == "the token budget of 12 is spent"

        begin = time.monotonic()
        told = dispatched(Target(url=server.url, token_budget=12, per_minute=1), memory([known]), work)

    assert [each.response is not None for each in told] == [True, False]
    assert server.received == []
    assert time.monotonic() - begin < 10


def test_what_ends_before_it_was_looked_into_is_no_verdict() -> None:
    """A run that ends between a failure and its control does not know whose fault that was, and says so."""

    async def fails(request: Received, wire: Wire) -> bool:
        if request.body != b'{"n": 1}':
            await wire.stall()
        await wire.answer_json(500, {})
        return True

    told: list[Exchange] = []
    with WireServer(fails) as server:

        async def perform() -> None:
            async with Probe(Target(url=server.url)) as probe:
                dispatcher = Dispatcher(probe, on_exchange=told.append)
                outgoing = Outgoing(request=one(1, server.url))
                sending = asyncio.ensure_future(dispatcher.exchange(outgoing, scenario="here", path="plain"))
                while len(server.received) < 2:
                    await asyncio.sleep(0.01)
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)

        asyncio.run(perform())

    (failed,) = [each for each in told if each.scenario == "here"]
    assert failed.illness == "the run ended before it was seen how the target was"
    assert not memory([failed]).recall(Outgoing(request=failed.request), HERE)
