"""Each check of limits turns red on a limit that was ignored, and lets short answers and policies pass."""

from collections.abc import Callable

import pytest

from chatconform.findings.verdict import Verdict
from chatconform.suites.limit import test_bounds as limits
from chatconform.tests.support.exchanges import completion, exchange, judged, play, refusal, verdict
from chatconform.wire.exchange import Exchange

PASS, FAIL, INCONCLUSIVE = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE
UNSUPPORTED = Verdict.UNSUPPORTED
Check = Callable[..., object]

SENTENCE = "The keeper of the lighthouse rose before dawn and trimmed the lamp with care, as he always did."
STORY = f"{SENTENCE} {SENTENCE} {SENTENCE}"


def answer(text: str, finish: str, tokens: int | None, *, max_tokens: object = None) -> Exchange:
    """A completion of a text, with a count of its tokens or without a count."""
    usage = {"prompt_tokens": 9, "completion_tokens": tokens, "total_tokens": 9 + (tokens or 0)}
    body = completion(text, finish_reason=finish, usage=None if tokens is None else usage)
    return exchange(body, sent={"model": "model-1", "messages": [], "max_tokens": max_tokens})


LONG = answer(STORY, "length", 64)
CUT = answer("The keeper of the light", "length", 8)
WHOLE = answer(SENTENCE, "stop", 20)
UNCOUNTED = answer(SENTENCE, "stop", None)
BY_NAME = refusal(400, "max_tokens is too small.", param="max_tokens")

newer = limits.test_max_completion_tokens_bounds_the_completion
older = limits.test_max_tokens_bounds_the_completion
ended = limits.test_a_cut_completion_ends_with_length
bad = limits.test_limits_that_are_no_positive_integers_are_refused
both = limits.test_both_limits_never_add_up


@pytest.mark.parametrize("check", [newer, older], ids=lambda check: check.__name__)
@pytest.mark.parametrize(
    ("control", "limited", "expected"),
    [
        (LONG, CUT, PASS),
        (LONG, answer("The keeper of the light", "length", 9), PASS),
        (LONG, answer("", "length", 8), PASS),
        (LONG, LONG, FAIL),
        # Twenty tokens are more than eight, though the control is no longer than they are.
        (WHOLE, WHOLE, FAIL),
        (UNCOUNTED, UNCOUNTED, FAIL),
        (WHOLE, answer("Dawn.", "stop", 2), INCONCLUSIVE),
        (LONG, refusal(400, "max_completion_tokens is unknown, max_tokens too."), UNSUPPORTED),
    ],
)
def test_a_completion_beyond_its_limit_is_found(
    check: Check, control: Exchange, limited: Exchange, expected: Verdict
) -> None:
    """More tokens or words than the limit fail, whatever the control; fewer pass only beside a longer one."""
    assert verdict(check, play({"control": control, "limited": limited})) is expected


def test_a_completion_that_was_not_cut_needs_no_length() -> None:
    """An answer that ignores its limit is not also blamed for how it ended."""
    assert verdict(ended, play({"control": WHOLE, "limited": WHOLE})) is INCONCLUSIVE
    assert verdict(ended, play({"control": LONG, "limited": answer("The keeper", "stop", 8)})) is FAIL


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
    ("came", "expected"),
    [
        ((CUT, CUT), PASS),
        ((LONG, CUT), PASS),
        ((WHOLE, CUT), PASS),
        ((WHOLE, WHOLE), INCONCLUSIVE),
        ((answer(STORY, "length", 72), CUT), FAIL),
    ],
)
def test_two_limits_have_to_be_reached(came: tuple[Exchange, Exchange], expected: Verdict) -> None:
    """The sum of both limits fails, and answers that end below either of them show nothing."""
    steps = dict(zip(("newer-smaller", "older-smaller"), came, strict=True))

    assert verdict(both, play(steps)) is expected
