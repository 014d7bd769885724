"""Counts of requests that differ in one thing: what must not change them, and what must."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from chatconform.suite import Answer, Exchange, Json, Usage, expect, provoked, survey
from chatconform.suites.forms import answers, request_body
from chatconform.suites.pairs import FORM, alike, is_streamed
from chatconform.suites.resp.scenarios import greeting, limited_greeting
from chatconform.suites.stream.scenarios import one_after_the_other, story
from chatconform.suites.usage.counting import LEAST_PER_WORD, counted, words_of
from chatconform.suites.usage.scenarios import both_forms, longer_greeting
from chatconform.suites.wire import as_list, as_object

# A token of the frame may come and go with the form.
TOLERANCE = 1
# What shapes an answer, and is no part of the prompt.
HOW_IT_IS_DRAWN = (
    "stream_options",
    "max_tokens",
    "max_completion_tokens",
    "temperature",
    "top_p",
    "presence_penalty",
    "frequency_penalty",
)
NOT_OF_THE_PROMPT = (
    *HOW_IT_IS_DRAWN,
    "seed",
    "stop",
    "logit_bias",
    "logprobs",
    "top_logprobs",
    "user",
    "store",
    "metadata",
    "service_tier",
    "safety_identifier",
    "prompt_cache_key",
)
# So many words more than a token or two of the template can hide.
TELLING_WORDS = 20

CONSTANT = "prompt_tokens is the same whatever was sent, which is a rule of its own"
# Texts of one model cost about alike for a word; of two choices or more one alone costs half at most.
NEARLY = 0.75
# Reasoning may make a single answer dear; a word of plain text is a token in most vocabularies.
MOST_PER_WORD = 1.0

Counted = tuple[Answer, Usage]


@survey("CC-USAGE-003", answers, provoked_by=(story, one_after_the_other))
def test_the_prompt_counts_once_and_every_choice_counts(exchanges: tuple[Exchange, ...]) -> None:
    """Whatever n is, the prompt costs the same, and completion_tokens are those of all choices together."""
    told = counted(exchanges)
    several = [pair for pair in told if len(pair[0].choices) > 1]
    usual = _least_per_word(told)
    for answer, usage in several:
        words = words_of(answer)
        per_word = usual if words >= TELLING_WORDS else LEAST_PER_WORD
        least = max(sum(1 for choice in answer.choices if choice.text), int(words * per_word))
        expect(
            usage.completion_tokens >= least,
            f"at least {least} completion_tokens for {len(answer.choices)} choices of {words} words together",
            came=usage.completion_tokens,
            at=usage.at,
        )
    compared = 0
    for few, many in _pairs(told, "n", *HOW_IT_IS_DRAWN):
        if len(few[0].choices) == len(many[0].choices):
            continue
        compared += 1
        expect(
            abs(few[1].prompt_tokens - many[1].prompt_tokens) <= TOLERANCE,
            f"{few[1].prompt_tokens} prompt_tokens for {len(many[0].choices)} choices, as for "
            f"{len(few[0].choices)}",
            came=many[1].prompt_tokens,
            at=(many[1].at, few[1].at),
        )
    provoked(compared, "no two equal requests were answered with different numbers of choices")


@survey("CC-USAGE-007", answers, provoked_by=(limited_greeting, both_forms))
def test_streamed_and_plain_usage_agree(exchanges: tuple[Exchange, ...]) -> None:
    """The same request costs the same prompt plain and streamed, and what is streamed counts."""
    compared = 0
    for first, other in _pairs(counted(exchanges), *FORM):
        if is_streamed(first[0].exchange) == is_streamed(other[0].exchange):
            continue
        compared += 1
        plain, streamed = (other, first) if is_streamed(first[0].exchange) else (first, other)
        expect(
            abs(plain[1].prompt_tokens - streamed[1].prompt_tokens) <= TOLERANCE,
            f"{plain[1].prompt_tokens} prompt_tokens as in the plain form",
            came=streamed[1].prompt_tokens,
            at=(streamed[1].at, plain[1].at),
        )
        completed = streamed[1].completion_tokens
        expect(
            completed or not _generated(streamed[0]),
            "completion_tokens above 0",
            came=completed,
            at=streamed[1].at,
        )
    provoked(compared, "no request was answered with usage in both forms")
    provoked(not _is_constant(counted(exchanges)), CONSTANT)


@survey("CC-USAGE-011", answers, provoked_by=(greeting, limited_greeting))
def test_prompt_tokens_depend_on_the_prompt_alone(exchanges: tuple[Exchange, ...]) -> None:
    """Requests of one prompt cost the same prompt_tokens, whatever bounds and shapes the answer."""
    compared = 0
    for one, other in _pairs(counted(exchanges), *NOT_OF_THE_PROMPT):
        compared += 1
        expect(
            abs(one[1].prompt_tokens - other[1].prompt_tokens) <= TOLERANCE,
            f"{one[1].prompt_tokens} prompt_tokens as for the same messages before",
            came=other[1].prompt_tokens,
            at=(other[1].at, one[1].at),
        )
    provoked(compared, "no two requests with usage have the same prompt")
    provoked(not _is_constant(counted(exchanges)), CONSTANT)


@survey("CC-USAGE-013", answers, provoked_by=(limited_greeting, longer_greeting, both_forms))
def test_the_prompt_counts_its_words(exchanges: tuple[Exchange, ...]) -> None:
    """prompt_tokens is no less than half the words of all messages together."""
    # That nothing at all was counted is said by CC-USAGE-001 and 007.
    told = tuple(pair for pair in counted(exchanges) if pair[1].prompt_tokens > 0)
    provoked(any(_all_words(answer) for answer, _ in told), "no answer bears usage, or no request has text")
    provoked(not _is_constant(told), CONSTANT)
    for answer, usage in told:
        words = _all_words(answer)
        least = int(words * LEAST_PER_WORD)
        expect(
            usage.prompt_tokens >= least,
            f"at least {least} prompt_tokens for messages of {words} words",
            came=usage.prompt_tokens,
            at=usage.at,
        )


@survey("CC-USAGE-014", answers, provoked_by=(limited_greeting, longer_greeting))
def test_a_longer_prompt_counts_more(exchanges: tuple[Exchange, ...]) -> None:
    """A message that says all that another says, and more, costs half a token more for each further word."""
    compared = 0
    for short, long in _extensions(counted(exchanges)):
        words = _words(long[0]) - _words(short[0])
        if words < TELLING_WORDS:
            continue
        compared += 1
        grown = long[1].prompt_tokens - short[1].prompt_tokens
        expect(
            grown >= int(words * LEAST_PER_WORD),
            f"at least {int(words * LEAST_PER_WORD)} prompt_tokens more for {words} words more",
            came=f"{grown} more",
            at=(long[1].at, short[1].at),
        )
    provoked(compared, f"no two requests differ in {TELLING_WORDS} words more")


def _is_constant(told: tuple[Counted, ...]) -> bool:
    """Whether prompts of different length all have one count, which then agrees with anything."""
    return len({usage.prompt_tokens for _, usage in told}) == 1 < len({_all_words(each) for each, _ in told})


def _least_per_word(told: tuple[Counted, ...]) -> float:
    """Three quarters of the fewest tokens for a word that any answer of one choice cost."""
    single = [(words_of(answer), usage) for answer, usage in told if len(answer.choices) == 1]
    costs = [usage.completion_tokens / words for words, usage in single if words >= TELLING_WORDS]
    return max(LEAST_PER_WORD, min(MOST_PER_WORD, NEARLY * min(costs, default=0.0)))


def _pairs(told: tuple[Counted, ...], *apart: str) -> Iterator[tuple[Counted, Counted]]:
    """The first of each group of like requests, beside each of the others."""
    by_id = {answer.exchange.id: (answer, usage) for answer, usage in told}
    for group in alike((answer.exchange for answer, _ in told), *apart):
        first, *others = (by_id[exchange.id] for exchange in group)
        yield from ((first, other) for other in others)


def _extensions(told: tuple[Counted, ...]) -> Iterator[tuple[Counted, Counted]]:
    """Pairs of equal requests but for the messages, of which the second's say all that the first's say."""
    by_id = {answer.exchange.id: (answer, usage) for answer, usage in told}
    for group in alike((answer.exchange for answer, _ in told), "messages"):
        ordered = sorted((by_id[exchange.id] for exchange in group), key=lambda pair: _words(pair[0]))
        for short, long in combinations(ordered, 2):
            if _extends(_messages(long[0]), _messages(short[0])):
                yield short, long


def _extends(long: list[dict[str, Json]], short: list[dict[str, Json]]) -> bool:
    return len(long) == len(short) and all(
        _frame(one) == _frame(other) and _text(other) in _text(one)
        for one, other in zip(long, short, strict=True)
    )


def _frame(message: dict[str, Json]) -> dict[str, Json]:
    """All of a message but its text; a content that is no string is not compared word by word."""
    return {name: value for name, value in message.items() if name != "content" or not isinstance(value, str)}


def _text(message: dict[str, Json]) -> str:
    content = message.get("content")
    return content if isinstance(content, str) else ""


def _messages(answer: Answer) -> list[dict[str, Json]]:
    return [as_object(message) for message in as_list(request_body(answer.exchange).get("messages"))]


def _words(answer: Answer) -> int:
    return sum(len(_text(message).split()) for message in _messages(answer))


def _all_words(answer: Answer) -> int:
    """The words of all messages of a request, those in parts included."""
    return sum(len(text.split()) for message in _messages(answer) for text in _texts(message.get("content")))


def _texts(content: Json) -> list[str]:
    if isinstance(content, str):
        return [content]
    found = (as_object(part).get("text") for part in as_list(content))
    return [text for text in found if isinstance(text, str)]


def _generated(answer: Answer) -> bool:
    return any(choice.text or choice.tool_calls for choice in answer.choices)
