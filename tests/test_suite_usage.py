"""Each check of token counts turns red on its defect, and lets legal oddities pass."""

from collections.abc import Callable

import pytest

from chatconform.findings.finding import NotProvoked
from chatconform.findings.verdict import Verdict
from chatconform.suites.usage import test_comparisons, test_counts, test_streams
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
    with_message,
)
from chatconform.wire.exchange import Exchange

PASS, FAIL, INCONCLUSIVE = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE

there = test_counts.test_a_completion_bears_usage
total = test_counts.test_the_total_is_the_sum
alone = test_streams.test_usage_comes_on_one_chunk_of_its_own
null = test_streams.test_other_chunks_carry_usage_null
unasked = test_streams.test_usage_that_nobody_asked_for_is_not_sent

cached = test_counts.test_cached_tokens_are_part_of_the_prompt
reasoned = test_counts.test_reasoning_tokens_are_part_of_the_completion
details = test_counts.test_the_details_are_whole_numbers
written = test_counts.test_the_completion_counts_its_words
read = test_comparisons.test_the_prompt_counts_its_words
once = test_comparisons.test_the_prompt_counts_once_and_every_choice_counts
agree = test_comparisons.test_streamed_and_plain_usage_agree
alone_counts = test_comparisons.test_prompt_tokens_depend_on_the_prompt_alone
grows = test_comparisons.test_a_longer_prompt_counts_more


RAIN = "A quiet river of cold rain"
STORY = "The keeper lit the lamp and looked out over the dark and restless sea."


def answer_of(choices: int, text: str, prompt: int, completed: int, **asked: object) -> Exchange:
    """A completion of several choices with this usage, asked for with n and further members."""
    one = completion(text)["choices"][0]
    body = completion(
        choices=[{**one, "index": n} for n in range(choices)],
        usage=counts(prompt, completed, prompt + completed),
    )
    return exchange(body, sent=request_body(**({"n": choices} if choices > 1 else {}), **asked))


def counts(prompt: object, completed: object, sum_of_both: object = 0) -> dict[str, object]:
    total = prompt + completed if isinstance(prompt, int) and isinstance(completed, int) else 0
    return {"prompt_tokens": prompt, "completion_tokens": completed, "total_tokens": sum_of_both or total}


@pytest.mark.parametrize(
    ("one", "three", "expected"),
    [
        (answer_of(1, "Lantern", 9, 2), answer_of(3, "Lantern", 9, 6), PASS),
        (answer_of(2, "Lantern", 9, 4), answer_of(3, "Lantern", 9, 6), PASS),
        (answer_of(1, "Lantern", 9, 2), answer_of(3, "Lantern", 27, 6), FAIL),
        (answer_of(1, "Lantern", 9, 2), answer_of(3, "Lantern", 9, 2), FAIL),
        (answer_of(1, "", 9, 0), answer_of(3, "", 9, 0), PASS),
        (answer_of(1, RAIN, 9, 7), answer_of(3, RAIN, 9, 7), FAIL),
        (answer_of(1, "静かな川", 9, 6), answer_of(3, "静かな川", 9, 18), PASS),
        # Of two stories only one is counted: fewer for a word than any answer costs.
        (answer_of(1, 2 * STORY, 9, 36), answer_of(2, 2 * STORY, 9, 36), FAIL),
        (answer_of(1, 2 * STORY, 9, 36), answer_of(2, 2 * STORY, 9, 70), PASS),
        (answer_of(1, 2 * STORY, 9, 900), answer_of(2, 2 * STORY, 9, 70), PASS),
        # How the answers are drawn is no part of the prompt.
        (answer_of(1, "Lantern", 9, 2, temperature=0), answer_of(3, "Lantern", 27, 6, top_p=0.5), FAIL),
        (exchange(completion(usage=None)), answer_of(3, "Lantern", 9, 6), INCONCLUSIVE),
        # An n that was ignored is another rule's affair, and so are two questions.
        (answer_of(1, "Lantern", 9, 2), exchange(completion(), sent=request_body(n=3)), INCONCLUSIVE),
        (answer_of(1, "Lantern", 30, 2, user="x"), answer_of(3, "Lantern", 9, 6), INCONCLUSIVE),
    ],
)
def test_several_choices_are_counted(one: Exchange, three: Exchange, expected: Verdict) -> None:
    """A prompt that is multiplied by n fails, and so does a completion of which one choice is counted."""
    assert verdict(once, one, three) is expected


ASKED = request_body(stream=True, stream_options={"include_usage": True})
DECLINED = request_body(stream=True, stream_options={"include_usage": False})
COUNTS = {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12}


