"""Each check of streams turns red on its defect, and lets legal oddities pass."""

import gzip
import json
import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from chatconform.findings.verdict import Verdict
from chatconform.suites.stream import (
    test_chunks,
    test_delivery,
    test_framing,
    test_refusal,
    test_sequence,
    test_text,
)
from chatconform.tests.support.exchanges import (
    NOW,
    Body,
    chunk,
    chunks,
    completion,
    error,
    exchange,
    hung,
    play,
    refusal,
    request_body,
    sse,
    streamed,
    usage_chunk,
    verdict,
)
from chatconform.wire.exchange import Exchange, Failure, FailureKind
from chatconform.wire.stream import Arrival

PASS, FAIL, INCONCLUSIVE, ERROR = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.ERROR

labelled = test_framing.test_a_stream_is_labelled_as_an_event_stream
one_object = test_framing.test_every_event_is_one_json_object
terminated = test_framing.test_a_stream_ends_with_exactly_one_terminator
keep_alive = test_framing.test_keep_alives_are_no_events
nameless = test_framing.test_events_have_no_names
ends = test_framing.test_the_body_ends_soon_after_the_terminator
five = test_chunks.test_every_chunk_has_its_five_members
snapshots = test_text.test_no_stream_is_a_row_of_snapshots
one_id = test_chunks.test_all_chunks_share_one_id
one_date = test_chunks.test_all_chunks_share_one_date
content = test_text.test_content_is_text_or_null
three = test_chunks.test_every_choice_of_a_chunk_has_its_three_members
unsplit = test_text.test_no_character_is_split
contract = test_chunks.test_every_chunk_validates_against_the_contract
role_first = test_sequence.test_the_first_delta_of_a_choice_has_the_role
role_once = test_sequence.test_the_role_is_sent_once
one_finish = test_sequence.test_each_choice_gets_one_finish_reason
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
lossless = test_text.test_a_stream_loses_nothing_of_the_text
flowing = test_delivery.test_output_arrives_while_it_is_generated
unmeasured = test_delivery.test_no_long_stream_is_measured_before_it_is_sent
decodes = test_delivery.test_a_compressed_stream_decodes_to_its_end
framing = test_delivery.test_the_framing_of_a_stream_is_http
before = test_refusal.test_a_refusal_comes_before_the_stream

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
ROLE = {"role": "assistant", "content": ""}
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
LONG_TEXT = "the keeper climbed the narrow stairs, lit the lamp, and looked out over the dark sea " * 2
OTHER_SNAPSHOTS = [chunk({"content": text}, index=1) for text in ("One", "One, two", "One, two, three")]
MERGED = [chunk(ROLE), chunk({"content": "Hi"}), chunk({"content": "!"}, "stop")]
TERSE = [chunk({"role": "assistant", "content": None}), chunk({"content": "Hi"}, "stop")]


def raw(text: str | bytes) -> Exchange:
    return exchange(text.encode() if isinstance(text, str) else text)


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


def at(position: int, **members: Any) -> list[Any]:
    """A sound stream of which one chunk has other members."""
    changed = chunks()
    changed[position] = {**changed[position], **members}
    return changed


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


def test_a_body_that_never_ends_is_found() -> None:
    """A stream that stays open after [DONE] until our time-out fails, one that we left ourselves does not."""
    whole = streamed()
    assert whole.response is not None
    cut = replace(whole, response=replace(whole.response, complete=False), elapsed=60.0)
    timeout = Failure(kind=FailureKind.TIMEOUT, message="the time is over", at=60.0)

    assert verdict(ends, replace(cut, failure=timeout)) is FAIL
    assert verdict(ends, replace(cut, failure=replace(timeout, kind=FailureKind.ABORTED))) is INCONCLUSIVE


def test_a_stream_that_failed_is_left_to_its_own_rules() -> None:
    """An error event excuses the missing terminator and finish reason."""
    failed = streamed([chunks()[0], error("The model stopped.")], done=False)

    assert [verdict(each, failed) for each in (terminated, one_finish)] == [INCONCLUSIVE] * 2
    assert verdict(one_object, failed) is PASS


