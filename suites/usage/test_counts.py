"""The token counts of an answer: there, in their types, adding up, and enough for what was written."""

from __future__ import annotations

from chatconform.contract import load_contract
from chatconform.suite import Exchange, at_json, expect, invariant, provoked, read_answer
from chatconform.suites.forms import answers, completions
from chatconform.suites.resp.scenarios import greeting, limited_greeting
from chatconform.suites.usage.counting import COUNTS, LEAST_PER_WORD, usages_in, words_of
from chatconform.suites.wire import as_object, body_of, choices_of, is_integer

DETAILS = ("prompt_tokens_details", "completion_tokens_details")


@invariant("CC-USAGE-001", completions, provoked_by=greeting)
def test_a_completion_bears_usage(exchange: Exchange) -> None:
    """A plain completion has usage with three whole numbers, above zero where something was generated."""
    usage, at = body_of(exchange).get("usage"), at_json(exchange, "/usage")
    counts = {name: as_object(usage).get(name) for name in COUNTS}
    for name, count in counts.items():
        expect(is_integer(count) and count >= 0, f"usage with {name} as a whole number", came=usage, at=at)
    expect(counts["prompt_tokens"], "prompt_tokens above 0", came=usage, at=at)
    generated = any(
        part.inner.get("content") or part.inner.get("tool_calls") for part in choices_of(exchange)
    )
    expect(counts["completion_tokens"] or not generated, "completion_tokens above 0", came=usage, at=at)


@invariant("CC-USAGE-002", answers, provoked_by=(greeting, limited_greeting))
def test_the_total_is_the_sum(exchange: Exchange) -> None:
    """total_tokens equals prompt_tokens plus completion_tokens."""
    found = list(usages_in(exchange))
    provoked(found, "the answer bears no usage")
    for usage, at in found:
        prompt, completion, total = (usage.get(name) for name in COUNTS)
        counted = is_integer(prompt) and is_integer(completion)
        provoked(counted, "the counts are no whole numbers", at=at)
        if is_integer(prompt) and is_integer(completion):
            expect(total == prompt + completion, f"total_tokens {prompt + completion}", came=usage, at=at)


@invariant("CC-USAGE-008", answers, provoked_by=(greeting, limited_greeting))
def test_cached_tokens_are_part_of_the_prompt(exchange: Exchange) -> None:
    """cached_tokens is no larger than prompt_tokens."""
    _expect_part(exchange, "cached_tokens", "prompt_tokens")


@invariant("CC-USAGE-009", answers, provoked_by=(greeting, limited_greeting))
def test_reasoning_tokens_are_part_of_the_completion(exchange: Exchange) -> None:
    """reasoning_tokens is no larger than completion_tokens."""
    _expect_part(exchange, "reasoning_tokens", "completion_tokens")


def _expect_part(exchange: Exchange, part: str, whole: str) -> None:
    seen = False
    for usage, at in usages_in(exchange):
        least, most = as_object(usage.get(f"{whole}_details")).get(part), usage.get(whole)
        if is_integer(least) and is_integer(most):
            seen = True
            expect(least <= most, f"{part} of at most {most}, the {whole}", came=least, at=at)
    provoked(seen, f"{part} is not told")


@invariant("CC-USAGE-010", answers, provoked_by=(greeting, limited_greeting))
def test_the_details_are_whole_numbers(exchange: Exchange) -> None:
    """The details of the counts are null, missing, or objects of whole numbers."""
    found = list(usages_in(exchange))
    provoked(found, "the answer bears no usage")
    for usage, at in found:
        for name in DETAILS:
            schema = load_contract().validator(f"#/components/schemas/Usage/properties/{name}")
            sound = name not in usage or schema.is_valid(usage[name])
            expect(sound, f"{name} as an object of whole numbers", came=usage.get(name), at=at)


@invariant("CC-USAGE-012", answers, provoked_by=(greeting, limited_greeting))
def test_the_completion_counts_its_words(exchange: Exchange) -> None:
    """completion_tokens is no less than half the words of the one choice, visible reasoning included."""
    answer = read_answer(exchange)
    provoked(len(answer.choices) == 1, "several choices are another rule's affair")
    words = words_of(answer)
    provoked(answer.usage and words, "the answer bears no usage, or no text")
    # That nothing at all was counted is said by CC-USAGE-001 and 007.
    if answer.usage is not None and answer.usage.completion_tokens > 0:
        least = int(words * LEAST_PER_WORD)
        expect(
            answer.usage.completion_tokens >= least,
            f"at least {least} completion_tokens for {words} words",
            came=answer.usage.completion_tokens,
            at=answer.usage.at,
        )
