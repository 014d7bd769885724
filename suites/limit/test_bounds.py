"""A limit bounds the completion, and a completion that it cut says so."""

from chatconform.suite import (
    PLAIN,
    Answer,
    Observation,
    Play,
    at_status,
    check,
    expect,
    expect_finish,
    expect_no_server_failure,
    expect_refused,
    provoked,
)
from chatconform.suites.forms import request_body
from chatconform.suites.limit.scenarios import (
    CONTROL_LIMIT,
    LIMIT,
    TAKEN_AS,
    bad_limits,
    both_limits,
    huge_limit,
    limits_of_one_and_more,
    short_answer_under_a_large_limit,
    tiny_limit,
    tiny_limit_by_old_name,
)
from chatconform.suites.wire import measured

# A server that cuts between bytes may count the token that completes a character.
TOLERANCE = 1
LONGEST_TOKEN = 24


def bounded(answer: Answer, limit: int) -> None:
    """The completion has at most so many tokens, by the target's count and by its text."""
    if answer.usage is not None:
        expect(
            answer.usage.completion_tokens <= limit + TOLERANCE,
            f"at most {limit} completion tokens",
            came=answer.usage.completion_tokens,
            at=(answer.usage.at, answer.first.at_text),
        )
    # The text speaks for itself, whatever the usage says: a word is a token at least, and prose has no
    # tokens of 24 characters.
    most = limit + TOLERANCE
    expect(
        len(answer.text.split()) <= most and len(answer.text) <= LONGEST_TOKEN * most,
        f"a text of at most {limit} tokens",
        came=f"{len(answer.text.split())} words: {answer.text}",
        at=answer.first.at_text,
    )


def shows_a_longer_answer(control: Answer) -> None:
    """The control has to be longer than the limit, or its absence shows nothing."""
    longer = len(control.text) > LONGEST_TOKEN * (LIMIT + TOLERANCE) or control.finish_reason == "length"
    provoked(longer, "the control's answer is shorter than the limit", at=control.first.at_text)


@check("CC-LIMIT-001", tiny_limit, feature="max_completion_tokens")
def test_max_completion_tokens_bounds_the_completion(play: Play) -> None:
    """max_completion_tokens is an upper bound of the completion."""
    # Too long is too long, whatever the control shows; short enough proves something only beside it.
    bounded(play.answer("limited"), LIMIT)

    shows_a_longer_answer(play.answer("control"))


@check("CC-LIMIT-001", limits_of_one_and_more, feature="max_completion_tokens")
def test_any_limit_bounds_the_completion(play: Play) -> None:
    """Limits of 1 and of 32 bound the completion as well, and 32 allows more than 1."""
    one, more = play.answer("limit-1"), play.answer("limit-32")

    bounded(one, 1)
    bounded(more, 32)
    expect(
        len(more.text) > len(one.text) or len(more.first.reasoning) > len(one.first.reasoning),
        "a longer answer under the limit of 32 than under the limit of 1",
        came=more.text,
        at=more.first.at_text,
    )


@check("CC-LIMIT-002", tiny_limit_by_old_name, feature="max_tokens")
def test_max_tokens_bounds_the_completion(play: Play) -> None:
    """max_tokens, deprecated as it is, bounds the completion where it is accepted."""
    # Too long is too long, whatever the control shows; short enough proves something only beside it.
    bounded(play.answer("limited"), LIMIT)

    shows_a_longer_answer(play.answer("control"))


@check("CC-LIMIT-003", tiny_limit, feature="max_completion_tokens")
def test_a_cut_completion_ends_with_length(play: Play) -> None:
    """A completion that the limit cut has finish_reason length."""
    shows_a_longer_answer(play.answer("control"))

    expect_finish(play.answer("limited"), "length")


@check("CC-LIMIT-003", tiny_limit_by_old_name, feature="max_tokens")
def test_a_completion_cut_by_the_old_name_ends_with_length(play: Play) -> None:
    """A completion that max_tokens cut has finish_reason length."""
    shows_a_longer_answer(play.answer("control"))

    expect_finish(play.answer("limited"), "length")


@check("CC-LIMIT-003", short_answer_under_a_large_limit, feature="max_completion_tokens")
def test_a_completion_that_was_not_cut_does_not_end_with_length(play: Play) -> None:
    """A completion that ended before the limit does not claim to have been cut."""
    answer = play.answer("answer")
    used = answer.usage.completion_tokens if answer.usage else len(answer.text)
    provoked(used < 200, "the answer may have reached the limit of 256", at=answer.first.at_text)

    expect(
        answer.finish_reason != "length", "not length", came=answer.finish_reason, at=answer.first.at_finish
    )


@check("CC-LIMIT-004", bad_limits, feature="max_tokens")
def test_limits_that_are_no_positive_integers_are_refused(play: Play) -> Observation:
    """Zero, a fraction and a number in quotes are refused, or bound the answer; -1 may mean no limit."""
    play.answer("control")
    camps = {_taken_or_refused(play, step, limit) for step, limit in TAKEN_AS.items()}
    negative = expect_no_server_failure(play, "negative")
    camps.add("accepted" if negative == 200 else "refused")
    return Observation("limit-that-is-no-positive-integer", "+".join(sorted(camps)))


def _taken_or_refused(play: Play, step: str, limit: int) -> str:
    """A limit that is no positive integer was refused by name, or taken for the integer nearest to it."""
    response, exchange = measured(play, step), play[step]
    if response.status != 200:
        expect_refused(play, step, "max_tokens")
        return "refused"
    answer = play.answer(step)
    spent = answer.usage.completion_tokens if answer.usage else len(answer.text.split())
    value = request_body(exchange).get("max_tokens")
    expect(
        spent <= limit + TOLERANCE,
        f"a refusal with 400 or 422, or at most {limit} tokens, for max_tokens {value!r}",
        came=f"200 with {spent} tokens",
        at=(answer.usage.at if answer.usage else at_status(exchange), answer.first.at_text),
    )
    return "accepted"


@check("CC-LIMIT-005", huge_limit, feature="max_completion_tokens")
def test_a_huge_limit_is_answered(play: Play) -> Observation:
    """A limit far above the context window is clamped or refused with 400, in bounded time."""
    status = play.response("answer").status

    expect(status in {200, 400, 422}, "200 or 400", came=status, at=at_status(play["answer"]))
    return Observation("limit-above-the-context", "clamped" if status == 200 else "refused")


@check("CC-LIMIT-006", both_limits, paths=(PLAIN,), feature=("max_tokens", "max_completion_tokens"))
def test_both_limits_never_add_up(play: Play) -> Observation:
    """With both limits the answer is never longer than the larger one."""
    newer, older = play.answer("newer-smaller"), play.answer("older-smaller")

    bounded(newer, CONTROL_LIMIT)
    bounded(older, CONTROL_LIMIT)
    cut = [answer.finish_reason == "length" or _is_short(answer) for answer in (newer, older)]
    provoked(any(cut), "both answers ended by themselves, below the larger limit", at=newer.first.at_finish)
    return Observation("both-limits", _which_won(newer, older))


def _which_won(newer: Answer, older: Answer) -> str:
    short = (_is_short(newer), _is_short(older))
    words = {
        (True, True): "the-stricter",
        (True, False): "max_completion_tokens",
        (False, True): "max_tokens",
    }
    return words.get(short, "neither")


def _is_short(answer: Answer) -> bool:
    return answer.usage is not None and answer.usage.completion_tokens <= LIMIT + TOLERANCE
