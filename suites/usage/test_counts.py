"""The token counts of an answer: there, in their types, and adding up."""

from __future__ import annotations

from collections.abc import Iterator

from chatconform.suite import (
    PLAIN,
    Evidence,
    Exchange,
    Json,
    Play,
    at_event,
    at_json,
    check,
    expect,
    invariant,
    provoked,
)
from chatconform.suites.forms import answers, completions
from chatconform.suites.resp.scenarios import greeting
from chatconform.suites.sample.scenarios import several_choices
from chatconform.suites.usage.counting import LEAST_PER_WORD, usage_of
from chatconform.suites.usage.scenarios import asked, both_forms
from chatconform.suites.wire import as_object, body_of, choices_of, chunks_of, is_integer

COUNTS = ("prompt_tokens", "completion_tokens", "total_tokens")


@invariant("CC-USAGE-001", completions, provoked_by=(greeting, both_forms))
def test_a_completion_bears_usage(exchange: Exchange) -> None:
    """A plain completion has usage with three whole numbers, above zero where something was generated."""
    usage, at = body_of(exchange).get("usage"), at_json(exchange, "/usage")
    expect(isinstance(usage, dict), "an object usage", came=usage, at=at)
    counts = {name: as_object(usage).get(name) for name in COUNTS}
    for name, count in counts.items():
        expect(is_integer(count) and count >= 0, f"{name} as a whole number", came=count, at=at)
    expect(counts["prompt_tokens"], "prompt_tokens above 0", came=usage, at=at)
    generated = any(
        part.inner.get("content") or part.inner.get("tool_calls") for part in choices_of(exchange)
    )
    expect(counts["completion_tokens"] or not generated, "completion_tokens above 0", came=usage, at=at)


@invariant("CC-USAGE-002", answers, provoked_by=(greeting, asked))
def test_the_total_is_the_sum(exchange: Exchange) -> None:
    """total_tokens equals prompt_tokens plus completion_tokens."""
    found = list(_usages(exchange))
    provoked(found, "the answer bears no usage")
    for usage, at in found:
        prompt, completion, total = (usage.get(name) for name in COUNTS)
        counted = is_integer(prompt) and is_integer(completion)
        provoked(counted, "the counts are no whole numbers", at=at)
        if is_integer(prompt) and is_integer(completion):
            expect(total == prompt + completion, f"total_tokens {prompt + completion}", came=usage, at=at)


def _usages(exchange: Exchange) -> Iterator[tuple[dict[str, Json], Evidence]]:
    if not exchange.is_stream:
        usage = as_object(body_of(exchange).get("usage"))
        if usage:
            yield usage, at_json(exchange, "/usage")
        return
    for event in chunks_of(exchange):
        usage = as_object((event.chunk or {}).get("usage"))
        if usage:
            yield usage, at_event(exchange, event.index, "/usage")


@check("CC-USAGE-003", several_choices, paths=(PLAIN,), feature="n")
def test_the_prompt_counts_once_and_every_choice_counts(play: Play) -> None:
    """Whatever n is, the prompt costs the same, and completion_tokens are those of all choices together."""
    two, three = usage_of(play, "two"), usage_of(play, "three")
    expect(
        two.prompt_tokens == three.prompt_tokens,
        f"{two.prompt_tokens} prompt_tokens with n 3, as with n 2",
        came=three.prompt_tokens,
        at=(three.at, two.at),
    )
    for step, usage in (("three", three), ("two", two)):
        texts = [choice.text for choice in play.answer(step).choices]
        words = sum(len(text.split()) for text in texts)
        least = max(sum(1 for text in texts if text), int(words * LEAST_PER_WORD))
        expect(
            usage.completion_tokens >= least,
            f"at least {least} completion_tokens for {len(texts)} choices of {words} words together",
            came=usage.completion_tokens,
            at=usage.at,
        )


@check("CC-USAGE-007", both_forms, feature=("stream_options", "include_usage"))
def test_streamed_and_plain_usage_agree(play: Play) -> None:
    """The same request costs the same prompt plain and streamed, and its answer counts in both."""
    _expect_agreement(play, "without-tools")


@check("CC-USAGE-007", both_forms, feature=("stream_options", "include_usage", "tools"))
def test_streamed_and_plain_usage_agree_with_tools(play: Play) -> None:
    """The same request with a tool costs the same prompt in both forms, and its answer counts."""
    _expect_agreement(play, "with-tools")


def _expect_agreement(play: Play, step: str) -> None:
    plain, streamed = usage_of(play, step), usage_of(play, f"{step}-streamed")
    expect(
        abs(plain.prompt_tokens - streamed.prompt_tokens) <= 1,
        f"{plain.prompt_tokens} prompt_tokens as in the plain form",
        came=streamed.prompt_tokens,
        at=(streamed.at, plain.at),
    )
    for usage in (plain, streamed):
        counted = usage.completion_tokens
        expect(counted > 0, "completion_tokens above 0", came=counted, at=usage.at)
