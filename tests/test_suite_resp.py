"""Each check of the completion object turns red on its defect, and lets legal oddities pass."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from chatconform.findings.verdict import Verdict
from chatconform.suites.req.scenarios import NULLABLE
from chatconform.suites.resp import test_completion, test_message, test_model
from chatconform.tests.support.exchanges import (
    MODEL,
    NOW,
    chunks,
    completion,
    error,
    exchange,
    play,
    request_body,
    streamed,
    verdict,
    with_choice,
    with_message,
)
from chatconform.wire.exchange import Exchange

PASS, FAIL, INCONCLUSIVE = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE

five = test_completion.test_a_completion_has_its_five_members
one_choice = test_completion.test_without_n_there_is_one_choice_with_index_0
optional = test_completion.test_optional_members_have_the_documented_type
contract = test_completion.test_a_completion_validates_against_the_contract
message = test_message.test_the_message_has_the_role_assistant_and_content
null_keys = test_message.test_refusal_and_logprobs_are_present_if_only_as_null
reason = test_message.test_the_finish_reason_is_one_of_the_five_words
calls = test_message.test_no_call_means_no_list_of_calls
markup = test_message.test_no_markup_leaks_into_the_text
reasoning = test_message.test_reasoning_is_text_or_null


@pytest.mark.parametrize(
    "invariant",
    [five, one_choice, optional, contract, message, null_keys, reason, calls, markup, reasoning],
    ids=lambda invariant: invariant.__name__,
)
def test_a_sound_completion_passes(invariant: Callable[..., object]) -> None:
    """A completion as the contract wants it passes every invariant."""
    assert verdict(invariant, exchange(completion())) is PASS


@pytest.mark.parametrize(
    ("invariant", "body", "expected"),
    [
        (five, completion(created=NOW * 1000), FAIL),
        (five, completion(created=float(NOW)), FAIL),
        (five, completion(created=True), FAIL),
        (five, completion(id=None), FAIL),
        (five, completion(object="chat.completion.chunk"), FAIL),
        (five, completion(model=None), FAIL),
        (five, completion(choices={}), FAIL),
        (five, completion(created=NOW - 3600), PASS),
        (five, error(), INCONCLUSIVE),
        (five, [], INCONCLUSIVE),
        (one_choice, with_choice(index=1), FAIL),
        (one_choice, with_choice(index="0"), FAIL),
        (one_choice, with_choice(index=False), FAIL),
        (one_choice, completion(choices=[]), FAIL),
        (message, with_message(content=[{"type": "text", "text": "Hello!"}]), FAIL),
        (message, with_message(role="user"), FAIL),
        (message, with_message(removed="content"), FAIL),
        (message, with_message(content=None), PASS),
        (null_keys, with_message(removed="refusal"), FAIL),
        (reason, with_choice(finish_reason="end_turn"), FAIL),
        (reason, with_choice(finish_reason=None), FAIL),
        (reason, with_choice(finish_reason=""), FAIL),
        (reason, with_choice(finish_reason=["stop"]), FAIL),
        (reason, with_choice(finish_reason="content_filter"), PASS),
        (calls, with_message(tool_calls=[]), FAIL),
        (calls, with_message(tool_calls=None), PASS),
        (markup, completion("Hello!<|im_end|>"), FAIL),
        (markup, completion("<tool_call>{}"), FAIL),
        (markup, completion("Compare a < b | c."), PASS),
        (optional, completion(service_tier=3), FAIL),
        (optional, completion(system_fingerprint=7), FAIL),
        (optional, completion(metadata=[]), FAIL),
        (optional, completion(service_tier="on_demand", x_groq={"id": 1}), PASS),
        (optional, completion(system_fingerprint=None), PASS),
        (
            contract,
            completion(usage={"prompt_tokens": "12", "completion_tokens": 1, "total_tokens": 1}),
            FAIL,
        ),
        (contract, with_message(tool_calls=[{"id": 1}]), FAIL),
        (contract, completion(prompt_logprobs=None, extra={"a": [1]}), PASS),
        (reasoning, with_message(reasoning_content={"text": "hm"}), FAIL),
        (reasoning, with_message(reasoning=["hm"]), FAIL),
        (reasoning, with_message(reasoning_content="hm", reasoning=None), PASS),
    ],
)
def test_a_defect_of_a_completion_is_found(
    invariant: Callable[..., object], body: object, expected: Verdict
) -> None:
    """One wrong member gives its invariant the verdict that it deserves."""
    assert verdict(invariant, exchange(body)) is expected


def test_a_choice_of_several_is_no_defect_where_they_were_asked_for() -> None:
    """With n in the request the number of choices is another rule's business."""
    assert verdict(one_choice, exchange(completion(), sent=request_body(n=2))) is INCONCLUSIVE


def test_markup_that_the_user_sent_may_come_back() -> None:
    """A request that has the markup makes it ordinary text, plain and streamed."""
    sent = request_body(user="</s>")

    assert verdict(markup, exchange(completion("The tag </s> ends it."), sent=sent)) is PASS


