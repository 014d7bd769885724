"""A limit bounds the completion, and a completion that it cut says so."""

from chatconform.suite import (
    PLAIN,
    STREAMED,
    FailureKind,
    Observation,
    Play,
    at_failure,
    at_status,
    check,
    expect,
    expect_no_server_failure,
    expect_refused,
    provoked,
)
from chatconform.suites.forms import OURS, request_body
from chatconform.suites.limit.bounds import (
    TOLERANCE,
    expect_bounded,
    expect_cut,
    expect_limits_of_their_own,
    is_short,
    longer_than,
)
from chatconform.suites.limit.scenarios import (
    LARGER,
    LIMIT,
    TAKEN_AS,
    bad_limits,
    both_limits,
    forced_story,
    over_the_context,
)
from chatconform.suites.sample.scenarios import NARROW_LIMIT, narrow_story, written_out
from chatconform.suites.wire import error_in, measured

BOTH = (PLAIN, STREAMED)
NEWER, OLDER = ("max_completion_tokens", "temperature"), ("max_tokens", "temperature")
# A story of 64 tokens within a twelfth of the time-out: a whole one of 500 words would have come as well.
STORY_SHARE = 1 / 12
# By these a refusal of a prompt that is too long is told from any other.
TOO_LONG = ("context", "token", "length", "long", "large", "exceed")


@check("CC-LIMIT-001", forced_story, paths=BOTH, feature=NEWER)
def test_max_completion_tokens_bounds_the_completion(play: Play) -> None:
    """max_completion_tokens is an upper bound of the completion."""
    # Too long is too long, whatever the control shows; short enough proves something only beside it.
    expect_bounded(play.answer(play.part("forced", "limit")), LIMIT)

    longer_than(play.answer("control"), LIMIT)


@check("CC-LIMIT-002", narrow_story, paths=BOTH, feature=OLDER)
def test_max_tokens_bounds_the_completion(play: Play) -> None:
    """max_tokens, deprecated as it is, bounds the completion where it is accepted, each choice by itself."""
    answer = play.answer(play.part("narrow", "limit"))
    expect_bounded(answer, NARROW_LIMIT)
    expect_limits_of_their_own(answer, NARROW_LIMIT)

    longer_than(play.answer("control"), NARROW_LIMIT)


@check("CC-LIMIT-003", forced_story, paths=BOTH, feature=NEWER)
def test_a_cut_completion_ends_with_length(play: Play) -> None:
    """A completion that the limit cut has finish_reason length."""
    longer_than(play.answer("control"), LIMIT)

    expect_cut(play.answer(play.part("forced", "limit")), LIMIT)


@check("CC-LIMIT-003", narrow_story, paths=BOTH, feature=OLDER)
def test_a_completion_cut_by_the_old_name_ends_with_length(play: Play) -> None:
    """A completion that max_tokens cut has finish_reason length."""
    longer_than(play.answer("control"), NARROW_LIMIT)

    expect_cut(play.answer(play.part("narrow", "limit")), NARROW_LIMIT)


@check("CC-LIMIT-004", bad_limits)
def test_limits_that_are_no_positive_integers_are_refused(play: Play) -> Observation:
    """Zero, a fraction and a number in quotes are refused, or bound the answer; -1 may mean no limit."""
    play.answer("control")
    camps = {_taken_or_refused(play, step, limit) for step, limit in TAKEN_AS.items() if play.has(step)}
    if play.has("negative"):
        camps.add("accepted" if expect_no_server_failure(play, "negative") == 200 else "refused")
    return Observation("limit-that-is-no-positive-integer", "+".join(sorted(camps)))


def _taken_or_refused(play: Play, step: str, limit: int) -> str:
    """A limit that is no positive integer was refused by name, or taken for the integer nearest to it."""
    response, exchange = measured(play, step), play[step]
    sent = {name: value for name, value in request_body(exchange).items() if name.startswith("max_")}
    if response.status != 200:
        expect_refused(play, step, "max_tokens", "max_completion_tokens")
        return "refused"
    answer = play.answer(step)
    spent = answer.usage.completion_tokens if answer.usage else len(answer.text.split())
    told = ", ".join(f"{name} {value!r}" for name, value in sent.items())
    expect(
        spent <= limit + TOLERANCE,
        f"a refusal with 400 or 422, or at most {limit} tokens, for {told}",
        came=f"200 with {spent} tokens",
        at=(answer.usage.at if answer.usage else at_status(exchange), answer.first.at_text),
    )
    return "accepted"


@check("CC-LIMIT-005", written_out, feature="max_completion_tokens")
def test_a_huge_limit_is_answered(play: Play) -> Observation:
    """A limit far above the context window is clamped or refused with 400, in bounded time."""
    step = play.part("written-out", "limit")
    _expect_answered(play, step)
    status = measured(play, step).status

    expect(status in {200, 400, 422}, "200 or 400", came=status, at=at_status(play[step]))
    return Observation("limit-above-the-context", "clamped" if status == 200 else "refused")


def _expect_answered(play: Play, step: str) -> None:
    """A step was answered to its end, by a target that is quick enough for a whole story."""
    exchange, control = play[step], play["control"]
    failure = exchange.failure
    if failure is None or failure.kind in OURS:
        return
    slow = failure.kind is FailureKind.TIMEOUT and control.elapsed > STORY_SHARE * failure.at
    provoked(not slow, "the target may have been writing the whole story", at=at_failure(exchange))
    expect(False, "an answer in time", came=failure.message, at=at_failure(exchange))


@check("CC-LIMIT-006", both_limits, feature=("max_tokens", "max_completion_tokens"))
def test_both_limits_never_add_up(play: Play) -> Observation:
    """With both limits the answer is never longer than the larger one."""
    shorter: dict[str, bool] = {}
    for step in ("newer-smaller", "older-smaller"):
        if play.has(step):
            answer = play.answer(step)
            expect_bounded(answer, LARGER)
            # A count that is too small for the words of the text tells nothing of the limit.
            counted_short = answer.usage is not None and answer.usage.completion_tokens <= LIMIT + TOLERANCE
            shorter[step] = counted_short and is_short(answer.text, LIMIT)
            cut = answer.finish_reason == "length" or shorter[step]
            provoked(cut, "the answer ended by itself, below the larger limit", at=answer.first.at_finish)
    return Observation("both-limits", _which_won(shorter))


def _which_won(shorter: dict[str, bool]) -> str:
    newer, older = shorter.get("newer-smaller", False), shorter.get("older-smaller")
    if older is None:
        return "newer-or-stricter-wins" if newer else "older-or-larger-wins"
    words = {(True, True): "stricter-wins", (True, False): "newer-wins", (False, True): "older-wins"}
    return words.get((newer, older), "larger-wins")


@check("CC-LIMIT-007", over_the_context)
def test_a_prompt_over_the_context_is_refused(play: Play) -> Observation:
    """A prompt longer than the declared context is refused by an error that says so."""
    codes = set()
    for step in ("streamed", "plain"):
        if step == "streamed" or play.has(step):
            measured(play, step)
            expect_refused(play, step, *TOO_LONG, statuses=(400, 413, 422))
            codes.add(str(error_in(play[step]).get("code") or "no code"))
    return Observation("context-exceeded", "+".join(sorted(codes)))
