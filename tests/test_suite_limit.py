"""Each check of limits turns red on a limit that was ignored, and lets short answers and policies pass."""

from collections.abc import Callable, Iterator

import pytest

from chatconform.findings.verdict import Verdict
from chatconform.suites.limit import test_bounds as limits
from chatconform.suites.limit import test_counts as counts
from chatconform.tests.support.exchanges import (
    completion,
    exchange,
    hung,
    judged,
    play,
    refusal,
    request_body,
    verdict,
)
from chatconform.tests.support.plays import AnyCheck, Theatre, changed, checks_of
from chatconform.tests.support.theatres import served
from chatconform.wire.exchange import Exchange, FailureKind

PASS, FAIL, INCONCLUSIVE = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE
UNSUPPORTED, ERROR = Verdict.UNSUPPORTED, Verdict.ERROR
Check = Callable[..., object]

SENTENCE = "The keeper of the lighthouse rose before dawn and trimmed the lamp with care, as he always did."
STORY = f"{SENTENCE} {SENTENCE} {SENTENCE}"


@pytest.fixture(scope="module")
def theatre() -> Iterator[Theatre]:
    with served(declared={"known-context-size": "8192"}) as opened:
        yield opened


@pytest.mark.parametrize(("made", "path"), checks_of("limit"))
def test_the_reference_server_passes_every_check(theatre: Theatre, made: AnyCheck, path: str) -> None:
    """What the reference server answers passes, or this file proves nothing."""
    judgement = theatre.judge(made, path)

    assert judgement.verdict is PASS, judgement.reason


def answer(text: str, finish: str | None, tokens: int | None, **sent: object) -> Exchange:
    """A completion of a text, with a count of its tokens or without a count."""
    usage = {"prompt_tokens": 9, "completion_tokens": tokens, "total_tokens": 9 + (tokens or 0)}
    body = completion(text, finish_reason=finish, usage=None if tokens is None else usage)
    messages = [{"role": "user", "content": "Tell me."}]
    return exchange(body, sent={"model": "model-1", "messages": messages, **sent})


LONG = answer(STORY, "length", 64)
CUT = answer("The keeper of the light", "length", 8)
WHOLE = answer(SENTENCE, "stop", 20)
UNCOUNTED = answer(STORY, "stop", None)
BY_NAME = refusal(400, "max_tokens is too small.", param="max_tokens")

newer = limits.test_max_completion_tokens_bounds_the_completion
older = limits.test_max_tokens_bounds_the_completion
ended = limits.test_a_cut_completion_ends_with_length
ended_older = limits.test_a_completion_cut_by_the_old_name_ends_with_length
bad = limits.test_limits_that_are_no_positive_integers_are_refused
both = limits.test_both_limits_never_add_up
huge = limits.test_a_huge_limit_is_answered
over = limits.test_a_prompt_over_the_context_is_refused


@pytest.mark.parametrize(
    ("check", "control", "limited", "expected"),
    [
        *(
            case
            for check, limit in ((newer, 8), (older, 40))
            for case in (
                (check, LONG, CUT, PASS),
                # Only a token of half a character is a reason for one more.
                (check, LONG, answer("The keeper of the l\u00ef", "length", limit + 1), PASS),
                (check, LONG, answer("The keeper of the light", "length", limit + 1), FAIL),
                (check, LONG, answer("", "length", 8), PASS),
                (check, LONG, LONG, FAIL),
                (check, UNCOUNTED, UNCOUNTED, FAIL),
                (check, LONG, answer("Dawn.", "length", 65), FAIL),
                (check, answer("Dawn.", "stop", 2), answer("Dawn.", "stop", 2), INCONCLUSIVE),
                (check, LONG, refusal(400, "max_completion_tokens is unknown, max_tokens too."), UNSUPPORTED),
            )
        ),
        # Twenty tokens are more than eight, though the control is no longer than they are.
        (newer, WHOLE, WHOLE, FAIL),
        (older, WHOLE, WHOLE, INCONCLUSIVE),
    ],
)
def test_a_completion_beyond_its_limit_is_found(
    check: Check, control: Exchange, limited: Exchange, expected: Verdict
) -> None:
    """More tokens or words than the limit fail, whatever the control; fewer pass only beside a longer one."""
    step = "forced" if check is newer else "narrow"

    assert verdict(check, play({"control": control, step: limited})) is expected