def test_markup_is_found_across_deltas() -> None:
    """A marker that was cut into two deltas is still one marker."""
    assert verdict(markup, streamed(chunks("Hi<|im_", "end|>"))) is FAIL
    assert verdict(markup, streamed()) is PASS


def test_reasoning_in_deltas_is_judged() -> None:
    """A delta's reasoning that is an object fails."""
    odd = chunks()
    odd[1]["choices"][0]["delta"] = {"reasoning_content": {}}

    assert verdict(reasoning, streamed(odd)) is FAIL


def test_ids_must_be_many_and_different() -> None:
    """Ten different ids pass, an id that comes twice fails, and few answers tell nothing."""
    check = test_completion.test_no_two_completions_share_an_id
    different = {name: exchange(completion()) for name in NULLABLE}
    same = {name: exchange(completion(id="chatcmpl-1")) for name in NULLABLE}
    empty = {**different, "stop": exchange(completion(id=""))}

    assert verdict(check, play(different)) is PASS
    assert verdict(check, play(same)) is FAIL
    assert verdict(check, play(empty)) is FAIL
    assert verdict(check, play({"control": exchange(completion())})) is INCONCLUSIVE


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (completion(), PASS),
        (completion(""), FAIL),
        (with_message(content=None), FAIL),
        (completion("", finish_reason="length"), INCONCLUSIVE),
    ],
)
def test_a_plain_question_wants_a_text(body: object, expected: Verdict) -> None:
    """An answer that ended by itself has a text."""
    assert (
        verdict(test_message.test_a_plain_question_is_answered_with_text, play({"answer": exchange(body)}))
        is expected
    )


@pytest.mark.parametrize(
    ("came", "expected"),
    [
        (exchange(completion("OK.")), PASS),
        (exchange(completion("OK.", finish_reason="length")), FAIL),
        (streamed(chunks("OK", finish_reason="length")), FAIL),
        (streamed(chunks("O", "K")), PASS),
        (streamed(chunks("Well, let me", finish_reason="length")), INCONCLUSIVE),
        (
            exchange(
                completion(
                    "",
                    finish_reason="length",
                    usage={"prompt_tokens": 9, "completion_tokens": 256, "total_tokens": 265},
                )
            ),
            INCONCLUSIVE,
        ),
    ],
)
def test_a_natural_end_is_stop(came: Exchange, expected: Verdict) -> None:
    """`length` for an answer far below its limit fails; a model that rambled up to it tells nothing."""
    assert verdict(test_message.test_a_natural_end_gives_stop, play({"answer": came})) is expected


def test_a_stream_that_says_stop_needs_no_usage_to_be_believed() -> None:
    """A stream without usage passes by its own word `stop`, whatever the model said."""
    rambled = streamed(chunks("The river flows quietly", " to the sea."))
    cut = streamed(chunks("The river flows quietly", " to the sea.", finish_reason="length"))

    assert verdict(test_message.test_a_natural_end_gives_stop, play({"answer": rambled})) is PASS
    assert verdict(test_message.test_a_natural_end_gives_stop, play({"answer": cut})) is INCONCLUSIVE


def test_no_completion_is_owed_to_a_request_that_the_contract_forbids() -> None:
    """What is made of `n: 0` is not judged as a completion; the same answer to a legal request is."""
    nothing = completion(choices=[])

    assert verdict(contract, exchange(nothing, sent=request_body(n=0))) is INCONCLUSIVE
    assert verdict(contract, exchange(nothing, sent=request_body(n=1))) is FAIL
    assert verdict(contract, exchange(nothing, sent=b"")) is FAIL


LIST = exchange({"object": "list", "data": [{"id": "served-name", "object": "model"}]})


@pytest.mark.parametrize(
    ("told", "asked", "expected"),
    [
        (MODEL, MODEL, PASS),
        (f"{MODEL}-2026-01-01", MODEL, PASS),
        (MODEL, f"vendor/{MODEL}", PASS),
        ("served-name", MODEL, PASS),
        ("default", MODEL, FAIL),
        ("", MODEL, FAIL),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_the_model_is_named(told: str, asked: str, expected: Verdict, *, stream: bool) -> None:
    """An echo, a snapshot and a listed name pass; a word that names no model fails."""
    sent = request_body(stream=stream, model=asked)
    came = streamed(chunks(model=told), sent=sent) if stream else exchange(completion(model=told), sent=sent)
    judged = play({"answer": came}, control=play({"list": LIST}))

    assert verdict(test_model.test_the_answer_names_the_model_that_served_it, judged) is expected


def test_a_stream_is_no_completion() -> None:
    """The rules of completions are not held against chunks that were sent as JSON by mistake."""
    mislabelled = replace(exchange(chunks()[0], sent=request_body(stream=True)))

    assert verdict(five, mislabelled) is INCONCLUSIVE