def test_a_stream_without_silence_tells_nothing_of_keep_alives() -> None:
    """Without a comment there was no keep-alive to judge; with one it passes."""
    assert verdict(keep_alive, streamed()) is INCONCLUSIVE
    assert verdict(keep_alive, raw(": keep-alive\n\n" + sse(chunks()).decode())) is PASS


def test_replacement_characters_may_be_quoted() -> None:
    """A U+FFFD that the user sent is ordinary text."""
    sent = request_body(stream=True, user="\ufffd")

    assert verdict(unsplit, streamed(chunks("It is \ufffd."), sent=sent)) is PASS


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["1 ", "2 ", "3 ", "4"], PASS),
        (["1 2 3 4 5 ", "6 7 8 9 10 ", "11 12 13 14 15"], PASS),
        (["1 2 3 4 5 6", "1 2 3 4 5 6 7 8", "1 2 3 4 5 6 7 8 9 10"], FAIL),
        (["1 2 3 4 5 6 7", " 8 9", "1 2 3 4 5 6 7 8 9 10"], FAIL),
        (["1 2 3"], INCONCLUSIVE),
    ],
)
def test_deltas_must_be_increments(texts: list[str], expected: Verdict) -> None:
    """Text that is sent again, from its beginning or from the last delta's, is no increment."""
    judged = play({"unpadded": streamed(chunks(*texts))})

    assert verdict(test_text.test_deltas_are_increments, judged) is expected


@pytest.mark.parametrize(
    ("text", "expected"), [("漢字 🦀", PASS), ("漢\ufffd", FAIL), ("I cannot do that.", INCONCLUSIVE)]
)
def test_wide_characters_must_come_through(text: str, expected: Verdict) -> None:
    """Replacement characters fail, an answer of pure ASCII tells nothing."""
    assert (
        verdict(test_text.test_wide_characters_come_through, play({"unpadded": streamed(chunks(text))}))
        is expected
    )


@pytest.mark.parametrize(
    ("came", "expected"),
    [
        (streamed(), PASS),
        (streamed([{**part, "obfuscation": "x"} for part in chunks()]), FAIL),
        (exchange(completion(), sent=request_body(stream=True)), INCONCLUSIVE),
        (refusal(400, "Unknown parameter.", param="stream_options.include_obfuscation"), Verdict.UNSUPPORTED),
    ],
)
def test_padding_can_be_declined(came: Exchange, expected: Verdict) -> None:
    """Padding that was declined fails; a refusal that names the option is honest."""
    assert verdict(test_chunks.test_obfuscation_can_be_switched_off, play({"unpadded": came})) is expected


def test_a_refused_option_hides_no_other_rule() -> None:
    """Where include_obfuscation is refused, wide characters are judged in the stream without it."""
    steps = {"unpadded": refusal(400, "Unknown parameter.", param="stream_options.include_obfuscation")}
    judged = play({**steps, "padded": streamed(chunks("漢字", " 🦀", " é"))})

    assert verdict(test_chunks.test_obfuscation_can_be_switched_off, judged) is Verdict.UNSUPPORTED
    assert verdict(test_text.test_wide_characters_come_through, judged) is PASS
    assert verdict(test_text.test_deltas_are_increments, judged) is PASS


@pytest.mark.parametrize(
    ("came", "expected"),
    [
        (streamed(), PASS),
        # That it is no stream is for the rule about all streams to say.
        (exchange(completion(), sent=request_body(stream=True)), PASS),
        (refusal(400, "stream is not supported"), Verdict.UNSUPPORTED),
        (refusal(400, "No."), FAIL),
        (refusal(503), ERROR),
    ],
)
def test_a_stream_must_come(came: Exchange, expected: Verdict) -> None:
    """A refusal fails, an honest one is unsupported."""
    assert verdict(test_framing.test_a_request_for_a_stream_is_answered, play({"answer": came})) is expected