@pytest.mark.parametrize(
    ("check", "step", "limited", "expected"),
    [
        (ended, "forced", answer("The keeper", "length", 8), PASS),
        (ended, "forced", answer("The keeper", "stop", 8), FAIL),
        # A text that ended by itself below its limit was not cut.
        (ended, "forced", answer("The keeper", "stop", 4), INCONCLUSIVE),
        # An answer that ignores its limit is not also blamed for how it ended.
        (ended, "forced", answer(STORY, "stop", 64), INCONCLUSIVE),
        (ended_older, "narrow", answer(SENTENCE, "length", 40), PASS),
        (ended_older, "narrow", answer(SENTENCE, "stop", 40), FAIL),
        # That a finish reason is missing breaks a rule of its own.
        (ended, "forced", answer("The keeper", None, 8), INCONCLUSIVE),
    ],
)
def test_a_cut_completion_says_so(check: Check, step: str, limited: Exchange, expected: Verdict) -> None:
    """Cut answers end with length; what was not cut need not."""
    assert verdict(check, play({"control": LONG, step: limited})) is expected


def two_of(tokens: int, text: str, **sent: object) -> Exchange:
    """Two choices with this text that say that their limit cut them, and the tokens of both together."""
    first = completion(text, finish_reason="length")["choices"][0]
    usage = {"prompt_tokens": 9, "completion_tokens": tokens, "total_tokens": 9 + tokens}
    body = completion(choices=[first, {**first, "index": 1}], usage=usage)
    return exchange(body, sent={**request_body(), "n": 2, **sent})


def choosing(*reasons: str | None) -> Exchange:
    """A completion of forty tokens for each of several choices, with these finish reasons."""
    first = completion(SENTENCE)["choices"][0]
    choices = [{**first, "index": n, "finish_reason": reason} for n, reason in enumerate(reasons)]
    tokens = 40 * len(reasons)
    usage = {"prompt_tokens": 9, "completion_tokens": tokens, "total_tokens": 9 + tokens}
    return exchange(completion(choices=choices, usage=usage))


@pytest.mark.parametrize(
    ("reasons", "expected"),
    [
        (("length", "length"), PASS),
        (("length", None), INCONCLUSIVE),
        (("length", "stop"), FAIL),
        ((None, "stop"), FAIL),
    ],
)
def test_a_choice_without_a_finish_reason_is_not_blamed_for_its_limit(
    reasons: tuple[str | None, ...], expected: Verdict
) -> None:
    """Gateways that drop the finish reason of a choice break that rule, and the other choices are judged."""
    assert verdict(ended_older, play({"control": LONG, "narrow": choosing(*reasons)})) is expected


@pytest.mark.parametrize(
    ("came", "expected"),
    [
        (two_of(80, SENTENCE), PASS),
        (two_of(61, SENTENCE), PASS),
        (two_of(40, SENTENCE), FAIL),
        # Fewer tokens than words count something else, such as one of the choices.
        (two_of(20, SENTENCE), PASS),
        (two_of(40, ""), PASS),
        (answer(SENTENCE, "length", 20), PASS),
        (choosing("length", "stop"), PASS),
    ],
)
def test_a_limit_is_not_shared_by_the_choices(came: Exchange, expected: Verdict) -> None:
    """Choices that were cut have about as many tokens each as their limit allows, not together."""
    assert verdict(older, play({"control": LONG, "narrow": came})) is expected


@pytest.mark.parametrize(
    ("step", "came", "expected"),
    [
        ("zero", WHOLE, FAIL),
        ("zero", answer("", "length", 0, max_tokens=0), PASS),
        ("zero", answer("Hello", "length", 1, max_tokens=0), PASS),
        ("zero", UNCOUNTED, FAIL),
        ("fraction", WHOLE, FAIL),
        ("fraction", answer("Hello", "length", 1, max_tokens=1.5), PASS),
        ("string", WHOLE, FAIL),
        ("string", answer("Hello there", "length", 2, max_tokens="2"), PASS),
        ("string", refusal(400, "Wrong."), FAIL),
        ("negative", WHOLE, PASS),
        ("negative", refusal(500), FAIL),
    ],
)
def test_a_bad_limit_is_refused_or_bounds(step: str, came: Exchange, expected: Verdict) -> None:
    """Zero, a fraction and a quoted number may be refused or hold, but are never no limit; -1 may be none."""
    steps = {"control": WHOLE, **dict.fromkeys(("zero", "negative", "fraction", "string"), BY_NAME)}
    assert verdict(bad, play(steps)) is PASS

    assert verdict(bad, play({**steps, step: came})) is expected


