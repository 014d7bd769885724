"""What the invariants of streams say of a stream, and of one with one defect."""

import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from chatconform.findings.verdict import Verdict
from chatconform.suites.stream import (
    test_chunks,
    test_delivery,
    test_framing,
    test_sequence,
    test_text,
)
from chatconform.tests.support.exchanges import (
    NOW,
    chunk,
    chunks,
    completion,
    error,
    exchange,
    hung,
    refusal,
    request_body,
    sse,
    streamed,
    usage_chunk,
    verdict,
)
from chatconform.tests.support.streams import (
    FAIL,
    INCONCLUSIVE,
    LONG_TEXT,
    PASS,
    ROLE,
    at,
    ends,
    keep_alive,
    one_finish,
    one_object,
    raw,
    terminated,
    unsplit,
)
from chatconform.wire.exchange import Exchange, FailureKind

labelled = test_framing.test_a_stream_is_labelled_as_an_event_stream


nameless = test_framing.test_events_have_no_names


five = test_chunks.test_every_chunk_has_its_five_members


snapshots = test_text.test_no_stream_is_a_row_of_snapshots


one_id = test_chunks.test_all_chunks_share_one_id


one_date = test_chunks.test_all_chunks_share_one_date


content = test_text.test_content_is_text_or_null


three = test_chunks.test_every_choice_of_a_chunk_has_its_three_members


contract = test_chunks.test_every_chunk_validates_against_the_contract


role_first = test_sequence.test_the_first_delta_of_a_choice_has_the_role


role_once = test_sequence.test_the_role_is_sent_once


unpadded = test_chunks.test_no_padding_comes_that_was_declined


own_index = test_sequence.test_every_choice_streams_under_its_own_index


finished = test_sequence.test_nothing_follows_the_finish_reason


dated = test_chunks.test_every_chunk_is_dated_now


refusing = test_chunks.test_a_refusal_is_text_or_null


fingerprint = test_chunks.test_no_stream_changes_its_fingerprint


tier = test_chunks.test_no_stream_changes_its_tier


choice_0 = test_chunks.test_without_n_every_chunk_is_of_choice_0


named_once = test_chunks.test_no_object_of_a_chunk_repeats_a_name


in_pieces = test_text.test_a_long_text_comes_in_pieces


unframed = test_text.test_no_framing_leaks_into_the_text


unmeasured = test_delivery.test_no_long_stream_is_measured_before_it_is_sent


decodes = test_delivery.test_a_compressed_stream_decodes_to_its_end


framing = test_delivery.test_the_framing_of_a_stream_is_http


INVARIANTS = [
    labelled,
    one_object,
    terminated,
    nameless,
    ends,
    five,
    one_id,
    one_date,
    content,
    three,
    unsplit,
    contract,
    role_first,
    role_once,
    one_finish,
    finished,
    dated,
    refusing,
    fingerprint,
    tier,
    named_once,
    unframed,
    decodes,
    framing,
]


TWO_CHOICES = [
    chunk(ROLE),
    chunk(ROLE, index=1),
    chunk({"content": "a"}),
    chunk({"content": "b"}, index=1),
    chunk({}, "stop", index=1),
    chunk({}, "length"),
]


PADDING_DECLINED = request_body(stream=True, stream_options={"include_obfuscation": False})


TWO_ASKED = request_body(stream=True, n=2)


DONE_TALK = request_body(stream=True, user="[DONE]")


OTHER_SNAPSHOTS = [chunk({"content": text}, index=1) for text in ("One", "One, two", "One, two, three")]


MERGED = [chunk(ROLE), chunk({"content": "Hi"}), chunk({"content": "!"}, "stop")]


TERSE = [chunk({"role": "assistant", "content": None}), chunk({"content": "Hi"}, "stop")]


def with_headers(came: Exchange, **headers: str) -> Exchange:
    assert came.response is not None
    added = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return replace(came, response=replace(came.response, headers=(*came.response.headers, *added)))


def zipped(body: bytes, *, cut: int = 0) -> Exchange:
    """A compressed stream, of which the last bytes may be missing."""
    packed = gzip.compress(body)
    return with_headers(exchange(packed[: len(packed) - cut]), content_encoding="gzip")


def asking(codings: str, came: Exchange) -> Exchange:
    headers = (*came.request.headers, ("Accept-Encoding", codings))
    return replace(came, request=replace(came.request, headers=headers))


def choice_at(position: int, **members: Any) -> list[Any]:
    """A sound stream of which one choice has other members."""
    changed = chunks()
    changed[position]["choices"][0] |= members
    return changed


def lacking(position: int, member: str) -> list[Any]:
    changed = chunks()
    del changed[position]["choices"][0][member]
    return changed