@pytest.mark.parametrize(("status", "expected"), [(200, PASS), (400, PASS), (500, FAIL), (503, ERROR)])
def test_the_next_request_must_be_answered(status: int, expected: Verdict) -> None:
    """A server that fails after a stream fails."""
    steps = {"unpadded": streamed(), "next": exchange(completion(), status=status)}

    assert verdict(test_framing.test_a_request_after_a_stream_is_answered, play(steps)) is expected


BAD = request_body(messages=[])
UNKNOWN_MODEL = request_body(model="nobody")
LATE = sse([error("No.")], done=False)


def of_stream(came: object, body: Body, *, status: int = 200, media_type: str = "") -> Exchange:
    return exchange(came, status=status, media_type=media_type, sent={**body, "stream": True})


@pytest.mark.parametrize(
    ("plain", "stream", "expected"),
    [
        (None, of_stream(error(), BAD, status=400), PASS),
        (None, of_stream(LATE, BAD), FAIL),
        (None, of_stream(sse(chunks()), BAD), INCONCLUSIVE),
        (None, of_stream(error(), BAD, status=500), INCONCLUSIVE),
        (None, of_stream(LATE, UNKNOWN_MODEL), INCONCLUSIVE),
        (400, of_stream(error(), BAD, status=400), PASS),
        (400, of_stream(error(), BAD, status=422), PASS),
        (400, of_stream(sse(chunks()), BAD), FAIL),
        (400, of_stream(error(), BAD, status=500), FAIL),
        (400, of_stream(error(), BAD, status=429), INCONCLUSIVE),
        (400, of_stream(sse([error()]), BAD, status=400), FAIL),
        (200, of_stream(sse(chunks()), BAD), INCONCLUSIVE),
        (404, of_stream(LATE, UNKNOWN_MODEL), FAIL),
        (404, of_stream(error(), UNKNOWN_MODEL, status=404), PASS),
        (429, of_stream(LATE, UNKNOWN_MODEL), INCONCLUSIVE),
    ],
)
def test_a_refusal_must_come_before_the_stream(
    plain: int | None, stream: Exchange, expected: Verdict
) -> None:
    """What is refused plain, or by its first event, is refused with a 4xx on a stream too."""
    sent = UNKNOWN_MODEL if plain in {404, 429} else BAD
    twin = [] if plain is None else [exchange(error(), status=plain, sent=sent)]

    assert verdict(before, streamed(), *twin, stream) is expected
    assert verdict(before, *twin, stream) is INCONCLUSIVE  # without a good stream nothing is told


def test_what_is_refused_for_its_form_is_no_control() -> None:
    """A plain request that was refused for `stream` or `stream_options` itself says nothing of the stream."""
    options = {"stream_options": {"include_usage": True}}
    wrong = exchange(error(), status=400, sent=request_body(stream_options=options["stream_options"]))
    worse = exchange(error(), status=400, sent={**request_body(), "stream": "true"})
    good = streamed(sent=request_body(stream=True, **options))

    assert verdict(before, good, wrong, worse) is INCONCLUSIVE


@pytest.mark.parametrize("value", [0, None])
def test_what_is_not_false_is_no_control(value: object) -> None:
    """0 equals false in Python, not in JSON, and null has a rule of its own: their refusal is no control."""
    refused = exchange(error(), status=400, sent={**request_body(), "stream": value})

    assert verdict(before, streamed(), streamed(sent=request_body(stream=True)), refused) is INCONCLUSIVE


def test_another_key_is_no_control() -> None:
    """A request that was refused for its key does not condemn the stream of one that was accepted."""
    stranger = exchange(error(), status=401, sent_headers=(("Authorization", "Bearer wrong"),))

    assert verdict(before, streamed(), stranger) is INCONCLUSIVE