def test_the_report_of_an_ignored_limit_says_what_was_sent() -> None:
    """The expectation names the value that was sent, and what came is the count."""
    steps = {"control": WHOLE, **dict.fromkeys(("negative", "fraction", "string"), BY_NAME)}
    judgement = judged(bad, play({**steps, "zero": answer(SENTENCE, "stop", 20, max_tokens=0)}))

    assert judgement.expected == "a refusal with 400 or 422, or at most 0 tokens, for max_tokens 0"
    assert judgement.came == "200 with 20 tokens"


@pytest.mark.parametrize(
    ("came", "expected", "camp"),
    [
        ((CUT,), PASS, "newer-or-stricter-wins"),
        ((answer(SENTENCE, "length", 24),), PASS, "older-or-larger-wins"),
        ((CUT, CUT), PASS, "stricter-wins"),
        ((answer(SENTENCE, "length", 24), CUT), PASS, "older-wins"),
        ((CUT, answer(SENTENCE, "length", 24)), PASS, "newer-wins"),
        ((WHOLE,), INCONCLUSIVE, ""),
        # Twelve words are more than eight tokens, whatever the usage says.
        ((answer("The keeper of the light " * 2 + "was old.", "stop", 5),), INCONCLUSIVE, ""),
        ((answer(SENTENCE, "length", 32),), FAIL, ""),
        ((CUT, LONG), FAIL, ""),
    ],
)
def test_two_limits_have_to_be_reached(came: tuple[Exchange, ...], expected: Verdict, camp: str) -> None:
    """The sum of both limits fails, and answers that end below either of them show nothing."""
    steps = dict(zip(("newer-smaller", "older-smaller"), came, strict=False))
    judgement = judged(both, play(steps))

    assert judgement.verdict is expected
    assert [each.camp for each in judgement.observations] == ([camp] if camp else [])


@pytest.mark.parametrize(
    ("came", "expected"),
    [
        (WHOLE, PASS),
        (refusal(400, "The limit is too large."), PASS),
        (refusal(404), FAIL),
        (refusal(500), FAIL),
        (refusal(503), ERROR),
    ],
)
def test_a_huge_limit_is_clamped_or_refused(came: Exchange, expected: Verdict) -> None:
    """An answer or a refusal will do, a failure of the server will not."""
    assert verdict(huge, play({"control": LONG, "written-out": came})) is expected


@pytest.mark.parametrize(
    ("seconds", "failed", "expected"),
    [
        (1.0, FailureKind.TIMEOUT, FAIL),
        (9.0, FailureKind.TIMEOUT, INCONCLUSIVE),
        (9.0, FailureKind.CLOSED, FAIL),
        (1.0, FailureKind.CONNECT, ERROR),
    ],
)
def test_a_huge_limit_that_is_not_answered_is_told_from_a_slow_model(
    seconds: float, failed: FailureKind, expected: Verdict
) -> None:
    """No answer in time fails where the target is quick, and a connection that is dropped fails always."""
    control = exchange(completion(STORY), elapsed=seconds)

    assert verdict(huge, play({"control": control, "written-out": hung(failed)})) is expected


@pytest.mark.parametrize(
    ("came", "expected"),
    [
        (refusal(400, "The prompt exceeds the context.", code="context_length_exceeded"), PASS),
        (refusal(413, "The prompt is too long."), PASS),
        (refusal(400, "No."), FAIL),
        (exchange("Too long.", status=400), FAIL),
        (refusal(500, "The prompt is too long."), FAIL),
        (WHOLE, FAIL),
        (refusal(503), ERROR),
    ],
)
def test_a_prompt_over_the_context_is_never_answered(came: Exchange, expected: Verdict) -> None:
    """Only a refusal that says what is too long will do; an answer means that the prompt was cut."""
    assert verdict(over, play({"streamed": came})) is expected


