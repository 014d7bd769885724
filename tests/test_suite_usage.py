"""Each check of token counts turns red on its defect, and lets legal oddities pass."""

from collections.abc import Callable

import pytest

from chatconform.findings.finding import NotProvoked
from chatconform.findings.verdict import Verdict
from chatconform.suites.usage import test_counts, test_streams
from chatconform.suites.usage.counting import trust_counts
from chatconform.tests.support.exchanges import (
    Body,
    chunk,
    chunks,
    completion,
    exchange,
    play,
    refusal,
    request_body,
    streamed,
    usage_chunk,
    verdict,
)
from chatconform.wire.exchange import Exchange

PASS, FAIL, INCONCLUSIVE = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE

there = test_counts.test_a_completion_bears_usage
total = test_counts.test_the_total_is_the_sum
alone = test_streams.test_usage_comes_on_one_chunk_of_its_own
null = test_streams.test_other_chunks_carry_usage_null
unasked = test_streams.test_usage_that_nobody_asked_for_is_not_sent

once = test_counts.test_the_prompt_counts_once_and_every_choice_counts


def answer_of(choices: int, text: str, prompt: int, completed: int) -> Exchange:
    usage = {"prompt_tokens": prompt, "completion_tokens": completed, "total_tokens": prompt + completed}
    one = completion(text)["choices"][0]
    return exchange(completion(choices=[{**one, "index": n} for n in range(choices)], usage=usage))


RAIN = "A quiet river of cold rain"


@pytest.mark.parametrize(
    ("two", "three", "expected"),
    [
        (answer_of(2, "Lantern", 9, 4), answer_of(3, "Lantern", 9, 6), PASS),
        (answer_of(2, "Lantern", 18, 4), answer_of(3, "Lantern", 27, 6), FAIL),
        (answer_of(2, "Lantern", 9, 2), answer_of(3, "Lantern", 9, 2), FAIL),
        (answer_of(2, "", 9, 0), answer_of(3, "", 9, 0), PASS),
        (
            answer_of(2, RAIN, 9, 7),
            answer_of(3, RAIN, 9, 7),
            FAIL,
        ),
        (answer_of(2, "静かな川", 9, 6), answer_of(3, "静かな川", 9, 9), PASS),
        (exchange(completion(usage=None)), answer_of(3, "Lantern", 9, 6), INCONCLUSIVE),
    ],
)
def test_several_choices_are_counted(two: Exchange, three: Exchange, expected: Verdict) -> None:
    """A prompt that is multiplied by n fails, and so does a completion of which one choice is counted."""
    assert verdict(once, play({"two": two, "three": three})) is expected


ASKED = request_body(stream=True, stream_options={"include_usage": True})
DECLINED = request_body(stream=True, stream_options={"include_usage": False})
COUNTS = {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12}


def counts(prompt: object, completed: object, sum_of_both: object) -> dict[str, object]:
    return {"prompt_tokens": prompt, "completion_tokens": completed, "total_tokens": sum_of_both}


@pytest.mark.parametrize(
    ("invariant", "body", "expected"),
    [
        (there, completion(), PASS),
        (there, completion(usage={**COUNTS, "prompt_tokens_details": None, "cost": 0.1}), PASS),
        (there, completion("", usage=counts(9, 0, 9)), PASS),
        (there, completion(usage=None), FAIL),
        (there, {key: value for key, value in completion().items() if key != "usage"}, FAIL),
        (there, completion(usage=counts(0, 3, 3)), FAIL),
        (there, completion(usage=counts(9, 0, 9)), FAIL),
        (there, completion(usage=counts("9", 3, 12)), FAIL),
        (there, completion(usage=counts(True, 3, 4)), FAIL),
        (there, completion(usage=counts(9, -3, 6)), FAIL),
        (total, completion(), PASS),
        (total, completion(usage=counts(9, 3, 11)), FAIL),
        (total, completion(usage=None), INCONCLUSIVE),
        (total, completion(usage=counts("9", 3, 12)), INCONCLUSIVE),
    ],
)
def test_counts_are_judged(invariant: Callable[..., object], body: Body, expected: Verdict) -> None:
    """One wrong count gives its invariant the verdict that it deserves."""
    assert verdict(invariant, exchange(body)) is expected


def with_usage(at: int, usage: object) -> list[Body]:
    changed = chunks()
    changed[at] = {**changed[at], "usage": usage}
    return changed