def detailed(prompt: object = None, completed: object = None) -> Body:
    """A completion of 9 and 3 tokens with these details."""
    return completion(
        usage={**COUNTS, "prompt_tokens_details": prompt, "completion_tokens_details": completed}
    )


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
        (cached, detailed({"cached_tokens": 9}), PASS),
        (cached, detailed({"cached_tokens": 10}), FAIL),
        (cached, detailed({"cached_tokens": None}), INCONCLUSIVE),
        (cached, detailed({"cached_tokens": "10"}), INCONCLUSIVE),
        (cached, completion(), INCONCLUSIVE),
        (reasoned, detailed(completed={"reasoning_tokens": 3}), PASS),
        (reasoned, detailed(completed={"reasoning_tokens": 317}), FAIL),
        (reasoned, detailed(completed={}), INCONCLUSIVE),
        (details, detailed({"cached_tokens": 0, "cost": 0.1}, {"reasoning_tokens": None}), PASS),
        (details, completion(), PASS),
        (details, detailed(7), FAIL),
        (details, detailed([]), FAIL),
        (details, detailed({"cached_tokens": 0.5}), FAIL),
        (details, detailed(completed={"reasoning_tokens": "3"}), FAIL),
        (details, detailed(completed={"accepted_prediction_tokens": -1}), FAIL),
        (details, completion(usage=None), INCONCLUSIVE),
        (written, completion(STORY, usage=counts(9, 14)), PASS),
        (written, completion(STORY, usage=counts(9, 7)), PASS),
        (written, completion(STORY, usage=counts(9, 1)), FAIL),
        (written, completion(STORY, usage=counts(9, 0)), PASS),
        (written, completion("", usage=counts(9, 0)), INCONCLUSIVE),
        (written, with_message(content="Hi", reasoning_content=STORY), FAIL),
        (read, completion(usage=counts(2, 3)), PASS),
        (read, completion(usage=counts(0, 3)), INCONCLUSIVE),
        (read, completion(usage=None), INCONCLUSIVE),
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
        (alone, streamed([*with_usage(1, COUNTS), usage_chunk()], sent=ASKED), PASS),
        (alone, streamed([*chunks(), usage_chunk(), usage_chunk()], sent=ASKED), FAIL),
        (alone, streamed(chunks(usage=COUNTS), sent=ASKED), FAIL),
        (alone, streamed([*chunks(), usage_chunk(choices=None)], sent=ASKED), FAIL),
        (alone, streamed([*chunks()[:-1], usage_chunk(), chunks()[-1]], sent=ASKED), FAIL),
        (alone, streamed([*chunks(), "[DONE]", usage_chunk()], done=False, sent=ASKED), FAIL),
        (alone, streamed([*chunks(), usage_chunk(usage={})], sent=ASKED), FAIL),
        (alone, streamed([*with_usage(1, {}), usage_chunk()], sent=ASKED), PASS),
        (null, streamed([*chunks(usage=None), usage_chunk()], sent=ASKED), PASS),
        (null, streamed([*with_usage(1, {}), usage_chunk()], sent=ASKED), FAIL),
        (null, streamed([*with_usage(1, COUNTS), usage_chunk()], sent=ASKED), FAIL),
        (null, streamed([*chunks(usage=COUNTS), usage_chunk()], sent=ASKED), PASS),
        (null, streamed(with_usage(-1, COUNTS), sent=ASKED), PASS),
        (unasked, streamed(), PASS),
        (unasked, streamed(sent=DECLINED), PASS),
        (unasked, streamed([{**chunk(), "choices": [], "prompt_filter_results": []}, *chunks()]), PASS),
        (unasked, streamed([*chunks(), usage_chunk()]), FAIL),
        (unasked, streamed([*chunks(), usage_chunk()], sent=DECLINED), FAIL),
        (unasked, streamed([*chunks(), usage_chunk(usage=None)]), FAIL),
        (unasked, streamed(with_usage(-1, COUNTS)), FAIL),
        (total, streamed([*chunks(), usage_chunk(usage=counts(9, 3, 13))]), FAIL),
        (cached, streamed([*chunks(), usage_chunk(usage=detailed({"cached_tokens": 10})["usage"])]), FAIL),
        (details, streamed([*chunks(), usage_chunk(usage=detailed(completed=[])["usage"])]), FAIL),
        (written, streamed([*chunks(STORY), usage_chunk(usage=counts(9, 1))]), FAIL),
        (written, streamed([*chunks(STORY), usage_chunk(usage=counts(9, 14))]), PASS),
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


TOOLS = {"tools": [{"type": "function", "function": {"name": "f"}}]}


@pytest.mark.parametrize(
    ("plain", "stream", "expected"),
    [
        (counts(9, 3), counts(10, 4), PASS),
        (counts(9, 3), counts(12, 3), FAIL),
        (counts(9, 3), counts(0, 0), FAIL),
        (counts(9, 3), counts(9, 0), FAIL),
        # That the plain form counts nothing is CC-USAGE-001.
        (counts(9, 0), counts(9, 3), PASS),
        (counts(9, 3), None, INCONCLUSIVE),
    ],
)
@pytest.mark.parametrize("asked", [{}, TOOLS], ids=["without-tools", "with-tools"])
def test_both_forms_must_agree(
    plain: object, stream: object, expected: Verdict, asked: dict[str, object]
) -> None:
    """Counts that differ between the forms, and zeros, fail."""
    one = exchange(completion(usage=plain), sent=request_body(**asked))
    other = streamed([*chunks(), usage_chunk(usage=stream)], sent={**ASKED, **asked})

    assert verdict(agree, one, other) is expected
    assert verdict(agree, other, one) is expected
    assert verdict(agree, one) is INCONCLUSIVE