@pytest.mark.parametrize("declared", [None, "many", "0", "9999999"])
def test_a_context_that_is_no_size_is_not_exceeded(declared: str | None) -> None:
    """Without a size that can be exceeded nothing is sent, and the rule is left open."""
    told = {"known-context-size": declared} if declared else {}
    with served(declared=told) as theatre:
        (judgement,) = [
            theatre.judge(made, "streamed")
            for made in (each.values[0] for each in checks_of("limit"))
            if made.requirement == "CC-LIMIT-007"
        ]

    assert judgement.verdict is INCONCLUSIVE
    assert judgement.exchanges == ()


def thinking_aside(text: str, finish: str, count: int, **sent: object) -> Exchange:
    """An answer whose hidden reasoning is counted in the total alone."""
    return changed(lambda document: document["usage"].update(total_tokens=512))(
        answer(text, finish, count, **sent)
    )


cut_or_not = counts.test_only_a_cut_completion_ends_with_length
counted = counts.test_no_answer_counts_more_tokens_than_its_limit
THINKING = {
    "index": 0,
    "message": {"role": "assistant", "content": "OK", "reasoning_content": "Let me see"},
    "finish_reason": "length",
}


@pytest.mark.parametrize(
    ("came", "expected"),
    [
        (answer("OK", "stop", 2, max_tokens=512), PASS),
        (answer("OK", "length", 2, max_tokens=512), FAIL),
        (answer("OK", "length", None, max_tokens=512), FAIL),
        (answer("OK then", "length", 2, max_tokens=2), PASS),
        (answer(SENTENCE, "length", 18, max_tokens=512), PASS),
        (answer("The keeper of", "length", 3, max_tokens=8), FAIL),
        (answer("The keeper of", "length", 3, max_tokens=4, max_completion_tokens=512), PASS),
        # Blanks that the model wrote may be counted and not sent.
        (answer("{\n ", "length", 5, max_tokens=5), PASS),
        (answer("{\n ", "length", 3, max_tokens=5), FAIL),
        (answer("{\n ", "length", None, max_tokens=5), FAIL),
        (two_of(8, "{", max_tokens=8), PASS),
        (two_of(8, "{", max_tokens=512), FAIL),
        # A count that is below the number of words counts something else.
        (answer(SENTENCE, "length", 0, max_tokens=512), PASS),
        (answer("", "length", 0, max_tokens=512), PASS),
        # Hidden reasoning is counted as part of the completion, or in the total alone.
        (answer("OK", "length", 512, max_tokens=512), PASS),
        (thinking_aside("OK", "length", 2, max_tokens=512), PASS),
        (answer("OK", "length", 2), INCONCLUSIVE),
        (
            exchange(
                completion(choices=[THINKING]),
                sent={"model": "m", "messages": [{"role": "user", "content": "?"}], "max_tokens": 99},
            ),
            PASS,
        ),
    ],
)
def test_nothing_claims_to_have_been_cut_that_ended_early(came: Exchange, expected: Verdict) -> None:
    """Few tokens under a large limit do not end with length; hidden ones and small limits are left alone."""
    assert verdict(cut_or_not, came) is expected


@pytest.mark.parametrize(
    ("came", "expected"),
    [
        (answer("Hello", "stop", 2, max_tokens=8), PASS),
        (answer("Hello", "length", 9, max_completion_tokens=8), PASS),
        (answer("Hello", "stop", 10, max_tokens=8), FAIL),
        (answer("Hello", "stop", 10, max_tokens=8, max_completion_tokens=16), PASS),
        # A text that is itself too long is the affair of the rules about the limit.
        (answer(STORY, "stop", 64, max_tokens=8), INCONCLUSIVE),
        (answer("Hello", "stop", 2), INCONCLUSIVE),
        (answer("Hello", "stop", None, max_tokens=8), INCONCLUSIVE),
    ],
)
def test_a_count_beyond_the_limit_is_found(came: Exchange, expected: Verdict) -> None:
    """A short text that is counted as longer than its limit fails, be it by any of the two names."""
    assert verdict(counted, came) is expected