@pytest.mark.parametrize(
    ("invariant", "came", "expected"),
    [
        (alone, streamed([*chunks(usage=None), usage_chunk()], sent=ASKED), PASS),
        (alone, streamed([*chunks(), usage_chunk()], sent=ASKED), PASS),
        (alone, streamed(with_usage(-1, COUNTS), sent=ASKED), FAIL),
        (alone, streamed(chunks(), sent=ASKED), FAIL),
        (alone, streamed([*with_usage(1, COUNTS), usage_chunk()], sent=ASKED), FAIL),
        (alone, streamed([*chunks(), usage_chunk(choices=None)], sent=ASKED), FAIL),
        (alone, streamed([*chunks()[:-1], usage_chunk(), chunks()[-1]], sent=ASKED), FAIL),
        (alone, streamed([*chunks(), "[DONE]", usage_chunk()], done=False, sent=ASKED), FAIL),
        (alone, streamed([*chunks(), usage_chunk(usage={})], sent=ASKED), FAIL),
        (alone, streamed([*with_usage(1, {}), usage_chunk()], sent=ASKED), PASS),
        (null, streamed([*chunks(usage=None), usage_chunk()], sent=ASKED), PASS),
        (null, streamed([*with_usage(1, {}), usage_chunk()], sent=ASKED), FAIL),
        (null, streamed([*with_usage(1, COUNTS), usage_chunk()], sent=ASKED), FAIL),
        (null, streamed(chunks(usage=COUNTS), sent=ASKED), FAIL),
        (null, streamed(with_usage(-1, COUNTS), sent=ASKED), PASS),
        (unasked, streamed(), PASS),
        (unasked, streamed(sent=DECLINED), PASS),
        (unasked, streamed([{**chunk(), "choices": [], "prompt_filter_results": []}, *chunks()]), PASS),
        (unasked, streamed([*chunks(), usage_chunk()]), FAIL),
        (unasked, streamed([*chunks(), usage_chunk()], sent=DECLINED), FAIL),
        (unasked, streamed([*chunks(), usage_chunk(usage=None)]), FAIL),
        (unasked, streamed(with_usage(-1, COUNTS)), FAIL),
        (total, streamed([*chunks(), usage_chunk(usage=counts(9, 3, 13))]), FAIL),
        (total, streamed([*chunks(), usage_chunk()]), PASS),
    ],
)
def test_usage_on_streams_is_judged(
    invariant: Callable[..., object], came: Exchange, expected: Verdict
) -> None:
    """Usage in the wrong place, or unasked, fails the invariant that it breaks."""
    assert verdict(invariant, came) is expected


def test_unasked_usage_is_its_own_rule() -> None:
    """A stream with usage that nobody asked for is not held against the rule of asked usage."""
    assert verdict(alone, streamed([*chunks(), usage_chunk()])) is INCONCLUSIVE


@pytest.mark.parametrize(
    ("came", "expected"),
    [
        (streamed([*chunks(), usage_chunk()], sent=ASKED), PASS),
        (streamed(sent=ASKED), FAIL),
        (refusal(400, "Unknown parameter: stream_options."), Verdict.UNSUPPORTED),
    ],
)
def test_asked_usage_must_come(came: Exchange, expected: Verdict) -> None:
    """A stream without the usage that was asked for fails; a refusal that names the option is honest."""
    assert verdict(test_streams.test_a_request_for_usage_is_answered, play({"answer": came})) is expected


@pytest.mark.parametrize(
    ("plain", "stream", "expected"),
    [
        (counts(9, 3, 12), counts(10, 4, 14), PASS),
        (counts(9, 3, 12), counts(12, 3, 15), FAIL),
        (counts(9, 3, 12), counts(0, 0, 0), FAIL),
        (counts(9, 3, 12), counts(9, 0, 9), FAIL),
        (counts(9, 3, 12), None, INCONCLUSIVE),
    ],
)
@pytest.mark.parametrize(
    ("check", "step"),
    [
        (test_counts.test_streamed_and_plain_usage_agree, "without-tools"),
        (test_counts.test_streamed_and_plain_usage_agree_with_tools, "with-tools"),
    ],
)
def test_both_forms_must_agree(
    check: Callable[..., object], step: str, plain: object, stream: object, expected: Verdict
) -> None:
    """Counts that differ between the forms, and zeros, fail."""
    steps = {
        step: exchange(completion(usage=plain)),
        f"{step}-streamed": streamed([*chunks(), usage_chunk(usage=stream)], sent=ASKED),
    }

    assert verdict(check, play(steps)) is expected


@pytest.mark.parametrize(("grown", "trusted"), [(30, True), (0, False)])
def test_counts_are_trusted_only_where_they_grow(grown: int, *, trusted: bool) -> None:
    """A target whose prompt_tokens stay as they are for a longer message is not asked by its counts."""
    judged = play(
        {
            "short": exchange(completion(usage=counts(9, 3, 12))),
            "long": exchange(completion(usage=counts(9 + grown, 3, 12 + grown))),
        }
    )
    if trusted:
        trust_counts(judged, short="short", long="long", words=30)
        return
    with pytest.raises(NotProvoked, match="not honest"):
        trust_counts(judged, short="short", long="long", words=30)