def paced(times: Sequence[float], *, elapsed: float, coding: str = "") -> Exchange:
    """A stream of which each chunk came at one of these times."""
    frames = [sse([each], done=False) for each in chunks(*["word "] * (len(times) - 2))]
    packer = zlib.compressobj(wbits=31)
    pieces = [
        packer.compress(frame) + packer.flush(zlib.Z_SYNC_FLUSH) if coding else frame for frame in frames
    ]
    pieces[-1] += packer.flush() if coding else b""
    came = exchange(b"".join(pieces), elapsed=elapsed)
    assert came.response is not None
    arrivals = tuple(Arrival(at=at, size=len(piece)) for at, piece in zip(times, pieces, strict=True))
    headers = (*came.response.headers, *((("Content-Encoding", coding),) if coding else ()))
    return replace(came, response=replace(came.response, arrivals=arrivals, headers=headers))


FLOWING = paced([0.2 + 0.1 * n for n in range(20)], elapsed=2.2)
HELD = paced([2.9 + 0.001 * n for n in range(20)], elapsed=3.0)
FAST = paced([0.001 * n for n in range(20)], elapsed=0.02)
QUICK = paced([0.5 + 0.001 * n for n in range(20)], elapsed=0.55)
AT_ONCE = paced([0.3] * 20, elapsed=0.3)
HELD_BY_GZIP = paced([2.9] * 20, elapsed=3.0, coding="gzip")
FLOWING_GZIP = paced([0.2 + 0.1 * n for n in range(20)], elapsed=2.2, coding="gzip")
LATE_BUT_FLOWING = paced([5.0 + 0.05 * n for n in range(20)], elapsed=6.0)
THINKING = {
    "prompt_tokens": 9,
    "completion_tokens": 300,
    "total_tokens": 309,
    "completion_tokens_details": {"reasoning_tokens": 280},
}
THOUGHTFUL = streamed([*chunks("Hello"), usage_chunk(usage=THINKING)])


@pytest.mark.parametrize(
    ("came", "expected"),
    [
        ([FLOWING], PASS),
        ([FAST], PASS),
        ([LATE_BUT_FLOWING], PASS),
        ([FLOWING, HELD], PASS),
        ([FLOWING, FLOWING_GZIP], PASS),
        ([FLOWING, AT_ONCE, QUICK], PASS),
        # What stays open after its last text was not held.
        ([replace(AT_ONCE, elapsed=9.0)], INCONCLUSIVE),
        ([HELD], FAIL),
        ([HELD, AT_ONCE], FAIL),
        ([FLOWING, HELD_BY_GZIP], FAIL),
        # Silence may be thought.
        ([HELD, THOUGHTFUL], INCONCLUSIVE),
        ([FLOWING, THOUGHTFUL], PASS),
        ([AT_ONCE], INCONCLUSIVE),
        ([QUICK], INCONCLUSIVE),
        ([streamed()], INCONCLUSIVE),
    ],
)
def test_output_must_flow(came: list[Exchange], expected: Verdict) -> None:
    """Text that comes at once after a long silence fails, by each content coding; a fast answer does not."""
    assert verdict(flowing, *came) is expected


LEFT = replace(
    paced([0.1, 0.2, 0.3, 0.4, 0.5], elapsed=0.5),
    failure=Failure(kind=FailureKind.ABORTED, message="closed by us", at=0.5),
)


@pytest.mark.parametrize(
    ("idle", "left", "after", "expected"),
    [
        (0.2, LEFT, 0.3, PASS),
        (0.2, LEFT, 0.59, PASS),
        (0.01, LEFT, 0.25, PASS),
        # A busy target is late; one that goes on with the story is later.
        (0.2, LEFT, 0.7, INCONCLUSIVE),
        (0.2, LEFT, 11.0, FAIL),
        (0.2, LEFT, 29.0, FAIL),
        (9.0, LEFT, 20.0, INCONCLUSIVE),
        (0.2, replace(LEFT, failure=None), 0.3, INCONCLUSIVE),
        (0.2, exchange(completion()), 0.3, INCONCLUSIVE),
    ],
)
def test_a_stream_that_is_left_must_stop(
    idle: float, left: Exchange, after: float, expected: Verdict
) -> None:
    """A short request that waits for the story that nobody reads fails; a short story tells nothing."""
    steps = {"before": paced([idle] * 4, elapsed=idle), "after": paced([after] * 4, elapsed=after)}
    check = test_delivery.test_closing_the_connection_stops_generation

    assert verdict(check, play({**steps, "left": left})) is expected