@pytest.mark.parametrize("invariant", INVARIANTS, ids=lambda invariant: invariant.__name__)
@pytest.mark.parametrize(
    "came",
    [
        streamed(),
        streamed([*chunks(usage=None), usage_chunk()]),
        streamed(TWO_CHOICES),
        streamed(MERGED),
        streamed(TERSE),
        raw(": hello\r\n\r\n" + sse(chunks(), between="\r\n\r\n").decode() + ": bye\n\n"),
        raw(sse(chunks("漢字", "🦀é")).decode().replace("data: ", "data:")),
        streamed([{**part, "extra": {"x": 1}} for part in chunks()]),
    ],
    ids=["plain", "usage", "two-choices", "merged", "terse", "comments", "no-space", "extra-members"],
)
def test_a_sound_stream_passes(invariant: Callable[..., object], came: Exchange) -> None:
    """Comments, CRLF, merged ends, further members and several choices are legal for every invariant."""
    assert verdict(invariant, came) is PASS


@pytest.mark.parametrize(
    ("invariant", "came"),
    [
        (labelled, exchange(sse(chunks()), media_type="application/json")),
        (labelled, exchange(sse(chunks()), media_type="text/event-stream; charset=latin-1")),
        (labelled, exchange(sse(chunks()), status=201)),
        (labelled, exchange(completion(), sent=request_body(stream=True))),
        (one_object, exchange(sse(chunks(), between="\n"))),
        (one_object, streamed([": ping", *chunks()])),
        (one_object, streamed(["[1]", *chunks()])),
        (one_object, streamed(["", *chunks()])),
        (one_object, raw('{"choices": []}\n\n{"choices": []}\n\n')),
        (one_object, raw("data: {}")),
        (one_object, raw('{"choices": []}\n\n{"choices": []}\n\ndata: [DONE]\n\n')),
        (one_object, raw('{"choices": []}\n{"choices": []}\n')),
        (one_object, raw(sse(chunks()).decode().removesuffix("\n\n"))),
        (terminated, streamed(done=False)),
        (terminated, streamed([], done=False)),
        (terminated, raw(json.dumps(completion(), indent=1))),
        (terminated, streamed([*chunks(), "[DONE]"])),
        (
            terminated,
            raw(sse([*chunks(), "[DONE]"], done=False).decode() + sse(chunks()[:1], done=False).decode()),
        ),
        (terminated, raw(sse(chunks()).decode().removesuffix("\n"))),
        (terminated, streamed([*chunks(), '"[DONE]"'], done=False)),
        (keep_alive, streamed(["ping", *chunks()])),
        (keep_alive, streamed(["", *chunks()])),
        (keep_alive, streamed([": OPENROUTER PROCESSING", *chunks()])),
        (keep_alive, streamed(["OPENROUTER PROCESSING", *chunks()])),
        (keep_alive, streamed([*chunks()[:2], "<keep-alive>", *chunks()[2:]])),
        (nameless, raw(sse(chunks()).decode().replace("data:", "event: chunk\ndata:", 1))),
        (nameless, raw(sse(chunks()).decode().replace("data:", "event: error\ndata:", 1))),
        (five, streamed([{**part, "object": "chat.completion"} for part in chunks()])),
        (five, streamed(at(1, object=""))),
        (five, streamed(at(1, created=1.5))),
        (five, streamed(at(1, model=None))),
        (five, streamed(at(1, choices=None))),
        (
            five,
            streamed([*chunks(), {key: value for key, value in usage_chunk().items() if key != "choices"}]),
        ),
        (one_id, streamed(at(2, id="chatcmpl-t"))),
        (one_date, streamed(at(2, created=7))),
        (content, streamed(choice_at(1, delta={"content": ["Hello"]}))),
        (snapshots, streamed(chunks("One", "One, two", "One, two, three"))),
        (snapshots, streamed(chunks("One", "One, two", "One, two, three", "One, two, three"))),
        (snapshots, streamed([*chunks("a", "b", "c"), *OTHER_SNAPSHOTS])),
        (three, streamed(choice_at(1, finish_reason=""))),
        (three, streamed(choice_at(3, finish_reason="end_turn"))),
        (three, streamed(choice_at(1, index="0"))),
        (three, streamed(choice_at(1, delta=None))),
        (three, streamed(lacking(1, "finish_reason"))),
        (three, streamed(lacking(1, "index"))),
        (unsplit, streamed(chunks("na\ufffdve"))),
        (unsplit, streamed(chunks("\ud83e"))),
        (unsplit, streamed(choice_at(1, delta={"tool_calls": [{"function": {"arguments": "\ufffd"}}]}))),
        (unsplit, exchange(sse(chunks("é"), done=False).replace(b"\\u00e9", b"\xc3") + b"data: [DONE]\n\n")),
        (contract, streamed(choice_at(1, logprobs=[]))),
        (contract, streamed(choice_at(1, delta={"tool_calls": {}}))),
        (contract, streamed(at(1, service_tier=3))),
        (contract, streamed([*chunks(), usage_chunk(usage={"prompt_tokens": "9"})])),
        (role_first, streamed(chunks()[1:])),
        (role_first, streamed(TWO_CHOICES[:1] + TWO_CHOICES[2:])),
        (role_once, streamed(choice_at(1, delta={"role": "assistant", "content": "Hello"}))),
        (role_once, streamed(choice_at(1, delta={"role": "", "content": "Hello"}))),
        (one_finish, streamed(chunks()[:-1])),
        (one_finish, streamed([*chunks(), chunk({}, "stop")])),
        (one_finish, streamed(TWO_CHOICES[:-1])),
        (one_finish, streamed([])),
        (one_finish, streamed([], done=False)),
        (one_finish, streamed([usage_chunk()])),
        (one_finish, streamed([*chunks()[:-1], "ping"])),
        (own_index, streamed(TWO_CHOICES[1:] + TWO_CHOICES[:1], sent=TWO_ASKED)),
        (own_index, streamed([*chunks(), *chunks()], sent=TWO_ASKED)),
        (unpadded, streamed(chunks(obfuscation="x"), sent=PADDING_DECLINED)),
        (own_index, streamed([*chunks(), chunk(ROLE, "stop", index=2)], sent=TWO_ASKED)),
        (finished, streamed([*chunks(), chunk({"content": "more"})])),
        (finished, streamed([*chunks(), chunk({"tool_calls": [{"index": 0}]})])),
        (finished, streamed([*TWO_CHOICES, chunk({"content": "more"}, index=1)])),
        (ends, replace(streamed(), elapsed=9.0)),
        (dated, streamed(chunks(created=NOW * 1000))),
        (dated, streamed(at(2, created=0))),
        (refusing, streamed(choice_at(0, delta={"role": "assistant", "refusal": False}))),
        (refusing, streamed(choice_at(1, delta={"refusal": ["No."]}))),
        (fingerprint, streamed([*chunks(system_fingerprint="fp_1"), usage_chunk(system_fingerprint="fp_2")])),
        (tier, streamed([*chunks(service_tier="auto")[:1], *chunks(service_tier="default")[1:]])),
        (choice_0, streamed(choice_at(1, index=1))),
        (choice_0, streamed(TWO_CHOICES)),
        (named_once, raw(sse(chunks()).decode().replace('{"id"', '{"id": "up", "id"', 1))),
        (named_once, raw(sse(chunks()).decode().replace('{"index"', '{"index": 0, "index"', 1))),
        (in_pieces, streamed(chunks(LONG_TEXT))),
        (in_pieces, streamed([*chunks(*LONG_TEXT.split()), chunk({"content": LONG_TEXT}, index=1)])),
        (unframed, streamed(chunks("Hello", "[DONE]"))),
        (unframed, streamed(chunks("Hello\n", "\nda", 'ta: {"id": 1}'))),
        (unframed, streamed(choice_at(1, delta={"reasoning_content": "[DONE]"}))),
        (unmeasured, with_headers(streamed(chunks(*LONG_TEXT.split())), content_length="900")),
        (decodes, with_headers(streamed(), content_encoding="gzip")),
        (decodes, zipped(sse(chunks()), cut=4)),
        (decodes, asking("gzip", with_headers(streamed(), content_encoding="br"))),
        (framing, hung(FailureKind.PROTOCOL, sent=request_body(stream=True))),
    ],
)
def test_a_defect_of_a_stream_is_found(invariant: Callable[..., object], came: Exchange) -> None:
    """One wrong event fails its invariant."""
    assert verdict(invariant, came) is FAIL


