"""The rules of conversations: a sound one that is made up here breaks none, a defect breaks its own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatconform.errors import TargetError
from chatconform.findings.finding import Broken
from chatconform.suites.talk.invariants import INVARIANTS
from chatconform.suites.talk.turns import Talk, talk_of, transcript
from chatconform.tests.support.exchanges import chunk, completion, exchange, refusal, sse, usage_chunk
from chatconform.wire.exchange import Exchange

OWN, OTHER = "QWXZ2346", "BCDF7892"
TOOLS = [{"type": "function", "function": {"name": "get_time"}}]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One question of a sound conversation: the calls that it brings, its forms, and if it comes again."""

    calls: int = 0
    streamed: bool = False
    in_parts: bool = False
    again: str = ""


STEPS = st.lists(
    st.builds(
        Step,
        calls=st.integers(0, 3),
        streamed=st.booleans(),
        in_parts=st.booleans(),
        again=st.sampled_from(("", "same", "other")),
    ),
    min_size=1,
    max_size=5,
)


class Target:
    """A sound target: new ids, honest counts, the same kind of answer in both forms."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self.exchanges: list[Exchange] = []

    def answer(self, messages: list[Any], choice: str, *, streamed: bool, calls: int) -> list[str]:
        """Answer a request; returns the ids of the calls."""
        ids = [f"call_{next(self._numbers)}" for _ in range(calls)]
        body = {"model": "m", "messages": list(messages), "tools": TOOLS, "tool_choice": choice}
        if streamed:
            body |= {"stream": True, "stream_options": {"include_usage": True}}
        self.exchanges.append(exchange(self._came(ids, _tokens(messages), streamed), sent=body))
        return ids

    def _came(self, ids: Sequence[str], tokens: int, streamed: bool) -> Any:
        name = f"chatcmpl-{next(self._numbers)}"
        usage = {"prompt_tokens": tokens, "completion_tokens": 1, "total_tokens": tokens + 1}
        function = {"name": "get_time", "arguments": '{"city": "Oslo"}'}
        calls = [{"id": each, "type": "function", "function": function} for each in ids]
        finish = "tool_calls" if ids else "stop"
        if not streamed:
            message = {"role": "assistant", "content": None if ids else "Blue.", "tool_calls": calls}
            choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": finish}
            return {**completion(id=name, usage=usage), "choices": [choice]}
        indexed = [{"index": n, **call} for n, call in enumerate(calls)]
        delta = {"tool_calls": indexed} if ids else {"content": "Blue."}
        return sse([chunk(delta, id=name), chunk({}, finish, id=name), usage_chunk(id=name, usage=usage)])


def _tokens(messages: Sequence[Any]) -> int:
    return 10 + sum(4 + len(str(message.get("content")).split()) for message in messages)


def held(steps: Sequence[Step]) -> list[Exchange]:
    """A sound conversation of these steps."""
    target, messages = Target(), []
    for number, step in enumerate(steps):
        text = f"My code is {OWN}. Name a colour, the {number}. of all."
        messages.append(
            {"role": "user", "content": [{"type": "text", "text": text}] if step.in_parts else text}
        )
        choice = "required" if step.calls else "none"
        ids = target.answer(messages, choice, streamed=step.streamed, calls=step.calls)
        if step.again:
            streamed = step.streamed is (step.again == "same")
            target.answer(messages, choice, streamed=streamed, calls=step.calls)
        called = [
            {"id": each, "type": "function", "function": {"name": "get_time", "arguments": "{}"}}
            for each in ids
        ]
        messages.append(
            {"role": "assistant", "content": None, "tool_calls": called} if ids else _said("Blue.")
        )
        if ids:
            messages += [{"role": "tool", "tool_call_id": each, "content": "14:30"} for each in ids]
            target.answer(messages, "none", streamed=step.streamed, calls=0)
            messages.append(_said("Blue."))
    return target.exchanges


def _said(text: str) -> dict[str, str]:
    return {"role": "assistant", "content": text}


def talk(exchanges: Sequence[Exchange], *, is_counted: bool = True) -> Talk:
    return talk_of(exchanges, codes=(OWN, OTHER), is_counted=is_counted)


def broken(exchanges: Sequence[Exchange], *, is_counted: bool = True) -> set[str]:
    """The rules that a conversation breaks."""
    found = set()
    for rule, invariant in INVARIANTS.items():
        try:
            invariant(talk(exchanges, is_counted=is_counted))
        except Broken as finding:
            found.add(rule if finding.evidence else "no evidence")
        except TargetError:
            continue
    return found


@given(steps=STEPS, counted=st.booleans())
def test_a_sound_conversation_breaks_no_rule(steps: list[Step], counted: bool) -> None:
    """Whatever is asked, in whichever form and order."""
    exchanges = held(steps)

    assert broken(exchanges, is_counted=counted) == set()
    assert len(transcript(talk(exchanges)).splitlines()) == len(exchanges)


@given(steps=STEPS)
def test_no_beginning_of_a_sound_conversation_breaks_a_rule(steps: list[Step]) -> None:
    """The machine looks after each turn, so a rule must hold for every beginning."""
    exchanges = held(steps)

    assert all(broken(exchanges[:length]) == set() for length in range(1, len(exchanges)))


def changed(each: Exchange, old: str, new: str) -> Exchange:
    """The exchange with another text in its answer."""
    assert each.response is not None
    raw = each.response.raw.replace(old.encode(), new.encode())
    assert raw != each.response.raw
    return replace(each, response=replace(each.response, raw=raw))


def counted(each: Exchange, tokens: int) -> Exchange:
    """The exchange with another count of its prompt."""
    assert each.response is not None
    raw = re.sub(rb'"prompt_tokens": \d+', f'"prompt_tokens": {tokens}'.encode(), each.response.raw)
    return replace(each, response=replace(each.response, raw=raw))


def id_of(each: Exchange) -> str:
    assert each.response is not None
    return each.response.raw.decode().partition('"id": "')[2].partition('"')[0]


ONE_CALL = Step(calls=1)
ROUND = held([ONE_CALL, ONE_CALL])
AGAIN = held([Step(again="same")])
BOTH = held([Step(calls=1, again="other")])


@pytest.mark.parametrize(
    ("exchanges", "rule"),
    [
        ([*ROUND[:1], changed(ROUND[1], id_of(ROUND[1]), id_of(ROUND[0]))], "001"),
        ([*ROUND[:2], changed(ROUND[2], "call_4", "call_1")], "001"),
        ([changed(ROUND[0], "get_time", "search")], "002"),
        ([changed(ROUND[0], r"\"Oslo\"}", r"\"Oslo\"")], "002"),
        ([changed(ROUND[0], r"{\"city\": \"Oslo\"}", "[]")], "002"),
        ([changed(ROUND[0], "call_1", "")], "002"),
        ([ROUND[0], changed(ROUND[1], '"stop"', '"tool_calls"')], "002"),
        ([ROUND[0], replace(ROUND[1], response=refusal().response)], "003"),
        ([ROUND[0], replace(ROUND[1], response=refusal(500).response)], "003"),
        ([AGAIN[0], counted(AGAIN[1], 999)], "004"),
        ([ROUND[0], changed(ROUND[1], "Blue.", OTHER)], "004"),
        ([*ROUND[:3], counted(ROUND[3], 20)], "005"),
        ([BOTH[0], changed(BOTH[1], '"tool_calls"}', '"stop"}')], "006"),
        ([BOTH[0], counted(BOTH[1], 999)], "006"),
        # What was cut in one of the forms may be of any kind, and one token is the frame's.
        ([BOTH[0], changed(BOTH[1], '"tool_calls"}', '"length"}')], ""),
        # A first turn that is refused is no conversation.
        ([refusal(), ROUND[1]], ""),
        ([ROUND[0], replace(ROUND[1], response=refusal(429).response)], ""),
    ],
)
def test_a_defect_breaks_its_rule_alone(exchanges: list[Exchange], rule: str) -> None:
    """One defect in a sound conversation is seen by its own rule, and by no other."""
    assert broken(exchanges) == ({f"CC-TALK-{rule}"} if rule else set())


def test_what_met_an_ill_target_is_no_turn() -> None:
    """A turn that nobody can blame is left out."""
    ill = replace(ROUND[1], illness="the target was ill", response=refusal(500).response)

    assert len(talk([ROUND[0], ill]).turns) == 1
    assert broken([ROUND[0], ill]) == set()
