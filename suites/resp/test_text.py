"""What the text of an answer holds, and what does not belong there, in both forms."""

from __future__ import annotations

import re

from chatconform.suite import Exchange, Observation, at_body, at_header, expect, invariant
from chatconform.suites.forms import answers, completions
from chatconform.suites.logprobs.scenarios import wide_plain
from chatconform.suites.resp.scenarios import greeting
from chatconform.suites.texts import (
    REASONING,
    REPLACEMENT,
    broken_character,
    sent_text,
    text_of,
    texts_of,
)
from chatconform.suites.tools.scenarios import three_cities
from chatconform.suites.wire import choices_of, response_of

MARKUP = (
    "<|im_end|>",
    "<|im_start|>",
    "<|eot_id|>",
    "<|end_of_text|>",
    "<|start_header_id|>",
    "</s>",
    "<end_of_turn>",
    "<tool_call>",
    "[TOOL_CALLS]",
)
# A thought of a few words may well be the answer.
TELLING = 40
STORABLE = re.compile(r"public|(s-)?max-?age=\s*\"?0*[1-9]", re.IGNORECASE)
NOT_STORABLE = re.compile(r"no-store|no-cache|private", re.IGNORECASE)


@invariant("CC-RESP-009", answers, provoked_by=greeting)
def test_no_call_means_no_list_of_calls(exchange: Exchange) -> Observation | None:
    """Where no tool was called, a message has no empty array tool_calls; in deltas it is recorded."""
    empty = [part for part in choices_of(exchange) if part.inner.get("tool_calls") == []]
    if exchange.is_stream:
        return Observation(topic="empty-tool-calls-in-deltas", camp="sent" if empty else "none")
    for part in empty:
        expect(False, "no tool_calls, or null", came=[], at=part.at)
    return None


@invariant("CC-RESP-010", answers, provoked_by=(greeting, three_cities))
def test_no_markup_leaks_into_the_text(exchange: Exchange) -> None:
    """No role marker, end-of-turn token or tool markup stands in the text, unless the request had it."""
    foreign = [mark for mark in MARKUP if mark not in sent_text(exchange)]
    texts: dict[int, str] = {}
    for part in choices_of(exchange):
        texts[part.index] = text = texts.get(part.index, "") + text_of(part)
        leaked = [mark for mark in foreign if mark in text]
        expect(not leaked, "a text without template markup", came=text[-200:], at=part.at)


@invariant("CC-RESP-013", answers, provoked_by=greeting)
def test_reasoning_is_text_or_null(exchange: Exchange) -> Observation:
    """`reasoning_content` and `reasoning` may be missing; where present they are a string or null."""
    used: set[str] = set()
    for part in choices_of(exchange):
        for name in REASONING:
            value = part.inner.get(name)
            expect(
                value is None or isinstance(value, str), f"{name} as a string or null", came=value, at=part.at
            )
            used |= {name} if value else set()
    if any(text.lstrip().startswith("<think>") for text in texts_of(exchange).values()):
        used.add("think-tags")
    return Observation(topic="reasoning", camp="+".join(sorted(used)).replace("_", "-") or "none")


@invariant("CC-RESP-024", answers, provoked_by=greeting)
def test_reasoning_is_not_sent_as_text_too(exchange: Exchange) -> None:
    """What stands in a reasoning member does not stand in the content again."""
    said = texts_of(exchange)
    for name in REASONING:
        for index, thought in texts_of(exchange, name).items():
            repeated = len(thought.strip()) >= TELLING and thought.strip() in said[index]
            expect(not repeated, f"content without {name}", came=said[index], at=at_body(exchange))


@invariant("CC-RESP-020", completions, provoked_by=(greeting, wide_plain))
def test_no_character_of_a_message_is_broken(exchange: Exchange) -> None:
    """A message has no replacement character and no half of a pair that nobody sent."""
    for part in choices_of(exchange):
        message = dict(part.inner)
        if part.value.get("finish_reason") == "length":
            # A limit may cut a character that takes several tokens; nobody can send half of one.
            message["content"] = text_of(part).rstrip(REPLACEMENT)
        broken = broken_character(message, sent_text(exchange))
        expect(not broken, "whole characters", came=f"{broken!a} in {message}", at=part.at)


@invariant("CC-RESP-022", answers, provoked_by=greeting)
def test_a_choice_has_the_form_of_its_answer(exchange: Exchange) -> None:
    """A choice of a completion holds no delta, and a choice of a chunk no whole message."""
    other = "message" if exchange.is_stream else "delta"
    for part in choices_of(exchange):
        came = part.value.get(other)
        expect(not came, f"no {other}", came=came, at=part.at)


@invariant("CC-RESP-023", answers, provoked_by=greeting)
def test_no_answer_may_be_stored_for_others(exchange: Exchange) -> Observation:
    """No answer says of itself that it is `public`, or fresh for some time."""
    told = ", ".join(response_of(exchange).header_values("cache-control"))
    storable = STORABLE.search(told) and not NOT_STORABLE.search(told)
    expect(
        not storable,
        "no-store, no-cache, private or nothing",
        came=told,
        at=at_header(exchange, "cache-control"),
    )
    found = NOT_STORABLE.search(told)
    return Observation(topic="cache-control", camp=found.group().lower() if found else "silent")