@pytest.mark.parametrize(
    ("invariant", "came", "expected"),
    [
        (contract, streamed(choice_at(1, index="0")), PASS),
        (contract, streamed(choice_at(1, delta={"content": [], "refusal": False})), PASS),
        (contract, streamed(at(1, id=None)), PASS),
        (dated, streamed(chunks(created="now")), INCONCLUSIVE),
        (choice_0, streamed(choice_at(1, index="0")), PASS),
        (choice_0, streamed(TWO_CHOICES, sent=TWO_ASKED), INCONCLUSIVE),
        (framing, hung(FailureKind.CLOSED, sent=request_body(stream=True)), INCONCLUSIVE),
        (framing, hung(FailureKind.CONNECT, sent=request_body(stream=True)), INCONCLUSIVE),
        (framing, hung(FailureKind.PROTOCOL), INCONCLUSIVE),
        (terminated, zipped(sse(chunks()), cut=4), INCONCLUSIVE),
        (one_finish, zipped(sse(chunks()), cut=4), INCONCLUSIVE),
        (decodes, with_headers(streamed(), content_encoding="br"), INCONCLUSIVE),
        (keep_alive, streamed([str(chunk()), *chunks()]), INCONCLUSIVE),
        (keep_alive, streamed(["[DONE] ok", *chunks()]), INCONCLUSIVE),
        (keep_alive, streamed(['{"index"', ': 0, "delta": {}}', *chunks()]), INCONCLUSIVE),
        (keep_alive, streamed(["Error: failed while processing", *chunks()]), INCONCLUSIVE),
        (one_object, streamed([], done=False), INCONCLUSIVE),
        (one_finish, streamed([*chunks()[:-1], str(chunks()[-1])]), INCONCLUSIVE),
        (one_finish, raw(sse(chunks(), between="\n")), INCONCLUSIVE),
        (one_finish, raw("".join(f"{json.dumps(each)}\n\n" for each in chunks())), INCONCLUSIVE),
        (one_id, streamed(at(2, id=None)), PASS),
        (one_date, streamed(at(2, created="now")), PASS),
        (one_date, streamed(at(2, model="model-2")), PASS),
    ],
)
def test_a_defect_is_held_against_one_rule(
    invariant: Callable[..., object], came: Exchange, expected: Verdict
) -> None:
    """A stream that breaks a rule leaves those alone which cannot be told any more, or are not about it."""
    assert verdict(invariant, came) is expected