GREEDY = request_body(temperature=0)


def greedy(*texts: str) -> Exchange:
    return streamed(
        chunks(*texts), sent={**GREEDY, "stream": True, "stream_options": {"include_usage": True}}
    )


@pytest.mark.parametrize(
    ("plain", "texts", "expected"),
    [
        ("The keeper lit the lamp.", ["The keeper", " lit the", " lamp."], PASS),
        ("The keeper lit the lamp.", [" The keeper", " lit the", " lamp.\n"], PASS),
        ("The keeper lit the lamp.", ["The keeper", "lit the", "lamp."], FAIL),
        ("The keeper\n\nlit the lamp.", ["The keeper\n", "lit the lamp."], FAIL),
        ("The keeper lit the lamp.", ["keeper lit", " the lamp."], FAIL),
        ("The keeper lit the lamp.", ["lamp."], INCONCLUSIVE),
        ("The keeper lit the lamp.", ["The keeper", " went home."], INCONCLUSIVE),
        ("The keeper lit the lamp.", [], INCONCLUSIVE),
    ],
)
def test_a_stream_must_lose_nothing(plain: str, texts: list[str], expected: Verdict) -> None:
    """White space and beginnings that only the stream lacks fail; other words, and other ends, do not."""
    twin = exchange(completion(plain), sent=GREEDY)
    came = greedy(*texts) if texts else streamed([chunk(ROLE, "stop")], sent={**GREEDY, "stream": True})

    assert verdict(lossless, twin, came) is expected
    assert verdict(lossless, came) is INCONCLUSIVE


WORDS = [f" {word}" for word in LONG_TEXT.split()]
COUNTED = {"prompt_tokens": 9, "completion_tokens": len(WORDS), "total_tokens": 9 + len(WORDS)}
FEWER = {**COUNTED, "completion_tokens": len(WORDS) - 1}


@pytest.mark.parametrize(
    ("words", "usage", "expected"),
    [
        (WORDS, COUNTED, PASS),
        ([*WORDS[:9], *WORDS[10:]], COUNTED, FAIL),
        (WORDS[:-1], COUNTED, FAIL),
        ([twice for word in WORDS for twice in (word, word)], COUNTED, FAIL),
        ([WORDS[1], WORDS[0], *WORDS[2:]], COUNTED, FAIL),
        # A limit may be counted otherwise, and cut a character.
        (WORDS[:-1], FEWER, INCONCLUSIVE),
        (WORDS[:-1], None, INCONCLUSIVE),
        ([*WORDS, "\ufffd"], COUNTED, INCONCLUSIVE),
        ([*WORDS[:-1], " lake"], COUNTED, INCONCLUSIVE),
    ],
)
def test_what_one_limit_cut_is_the_same(words: list[str], usage: Body | None, expected: Verdict) -> None:
    """Gaps, repetitions and another order fail where both answers were cut by the same limit."""
    told = [usage_chunk(usage=usage)] if usage else []
    streamed_form = {**GREEDY, "stream": True, "stream_options": {"include_usage": True}}
    twin = exchange(completion("".join(WORDS), finish_reason="length", usage=COUNTED), sent=GREEDY)
    came = streamed([*chunks(*words, finish_reason="length"), *told], sent=streamed_form)

    assert verdict(lossless, twin, came) is expected


def test_only_greedy_answers_are_compared() -> None:
    """At another temperature, and for several choices, the two forms may say what they like."""
    for asked in (request_body(), request_body(temperature=1), request_body(temperature=0, n=2)):
        twin = exchange(completion("The keeper lit the lamp."), sent=asked)
        came = streamed(chunks("The keeperlit thelamp."), sent={**asked, "stream": True})
        assert verdict(lossless, twin, came) is INCONCLUSIVE
