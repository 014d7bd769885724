"""What every answer of a run says of its limit: how many tokens it counts, and whether it was cut."""

from chatconform.suite import (
    Choice,
    Evidence,
    Exchange,
    Json,
    NotProvoked,
    at_request,
    expect,
    invariant,
    provoked,
    read_answer,
)
from chatconform.suites.forms import answers, request_body
from chatconform.suites.limit.bounds import TOLERANCE, is_short
from chatconform.suites.limit.scenarios import forced_story
from chatconform.suites.resp.scenarios import limited_greeting
from chatconform.suites.wire import is_integer

NAMES = ("max_tokens", "max_completion_tokens")
# No server cuts an answer after so few tokens unless it was told to.
FEW = 16


@invariant("CC-LIMIT-008", answers, provoked_by=(forced_story, limited_greeting))
def test_only_a_cut_completion_ends_with_length(exchange: Exchange) -> None:
    """A completion that ended before its limit does not claim by finish_reason length to have been cut."""
    limits = _limits_of(exchange)
    provoked(limits, "the request sets no limit")
    answer = read_answer(exchange)
    # Which of two limits applies is left open: here the smaller one, below the larger one.
    least = min(FEW, *limits)
    # What all choices have together is the most that one can have; below that of the words it is no count.
    words = sum(len(choice.text.split()) for choice in answer.choices)
    honest = answer.usage is not None and answer.usage.completion_tokens >= words
    for choice in answer.choices:
        # Reasoning may be hidden, and its tokens left out of the count.
        seen = choice.text or choice.tool_calls or choice.refusal
        if choice.finish_reason != "length" or choice.reasoning or not seen:
            continue
        # Tokens of white space at the end, or of half a character, may be counted and not sent.
        counted = answer.usage.generated_tokens if answer.usage and honest else _longest_count(choice)
        expect(
            counted + TOLERANCE >= least,
            f"another finish_reason than length after {counted} tokens, or at least {least} of them",
            came=f"length, after {choice.text!r}",
            at=(choice.at_finish, choice.at_text, _at_limit(exchange)),
        )


@invariant("CC-LIMIT-009", answers, provoked_by=forced_story)
def test_no_answer_counts_more_tokens_than_its_limit(exchange: Exchange) -> None:
    """usage.completion_tokens of an answer is at most the limit that the request sets to each choice."""
    limits = _limits_of(exchange)
    provoked(limits, "the request sets no limit")
    limit, answer = max(limits), read_answer(exchange)
    if answer.usage is None:
        raise NotProvoked("the answer has no usage")
    # A text that is longer than its limit breaks another rule.
    short = all(is_short(choice.text, limit) for choice in answer.choices)
    provoked(short, "the text itself is longer than the limit", at=answer.first.at_text)
    most = (limit + TOLERANCE) * len(answer.choices)
    expect(
        answer.usage.completion_tokens <= most,
        f"at most {limit} completion_tokens for each of {len(answer.choices)} choices",
        came=answer.usage.completion_tokens,
        at=(answer.usage.at, _at_limit(exchange)),
    )


def _limits_of(exchange: Exchange) -> list[int]:
    """The limits that were sent, by either name."""
    sent: list[Json] = [request_body(exchange).get(name) for name in NAMES]
    return [value for value in sent if is_integer(value)]


def _at_limit(exchange: Exchange) -> Evidence:
    """Where the request sets its limit, which may stand behind a long conversation."""
    return at_request(exchange, next(f"/{name}" for name in NAMES if name in request_body(exchange)))


def _longest_count(choice: Choice) -> int:
    """The most tokens that a choice may have: one for each byte, names and quotes of calls left aside."""
    calls = "".join(call.name + call.arguments for call in choice.tool_calls)
    return len(f"{choice.text}{choice.refusal}{calls}".encode("utf-8", "replace"))