@pytest.mark.parametrize(
    ("invariant", "came", "expected"),
    [
        (snapshots, streamed(chunks("one ", "two ", "three")), PASS),
        (snapshots, streamed(chunks("Hello, hello, ", "Hello, hello, ", "Hello, hello, you")), PASS),
        (snapshots, streamed(chunks("1", "10", "100")), PASS),
        (snapshots, streamed(chunks("One, two", "One, two, three")), INCONCLUSIVE),
        (dated, streamed(chunks(created=NOW - 3600)), PASS),
        (refusing, streamed(choice_at(1, delta={"refusal": "I cannot."})), PASS),
        (fingerprint, streamed([chunk(system_fingerprint=None), *chunks(system_fingerprint="fp_1")]), PASS),
        (fingerprint, streamed([chunk(system_fingerprint=""), *chunks(system_fingerprint="fp_1")]), PASS),
        (tier, streamed([chunk(), *chunks(service_tier="on_demand")]), PASS),
        (choice_0, streamed(), PASS),
        (in_pieces, streamed(chunks(LONG_TEXT[:40], LONG_TEXT[40:])), PASS),
        (in_pieces, streamed(chunks("Hello!")), INCONCLUSIVE),
        (unframed, streamed(chunks("It ends with data: [DONE]."), sent=DONE_TALK), PASS),
        (unframed, streamed(chunks("The data: one, two.", " We are DONE")), PASS),
        (unmeasured, streamed(chunks(*LONG_TEXT.split())), PASS),
        (unmeasured, with_headers(streamed(chunks("Hi")), content_length="900"), INCONCLUSIVE),
        (decodes, zipped(sse(chunks())), PASS),
        (decodes, asking("gzip, deflate", zipped(sse(chunks()))), PASS),
        (decodes, asking("gzip", streamed()), PASS),
        (framing, refusal(400), INCONCLUSIVE),
        (framing, exchange(error(), status=400, sent=request_body(stream=True)), PASS),
        (own_index, streamed(TWO_CHOICES, sent=TWO_ASKED), PASS),
        (own_index, streamed(chunks(), sent=request_body(stream=True, n=1)), INCONCLUSIVE),
        (own_index, streamed(chunks()), INCONCLUSIVE),
        # One choice for n 2 is an n that was ignored, not an index that is wrong.
        (own_index, streamed(chunks(), sent=TWO_ASKED), INCONCLUSIVE),
        (unpadded, streamed(chunks(), sent=PADDING_DECLINED), PASS),
        (unpadded, streamed(chunks(obfuscation="x")), INCONCLUSIVE),
    ],
)
def test_what_only_resembles_a_defect_is_legal(
    invariant: Callable[..., object], came: Exchange, expected: Verdict
) -> None:
    """Words said again, short numbers that grow, one choice and padding that nobody declined are legal."""
    assert verdict(invariant, came) is expected
