"""Each check of the completion object turns red on its defect, and lets legal oddities pass."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from chatconform.findings.verdict import Verdict
from chatconform.suites.resp import test_completion, test_message, test_model, test_text
from chatconform.tests.support.exchanges import (
    MODEL,
    NOW,
    Body,
    chunk,
    chunks,
    completion,
    error,
    exchange,
    play,
    request_body,
    streamed,
    usage_chunk,
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
calls = test_text.test_no_call_means_no_list_of_calls
markup = test_text.test_no_markup_leaks_into_the_text
reasoning = test_text.test_reasoning_is_text_or_null
dated = test_completion.test_a_completion_is_dated_now
named = test_completion.test_no_id_is_empty
own_id = test_completion.test_no_two_answers_share_an_id
once = test_completion.test_no_object_of_a_completion_repeats_a_name
refusing = test_message.test_a_refusal_is_text_or_null
annotated = test_message.test_annotations_are_whole
null_content = test_message.test_content_is_null_only_beside_something_else
unbroken = test_text.test_no_character_of_a_message_is_broken
own_form = test_text.test_a_choice_has_the_form_of_its_answer
unshared = test_text.test_no_answer_may_be_stored_for_others
thought_once = test_text.test_reasoning_is_not_sent_as_text_too
model = test_model.test_the_answer_names_the_model_that_served_it

INVARIANTS = [
    five,
    one_choice,
    optional,
    contract,
    message,
    null_keys,
    reason,
    calls,
    markup,
    reasoning,
    dated,
    named,
    once,
    refusing,
    annotated,
    null_content,
    unbroken,
    own_form,
    unshared,
    thought_once,
]
OF_BOTH_FORMS = [calls, markup, reasoning, named, own_form, unshared, thought_once]
CITATION = {"start_index": 0, "end_index": 5, "url": "https://example.com", "title": "Rain"}
THOUGHT = "The user wants a greeting, so I will greet the user."
CALL = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
HIDDEN = {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 521}
USED_UP = {"prompt_tokens": 9, "completion_tokens": 512, "total_tokens": 521}
WHOLE_AT_THE_END = with_choice(delta={}, message={"content": "Hello!"}) | {"object": "chat.completion.chunk"}


def thinking() -> list[Body]:
    return [chunk({"role": "assistant", "reasoning_content": word}) for word in (THOUGHT[:20], THOUGHT[20:])]


@pytest.mark.parametrize("invariant", INVARIANTS, ids=lambda invariant: invariant.__name__)
def test_a_sound_completion_passes(invariant: Callable[..., object]) -> None:
    """A completion as the contract wants it passes every invariant."""
    assert verdict(invariant, exchange(completion())) is PASS


@pytest.mark.parametrize(
    ("invariant", "body", "expected"),
    [
        (dated, completion(created=NOW * 1000), FAIL),
        (dated, completion(created=0), FAIL),
        (dated, completion(created=NOW - 3600), PASS),
        (dated, completion(created=float(NOW)), INCONCLUSIVE),
        (five, completion(created=NOW * 1000), PASS),
        (five, completion(created=float(NOW)), FAIL),
        (five, completion(created=True), FAIL),
        (five, completion(id=None), FAIL),
        (five, completion(object="chat.completion.chunk"), FAIL),
        (five, completion(model=None), FAIL),
        (five, completion(choices={}), FAIL),
        (five, error(), INCONCLUSIVE),
        (five, [], INCONCLUSIVE),
        (one_choice, with_choice(index=1), FAIL),
        (one_choice, with_choice(index="0"), FAIL),
        (one_choice, with_choice(index=False), FAIL),
        (one_choice, completion(choices=[]), FAIL),
        (one_choice, completion(choices=completion()["choices"] * 2), FAIL),
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
        (contract, with_message(audio="aGVsbG8="), FAIL),
        (contract, with_choice(logprobs=[]), FAIL),
        (contract, completion(choices=["Hello!"]), FAIL),
        (contract, with_message(tool_calls=[{"id": 1}]), FAIL),
        # Each of these has a rule of its own.
        (contract, completion(usage={"prompt_tokens": "12"}, id=None, created="now", service_tier=3), PASS),
        (contract, with_message(content=[], role="user", refusal=False, annotations=[1]), PASS),
        (contract, with_choice(finish_reason="eos", index="0"), PASS),
        (contract, completion(prompt_logprobs=None, extra={"a": [1]}), PASS),
        (reasoning, with_message(reasoning_content={"text": "hm"}), FAIL),
        (reasoning, with_message(reasoning=["hm"]), FAIL),
        (reasoning, with_message(reasoning_content="hm", reasoning=None), PASS),
        (named, completion(id=""), FAIL),
        (named, completion(id=None), INCONCLUSIVE),
        (refusing, with_message(refusal=False), FAIL),
        (refusing, with_message(refusal={"reason": "no"}), FAIL),
        (refusing, with_message(refusal="I cannot."), PASS),
        (refusing, with_message(removed="refusal"), PASS),
        (annotated, with_message(annotations=[{"type": "url_citation", "url_citation": CITATION}]), PASS),
        (annotated, with_message(annotations=[{"type": "file_citation", "file": 3}]), PASS),
        (annotated, with_message(annotations=None), PASS),
        (annotated, with_message(annotations={}), FAIL),
        (annotated, with_message(annotations=[{"url": "https://example.com"}]), FAIL),
        (
            annotated,
            with_message(annotations=[{"type": "url_citation", "url_citation": {**CITATION, "url": None}}]),
            FAIL,
        ),
        (null_content, with_message(content=None), FAIL),
        (null_content, with_message(content=None, tool_calls=[]), FAIL),
        (null_content, with_message(content=None, tool_calls=[CALL]), PASS),
        (null_content, with_message(content=None, refusal="I cannot."), PASS),
        (null_content, with_message(content=""), PASS),
        (null_content, completion(None, finish_reason="length"), PASS),
        (null_content, completion(None, finish_reason="content_filter"), PASS),
        (unbroken, completion("na\ufffdve"), FAIL),
        (unbroken, completion("half \ud83e"), FAIL),
        (unbroken, with_message(tool_calls=[{"function": {"arguments": "\ufffd"}}]), FAIL),
        (unbroken, completion("cut \ufffd", finish_reason="length"), PASS),
        (unbroken, completion("c\ufffdt", finish_reason="length"), FAIL),
        (own_form, with_choice(delta={"content": "Hello!"}), FAIL),
        (own_form, with_choice(delta=None), PASS),
        (thought_once, with_message(content=f"<think>{THOUGHT}</think>Hi", reasoning=THOUGHT), FAIL),
        (thought_once, with_message(content=THOUGHT, reasoning_content=f" {THOUGHT}\n"), FAIL),
        (thought_once, with_message(content="Hi", reasoning_content=THOUGHT), PASS),
        (thought_once, with_message(content="I say OK.", reasoning_content="OK"), PASS),
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


@pytest.mark.parametrize("invariant", OF_BOTH_FORMS, ids=lambda invariant: invariant.__name__)
def test_a_sound_stream_passes(invariant: Callable[..., object]) -> None:
    """What holds for both forms passes on a stream as well."""
    assert verdict(invariant, streamed()) is PASS


@pytest.mark.parametrize(
    ("invariant", "came", "expected"),
    [
        (named, streamed([*chunks()[:2], chunk({}, "stop", id="")]), FAIL),
        (named, streamed(chunks(id=7)), INCONCLUSIVE),
        (own_form, streamed([*chunks()[:-1], WHOLE_AT_THE_END]), FAIL),
        (thought_once, streamed([*thinking(), *chunks(f"<think>{THOUGHT[:9]}", THOUGHT[9:])]), FAIL),
        (thought_once, streamed([*thinking(), *chunks("Hi")]), PASS),
    ],
)
def test_a_defect_of_both_forms_is_found_in_streams(
    invariant: Callable[..., object], came: Exchange, expected: Verdict
) -> None:
    """What fails a completion fails a stream, though it comes in pieces."""
    assert verdict(invariant, came) is expected


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("no-cache", PASS),
        ("no-store, max-age=0", PASS),
        ("private, max-age=60", PASS),
        ("max-age=0", PASS),
        ("public", FAIL),
        ("max-age=3600", FAIL),
        ("s-maxage=5", FAIL),
    ],
)
def test_answers_are_not_stored_for_others(told: str, expected: Verdict) -> None:
    """An answer that calls itself public, or fresh for a while, fails."""
    assert verdict(unshared, exchange(completion(), headers=(("Cache-Control", told),))) is expected


def test_a_name_that_comes_twice_is_found() -> None:
    """A repeated member fails at any depth, though every parser takes it."""
    body = json.dumps(completion())
    for twice in (
        body.replace('{"id"', '{"model": "up", "id"'),
        body.replace('{"role"', '{"role": "x", "role"'),
    ):
        assert (
            verdict(once, exchange(twice.encode(), media_type="application/json", sent=request_body()))
            is FAIL
        )


def test_ids_must_be_different() -> None:
    """Different ids pass, an id that comes twice fails in whatever form, and few answers tell nothing."""
    different = [exchange(completion()), exchange(completion()), streamed(chunks(id="chatcmpl-x"))]
    unreadable = exchange(b"{", media_type="application/json", sent=request_body())

    assert verdict(own_id, *different) is PASS
    assert verdict(own_id, *different, unreadable) is PASS
    assert verdict(own_id, *different, streamed(chunks(id="chatcmpl-x"))) is FAIL
    assert verdict(own_id, *different, exchange(completion(id="chatcmpl-x"))) is FAIL
    assert verdict(own_id, *different, *(exchange(completion(id="")) for _ in range(3))) is PASS
    assert verdict(own_id, *different[:2]) is INCONCLUSIVE


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (completion(), PASS),
        (completion(""), FAIL),
        (with_message(content=None), INCONCLUSIVE),
        (with_message(content="", refusal="I cannot."), INCONCLUSIVE),
        (completion("", finish_reason="length"), INCONCLUSIVE),
    ],
)
def test_a_plain_question_wants_a_text(body: object, expected: Verdict) -> None:
    """An answer that ended by itself has a text."""
    assert (
        verdict(test_message.test_a_plain_question_is_answered_with_text, play({"answer": exchange(body)}))
        is expected
    )


def test_a_stream_without_text_wants_one_too() -> None:
    """A stream that ends with `stop` and never had text fails, whether its deltas say null or nothing."""
    silent = streamed([chunk({"role": "assistant", "content": None}), chunk({}, "stop")])

    assert verdict(test_message.test_a_plain_question_is_answered_with_text, play({"answer": silent})) is FAIL


@pytest.mark.parametrize(
    ("came", "expected"),
    [
        (exchange(completion("OK.")), PASS),
        (exchange(completion("OK.", finish_reason="length")), FAIL),
        (exchange(completion("OK.", finish_reason="content_filter")), INCONCLUSIVE),
        (streamed([*chunks("OK", finish_reason="length"), usage_chunk()]), FAIL),
        (streamed([*chunks("O", "K"), usage_chunk()]), PASS),
        (exchange(completion("", finish_reason="length", usage=USED_UP)), INCONCLUSIVE),
        # Reasoning that is hidden may be counted in the total alone.
        (exchange(completion("OK", finish_reason="length", usage=HIDDEN)), INCONCLUSIVE),
        (streamed(chunks("OK", finish_reason="length")), INCONCLUSIVE),
        (streamed(chunks("O", "K")), PASS),
        # That no finish reason came breaks a rule of its own, and is not told twice.
        (exchange(completion("OK.", finish_reason=None)), INCONCLUSIVE),
        (streamed([*chunks("O", "K", finish_reason=None), usage_chunk()]), INCONCLUSIVE),
    ],
)
def test_a_natural_end_is_stop(came: Exchange, expected: Verdict) -> None:
    """`length` for an answer far below its limit fails; one that reached it, or counts nothing, does not."""
    assert verdict(test_message.test_a_natural_end_gives_stop, play({"answer": came})) is expected


def test_no_completion_is_owed_to_a_request_that_the_contract_forbids() -> None:
    """What is made of `n: 0` is not judged as a completion; the same answer to a legal request is."""
    nothing = completion(choices=[])

    assert verdict(contract, exchange(nothing, sent=request_body(n=0))) is INCONCLUSIVE
    assert verdict(contract, exchange(nothing, sent=request_body(n=1))) is FAIL
    assert verdict(contract, exchange(nothing, sent=b"")) is FAIL


def listing(*names: str) -> Exchange:
    entries = [{"id": name, "object": "model"} for name in names]
    return exchange({"object": "list", "data": entries}, url="http://target/v1/models")


@pytest.mark.parametrize(
    ("told", "asked", "expected"),
    [
        (MODEL, MODEL, PASS),
        (f"{MODEL}-2026-01-01", MODEL, PASS),
        (MODEL, f"vendor/{MODEL}", PASS),
        ("served-name", MODEL, PASS),
        ("default", MODEL, FAIL),
        ("default", "vendor/", FAIL),
        ("", MODEL, FAIL),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_the_model_is_named(told: str, asked: str, expected: Verdict, *, stream: bool) -> None:
    """An echo, a snapshot and a listed name pass; a word that names no model fails."""
    sent = request_body(stream=stream, model=asked)
    came = streamed(chunks(model=told), sent=sent) if stream else exchange(completion(model=told), sent=sent)

    assert verdict(model, came, listing("served-name")) is expected


def test_a_foreign_name_needs_a_list_to_be_judged() -> None:
    """Without a model list nobody knows what a server calls its models; a name that is missing needs none."""
    assert verdict(model, exchange(completion(model="default"))) is INCONCLUSIVE
    assert verdict(model, exchange(completion(model="default")), exchange(completion())) is INCONCLUSIVE
    assert verdict(model, exchange(completion(model=""))) is FAIL
    assert verdict(model, exchange(completion(model=None)), exchange(completion())) is PASS


def test_a_stream_is_no_completion() -> None:
    """The rules of completions are not held against chunks that were sent as JSON by mistake."""
    mislabelled = replace(exchange(chunks()[0], sent=request_body(stream=True)))

    assert verdict(five, mislabelled) is INCONCLUSIVE
