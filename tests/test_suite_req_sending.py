"""How many requests bad and legal requests take, and which."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

import pytest

from chatconform.client.target import Target
from chatconform.judging.check import OfTraffic
from chatconform.plays.conductor import Audience, Conductor
from chatconform.plays.path import PLAIN, STREAMED
from chatconform.plays.scenario import keys_of
from chatconform.plays.stage import Sending, Stage
from chatconform.running.catalogue import all_checks
from chatconform.running.embedded import EmbeddedServer
from chatconform.suites import basics
from chatconform.suites.err.scenarios import refusals
from chatconform.suites.req import sending
from chatconform.suites.req.conversations import ODDITIES, oddities
from chatconform.suites.req.defects import DEFECTS, MEMBERS, OUTSIDE, WRONG_TYPES
from chatconform.suites.req.parameters import BOUNDS, NULLS, OPTIONAL, nulls, parameters
from chatconform.suites.req.scenarios import defects, members, not_json, outside_ranges, wrong_types
from chatconform.tests.support.exchanges import completion, exchange, refusal
from chatconform.wire.exchange import Exchange
from chatconform.wire.jsontext import parse

TARGET = Target(url="http://target/v1", key="k", model="m", limit="max_tokens")
SERVED = exchange(completion())
Answer = Callable[[Any], Exchange]


def performed(
    perform: Callable[[Stage], Coroutine[Any, Any, None]], answer: Answer, *, thorough: bool = False
) -> list[str]:
    """The steps that a scenario performs on a target which answers like this."""

    async def send(wish: Sending) -> Exchange:
        return replace(answer(wish.request.body), step=wish.step, request=wish.request)

    stage = Stage(target=TARGET, path=PLAIN, attempt=1, seed="s", send=send, thorough=thorough)
    asyncio.run(perform(stage))
    return [each.step for each in stage.exchanges]


def lax(_: bytes) -> Exchange:
    return SERVED


def blaming(*names: str) -> Answer:
    """A target that refuses whatever has a member of these in another form than the good request's."""

    def answer(body: bytes) -> Exchange:
        sent = parse(body)
        assert isinstance(sent, dict)
        wrong = [name for name in names if name in sent and not is_good(name, sent[name])]
        return refusal(400, f"{wrong[0]} is wrong.") if wrong else SERVED

    return answer


def is_good(name: str, value: object) -> bool:
    return name == "messages" and isinstance(value, list)


def without_streams(body: bytes) -> Exchange:
    return refusal(400, "stream is not supported") if b'"stream": true' in body else SERVED


def test_the_streamed_greeting_is_the_shared_one() -> None:
    """It is the very request that the streamed path sends, so that it is sent once."""

    async def send(_: Sending) -> Exchange:
        return SERVED

    plain, streamed = (
        Stage(target=TARGET, path=path, attempt=1, seed="s", send=send) for path in (PLAIN, STREAMED)
    )

    assert list(sending.streamed_greeting(plain).items()) == list(basics.greeting(streamed).items())


def test_a_lax_server_is_asked_once_for_many_defects() -> None:
    """Who takes all wrong values at once is not asked for each."""
    assert performed(wrong_types.perform, lax) == ["control", "control-streamed", "wrong-types"]
    assert performed(outside_ranges.perform, lax) == ["control", "control-streamed", "outside-ranges"]


def test_what_a_refusal_does_not_name_is_sent_alone() -> None:
    """A server that names one fault is asked for the others; one that names none is asked for each."""
    one = performed(outside_ranges.perform, blaming("top_p"))
    mute = performed(outside_ranges.perform, lambda body: SERVED if b"1.1" not in body else refusal(500))

    assert {each.removesuffix("-streamed") for each in one[3:]} == {
        each.name for each in OUTSIDE.core if each.param != "top_p"
    }
    assert len(mute) == 3 + len(OUTSIDE.core)


def test_streams_that_are_not_served_leave_the_plain_form() -> None:
    """Where a stream is refused as such, what would be sent streamed is sent plain."""
    assert performed(members.perform, without_streams)[2:] == [each.name for each in MEMBERS]
    assert performed(defects.perform, without_streams)[2:] == [each.name for each in DEFECTS]


def test_both_forms_are_seen_in_turns() -> None:
    """Half of the bad members are sent plain and half streamed; thoroughly, all in both forms."""
    usual, thorough = performed(members.perform, lax), performed(members.perform, lax, thorough=True)

    assert [step.endswith("-streamed") for step in usual[2:]] == [False, True, False, True]
    assert len(thorough) == 2 + 2 * len(MEMBERS)


@pytest.mark.parametrize(
    ("scenario", "parts"),
    [(nulls, len(NULLS)), (parameters, len(OPTIONAL) + len(BOUNDS)), (oddities, len(ODDITIES) + 1)],
)
@pytest.mark.parametrize(
    ("came", "each_alone"),
    [(SERVED, False), (refusal(400), True), (refusal(500), True), (refusal(429), False)],
)
def test_legal_parts_are_sent_alone_only_where_they_fail_together(
    scenario: Any, parts: int, came: Exchange, each_alone: bool
) -> None:
    """A refusal and a crash are looked into, part by part; an answer and overload are not."""
    steps = performed(scenario.perform, lambda _: came)

    assert len([step for step in steps if "alone" in step]) == (parts if each_alone else 0)


def test_errors_ask_for_nothing_new() -> None:
    """The play that errors are judged by has the requests that the play of each area has."""

    def bodies(*scenarios: Any) -> set[bytes]:
        sent: list[bytes] = []
        for scenario in scenarios:
            performed(scenario.perform, lambda body: sent.append(body) or refusal(400, "No."))
        return set(sent)

    assert bodies(refusals) <= bodies(defects, members, wrong_types, outside_ranges)


def test_the_whole_costs_little() -> None:
    """All that requests and errors are judged by takes 24 requests of a server that refuses with care."""
    weighing = {"req.conversations.text_parts", "req.conversations.instructions"}
    checks = [made for made in all_checks() if made.id.startswith(("req.", "err."))]
    wanted = {
        scenario.name: scenario
        for made in checks
        for scenario in (made.provoked_by if isinstance(made, OfTraffic) else (made.scenario,))
        if scenario.name not in weighing
    }
    unheard = Audience(on_begin=lambda _: None, on_exchange=lambda _: None, on_play=lambda _: None)
    with EmbeddedServer() as server:
        target = Target(url=server.url, key=server.key, model=server.model)
        with Conductor(target, seed="tests", audience=unheard) as conductor:
            conductor.begin(key for scenario in wanted.values() for key in keys_of(scenario))
            assert len(conductor.traffic()) <= 24


def test_every_text_that_is_no_json_is_sent_thoroughly() -> None:
    """Besides a text that is cut and a list there are others, at the cost of a request each."""
    usual, thorough = performed(not_json.perform, lax), performed(not_json.perform, lax, thorough=True)

    assert usual == ["control", "cut", "array"]
    assert {"nan", "invalid-utf-8", "deep", "byte-order-mark", "repeated-key"} <= set(thorough)
    assert len(WRONG_TYPES.defects) > len(WRONG_TYPES.core)