def test_only_one_request_in_two_forms_is_compared() -> None:
    """Two different questions may cost what they like, and so may one that was asked twice in one form."""
    long = streamed([*chunks(), usage_chunk(usage=counts(90, 3))], sent={**ASKED, **TOOLS})

    assert verdict(agree, exchange(completion()), long) is INCONCLUSIVE
    assert verdict(agree, exchange(completion()), exchange(completion(usage=counts(90, 3)))) is INCONCLUSIVE


@pytest.mark.parametrize(
    ("asked", "prompt", "expected"),
    [
        ({}, 9, PASS),
        ({"max_tokens": 512}, 9, PASS),
        ({"temperature": 0, "stop": ["x"], "seed": 7}, 10, PASS),
        ({}, 60, FAIL),
        ({"max_tokens": 512}, 521, FAIL),
        ({"stop": ["x"]}, 12, FAIL),
        (TOOLS, 60, INCONCLUSIVE),
        ({"n": 2}, 18, INCONCLUSIVE),
        ({"messages": [{"role": "user", "content": "Hi."}]}, 5, INCONCLUSIVE),
    ],
)
def test_the_prompt_alone_decides_its_cost(asked: dict[str, object], prompt: int, expected: Verdict) -> None:
    """A limit, a stop string or a repetition that costs prompt tokens fails; another prompt may."""
    other = exchange(completion(usage=counts(prompt, 3)), sent=request_body(**asked))

    assert verdict(alone_counts, exchange(completion()), other) is expected


def saying(content: object, prompt: int, *, before: str = "Hello.") -> Exchange:
    messages = [{"role": "system", "content": before}, {"role": "user", "content": content}]
    return exchange(completion(usage=counts(prompt, 3)), sent=request_body(messages=messages))


MORE = f"{' '.join(['river', 'house', 'green'] * 10)} Say hello."


@pytest.mark.parametrize(
    ("short", "long", "expected"),
    [
        (saying("Say hello.", 9), saying(MORE, 40), PASS),
        (saying("Say hello.", 9), saying(MORE, 24), PASS),
        (saying("Say hello.", 9), saying(MORE, 9), FAIL),
        (saying("Say hello.", 100), saying(MORE, 100), FAIL),
        (saying("Say hello.", 9), saying("Do say hello. Say hello.", 9), INCONCLUSIVE),
        (saying("Say goodbye.", 9), saying(MORE, 9), INCONCLUSIVE),
        (saying("Say hello.", 9), saying([{"type": "text", "text": MORE}], 9), INCONCLUSIVE),
        (saying("Say hello.", 9, before="Be brief."), saying(MORE, 9), INCONCLUSIVE),
        (saying("Say hello.", 9), exchange(completion(usage=None)), INCONCLUSIVE),
    ],
)
def test_more_words_must_cost_more(short: Exchange, long: Exchange, expected: Verdict) -> None:
    """Counts that do not grow with a message fail; messages that say something else are not compared."""
    assert verdict(grows, long, short) is expected


@pytest.mark.parametrize(
    ("content", "prompt", "expected"),
    [
        (MORE, 40, PASS),
        (MORE, 17, PASS),
        (MORE, 2, FAIL),
        (
            [
                {"type": "text", "text": MORE},
                {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}},
            ],
            2,
            FAIL,
        ),
        ([{"type": "text", "text": "Hi."}], 2, PASS),
        ("漢字" * 40, 2, PASS),
    ],
)
def test_all_messages_are_counted(content: object, prompt: int, expected: Verdict) -> None:
    """A prompt that costs less than its words can fails, as strings and as parts."""
    assert verdict(read, saying(content, prompt)) is expected
    assert verdict(read, saying("Hi.", 3), saying(content, prompt)) is expected


def test_a_constant_is_held_against_the_rule_of_growth_alone() -> None:
    """Where every prompt costs the same, that prompts cost more if they say more is the one rule broken."""
    constant = (saying("Say hello.", 9), saying(MORE, 9))

    assert verdict(grows, *constant) is FAIL
    assert verdict(read, *constant) is INCONCLUSIVE


def test_a_constant_agrees_with_anything() -> None:
    """That equal prompts cost the same, and both forms too, shows nothing where every prompt does."""
    said = request_body()
    plain, again = exchange(completion(), sent=said), exchange(completion(), sent={**said, "seed": 7})
    streamed_too = streamed([*chunks(), usage_chunk()], sent={**said, "stream": True})
    longer = saying(MORE, 9)

    for check, others in ((alone_counts, (again,)), (agree, (streamed_too,))):
        assert verdict(check, plain, *others) is PASS
        assert verdict(check, plain, *others, longer) is INCONCLUSIVE
        assert verdict(check, plain, *others, saying(MORE, 40)) is PASS


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
