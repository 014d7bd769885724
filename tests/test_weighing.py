"""How often each place of a conversation was counted is read from one sum of tokens."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatconform.client.target import Target
from chatconform.findings.verdict import Verdict
from chatconform.plays.path import PLAIN
from chatconform.plays.stage import Sending, Stage
from chatconform.suites.cont.filler import CALIBRATION, FILLER, weighted
from chatconform.suites.cont.places import LATER_PLACES, is_in_doubt
from chatconform.suites.cont.weighing import FARTHEST, copies, counted
from chatconform.tests.support.exchanges import completion, exchange
from chatconform.tests.support.plays import check_named
from chatconform.tests.support.theatres import Body, Misunderstand, misunderstanding, served
from chatconform.wire.exchange import Exchange

PLACES = ("a", "b", "c", "d", "e")
FEWEST = len(FILLER.split())
how_often = st.lists(st.integers(0, 2), min_size=1, max_size=len(PLACES))


def total(counts: list[int]) -> int:
    return sum(count * copies(place) for place, count in enumerate(counts))


@given(how_often, st.integers(8, 200), st.floats(-1, 1))
@example([0, 0, 0, 2], 99, 1.0)
def test_any_digits_are_recovered_within_the_noise(counts: list[int], filler: int, noise: float) -> None:
    """Whatever was lost or doubled, every place is named rightly as long as the noise is within its bound."""
    places = PLACES[: len(counts)]
    growth = total(counts) * filler + int(noise * FARTHEST * filler)

    assert counted(growth, filler=filler, places=places) == dict(zip(places, counts, strict=True))


@given(how_often, st.integers(30, 200), st.booleans(), st.data())
def test_a_sum_between_two_readings_is_not_read(
    counts: list[int], filler: int, above: bool, data: st.DataObject
) -> None:
    """A sum that is far from any whole number of fillers is read as nothing, not as the nearest."""
    off = data.draw(st.integers(filler // 3 + 1, filler // 2))
    growth = total(counts) * filler + (off if above else -off)

    assert counted(growth, filler=filler, places=PLACES) is None


@given(st.integers(-(10**9), 10**9), st.floats(-5, 1e6), st.integers(0, 5))
def test_any_sum_can_be_asked_for(growth: int, filler: float, count: int) -> None:
    """A target can send any number: what is read from it adds up to it, or nothing is read."""
    read = counted(growth, filler=filler, places=PLACES[:count])

    if read is not None:
        grown = sum(times * copies(place) for place, times in enumerate(read.values()))
        assert abs(growth - grown * filler) <= FARTHEST * filler
        assert all(times >= 0 for times in read.values())


def tokens(text: str, seed: int) -> int:
    """The tokens of a text by one of many honest tokenisers: each word costs the same wherever it stands."""
    return sum(1 + zlib.crc32(f"{seed} {word}".encode()) % 4 for word in text.split())


@given(st.integers(0, 10**6), how_often, st.lists(st.integers(-1, 1), min_size=6, max_size=6))
def test_any_honest_tokeniser_is_calibrated_and_read(
    seed: int, counts: list[int], borders: list[int]
) -> None:
    """With the cost of a filler found in a chat of its own, any tokeniser tells what became of each place."""
    count = partial(tokens, seed=seed)
    base = [f"text number {place}" for place in range(len(counts))]
    alone = count(" ".join([FILLER] * CALIBRATION)) + borders[-1]
    grown = [count(weighted(text, place)) - count(text) for place, text in enumerate(base)]
    noise = sum(borders[: len(counts)])
    growth = sum(times * more for times, more in zip(counts, grown, strict=True)) + noise

    read = counted(growth, filler=alone / CALIBRATION, places=PLACES[: len(counts)])

    # The calibration is off by one token in 27 fillers, which counts where hundreds of fillers are weighed.
    bound = abs(noise) + total(counts) / CALIBRATION
    if bound < FEWEST * FARTHEST:
        assert read == dict(zip(PLACES, counts, strict=False))


def having(**wanted: Any) -> Callable[[Body], bool]:
    return lambda message: all(message.get(name) == value for name, value in wanted.items())


def without(lost: Callable[[Body], bool]) -> Misunderstand:
    """Messages that are lost on their way to the model."""
    return lambda body: {**body, "messages": [each for each in body["messages"] if not lost(each)]}


def later(misunderstand: Misunderstand) -> Misunderstand:
    """A defect of conversations that have gone on."""
    return lambda body: misunderstand(body) if len(body["messages"]) > 2 else body


def doubled(place: Callable[[Body], bool], *, only_last: bool = False) -> Misunderstand:
    """Messages that are sent twice where the conversation has gone on."""

    def understand(body: Body) -> Body:
        found = [n for n, each in enumerate(body["messages"]) if place(each)]
        twice = set(found[-1:] if only_last else found)
        messages = [
            each for n, message in enumerate(body["messages"]) for each in [message] * (1 + (n in twice))
        ]
        return {**body, "messages": messages}

    return later(understand)


def only_the_last_user_message(body: Body) -> Body:
    users = [message for message in body["messages"] if message["role"] == "user"]
    return {**body, "messages": users[-1:]}


def answers_but_the_last_lost(body: Body) -> Body:
    calling = [m for m in body["messages"] if m["role"] == "assistant" and not m.get("tool_calls")]
    return {**body, "messages": [m for m in body["messages"] if m not in calling[:-1]]}


def first_part_only(body: Body) -> Body:
    def cut(message: Body) -> Body:
        content = message.get("content")
        return {**message, "content": content[0]["text"]} if isinstance(content, list) else message

    return {**body, "messages": [cut(message) for message in body["messages"]]}


def result_parts_lost(body: Body) -> Body:
    def cut(message: Body) -> Body:
        in_parts = message["role"] == "tool" and isinstance(message["content"], list)
        return {**message, "content": ""} if in_parts else message

    return {**body, "messages": [cut(message) for message in body["messages"]]}


def arguments_lost(body: Body) -> Body:
    def cut(message: Body) -> Body:
        calls = message.get("tool_calls") or []
        bare = [{**call, "function": {**call["function"], "arguments": "{}"}} for call in calls]
        return {**message, "tool_calls": bare} if calls else message

    return {**body, "messages": [cut(message) for message in body["messages"]]}


def descriptions_lost(body: Body) -> Body:
    def bare(tool: Body) -> Body:
        return {**tool, "function": {**tool["function"], "description": "A tool."}}

    return {**body, "tools": [bare(tool) for tool in body["tools"]]} if body.get("tools") else body


def only_streamed(misunderstand: Misunderstand) -> Misunderstand:
    return lambda body: misunderstand(body) if body.get("stream") else body


CHECKS = (
    "req.system_text_reaches_the_model",
    "req.developer_text_reaches_the_model",
    "req.text_parts_mean_the_same_as_the_string",
    "tools.tool_descriptions_reach_the_model",
    "cont.earlier_turns_reach_the_model",
    "cont.earlier_answers_reach_the_model",
    "cont.the_last_user_message_is_counted_once_on_a_later_turn",
    "cont.earlier_messages_are_counted_once",
    "cont.tool_results_reach_the_model",
    "cont.tool_calls_of_the_history_reach_the_model",
    "cont.a_tool_round_is_counted_once",
    "cont.the_user_message_is_counted_once_after_a_tool_result",
    "cont.tool_content_may_be_text_parts",
)
SYSTEM, DEVELOPER, PARTS, DESCRIPTIONS, QUESTIONS, ANSWERS = CHECKS[:6]
LAST, EARLIER, RESULTS, CALLS, ROUND, USER, IN_PARTS = CHECKS[6:]
DEFECTS: dict[str, tuple[Misunderstand, set[str]]] = {
    "none": (lambda body: body, set()),
    "no-system": (without(having(role="system")), {SYSTEM}),
    "no-developer": (without(having(role="developer")), {DEVELOPER}),
    "no-answers": (later(answers_but_the_last_lost), {ANSWERS}),
    "no-history": (only_the_last_user_message, {SYSTEM, DEVELOPER, QUESTIONS, RESULTS}),
    "no-results": (without(having(role="tool")), {RESULTS}),
    "no-arguments": (arguments_lost, {CALLS}),
    "no-descriptions": (descriptions_lost, {DESCRIPTIONS}),
    "one-part": (first_part_only, {PARTS, IN_PARTS}),
    "no-result-parts": (result_parts_lost, {IN_PARTS}),
    "last-twice": (doubled(having(role="user"), only_last=True), {LAST, USER}),
    "results-twice": (doubled(having(role="tool")), {ROUND}),
    "answers-twice": (doubled(lambda m: m["role"] == "assistant" and not m.get("tool_calls")), {EARLIER}),
    "all-twice": (doubled(lambda _: True), {LAST, USER}),
    "no-history-streamed": (only_streamed(only_the_last_user_message), {DEVELOPER, QUESTIONS, RESULTS}),
}


@pytest.mark.parametrize(("misunderstand", "failing"), DEFECTS.values(), ids=DEFECTS)
def test_a_defect_is_named_by_its_place(misunderstand: Misunderstand, failing: set[str]) -> None:
    """A message that is lost or doubled fails the rules about its place, in both forms, and no other rule."""
    with served(misunderstanding(misunderstand)) as theatre:
        judgements = [
            theatre.judge(check_named(name), path) for name in CHECKS for path in check_named(name).path_names
        ]

    assert not [judgement.bug for judgement in judgements if judgement.bug]
    assert {each.check for each in judgements if each.verdict is Verdict.FAIL} == failing


def test_a_server_that_counts_nothing_is_not_accused() -> None:
    """Where a longer message of the user raises no count, every weighing is inconclusive."""

    def first_words(body: Body) -> Body:
        cut = [
            {**m, "content": " ".join(m["content"].split()[:6]) if isinstance(m.get("content"), str) else "x"}
            for m in body["messages"]
        ]
        return {**body, "messages": cut}

    with served(misunderstanding(first_words)) as theatre:
        verdicts = {theatre.judge(check_named(name), "plain").verdict for name in (QUESTIONS, RESULTS, LAST)}

    assert verdicts == {Verdict.INCONCLUSIVE}


def test_what_an_ill_target_sent_leaves_no_doubt() -> None:
    """A weighing that met an ill target is not asked again, and does not break its scenario down."""

    async def ill(_: Sending) -> Exchange:
        return replace(exchange(completion()), step="weighed", illness="the target was given up")

    stage = Stage(
        target=Target(url="http://target/v1", model="m"), path=PLAIN, attempt=1, seed="tests", send=ill
    )
    asyncio.run(stage.post("weighed", stage.chat("Hello.")))

    assert not is_in_doubt(stage, "told", "weighed", LATER_PLACES)
