"""Each check of streams turns red on its defect, and lets legal oddities pass."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from chatconform.findings.verdict import Verdict
from chatconform.suites.req.defects import DEFECTS, Defect, streamed_step
from chatconform.suites.stream import test_chunks, test_framing, test_refusal, test_sequence, test_text
from chatconform.tests.support.exchanges import (
    chunk,
    chunks,
    completion,
    error,
    exchange,
    play,
    refusal,
    request_body,
    sse,
    streamed,
    usage_chunk,
    verdict,
)
from chatconform.wire.exchange import Exchange, Failure, FailureKind

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
OTHER_SNAPSHOTS = [chunk({"content": text}, index=1) for text in ("One", "One, two", "One, two, three")]
MERGED = [chunk(ROLE), chunk({"content": "Hi"}), chunk({"content": "!"}, "stop")]
TERSE = [chunk({"role": "assistant", "content": None}), chunk({"content": "Hi"}, "stop")]


def raw(text: str | bytes) -> Exchange:
    return exchange(text.encode() if isinstance(text, str) else text)


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
        (contract, streamed(choice_at(1, index="0"))),
        (contract, streamed(choice_at(1, delta={"tool_calls": {}}))),
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
    ],
)
def test_a_defect_of_a_stream_is_found(invariant: Callable[..., object], came: Exchange) -> None:
    """One wrong event fails its invariant."""
    assert verdict(invariant, came) is FAIL


@pytest.mark.parametrize(
    ("invariant", "came", "expected"),
    [
        (keep_alive, streamed([str(chunk()), *chunks()]), INCONCLUSIVE),
        (keep_alive, streamed(["[DONE] ok", *chunks()]), INCONCLUSIVE),
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
    judged = play({"answer": streamed(chunks(*texts))})

    assert verdict(test_text.test_deltas_are_increments, judged) is expected


@pytest.mark.parametrize(
    ("text", "expected"), [("漢字 🦀", PASS), ("漢\ufffd", FAIL), ("I cannot do that.", INCONCLUSIVE)]
)
def test_wide_characters_must_come_through(text: str, expected: Verdict) -> None:
    """Replacement characters fail, an answer of pure ASCII tells nothing."""
    assert (
        verdict(test_text.test_wide_characters_come_through, play({"answer": streamed(chunks(text))}))
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
    assert verdict(test_chunks.test_obfuscation_can_be_switched_off, play({"answer": came})) is expected


@pytest.mark.parametrize(
    ("came", "expected"),
    [
        (streamed(), PASS),
        (exchange(completion(), sent=request_body(stream=True)), FAIL),
        (refusal(400, "stream is not supported"), Verdict.UNSUPPORTED),
        (refusal(400, "No."), FAIL),
        (refusal(503), ERROR),
    ],
)
def test_a_stream_must_come(came: Exchange, expected: Verdict) -> None:
    """A completion instead of a stream fails, an honest refusal is unsupported."""
    assert verdict(test_framing.test_a_request_for_a_stream_is_answered, play({"answer": came})) is expected


@pytest.mark.parametrize(("status", "expected"), [(200, PASS), (500, FAIL), (503, ERROR)])
def test_the_next_request_must_be_answered(status: int, expected: Verdict) -> None:
    """A server that fails after a stream fails."""
    steps = {"answer": streamed(), "next": exchange(completion(), status=status)}

    assert verdict(test_framing.test_a_request_after_a_stream_is_answered, play(steps)) is expected


LATE = streamed([error("No.")], done=False)


@pytest.mark.parametrize(
    ("plain", "stream", "expected"),
    [
        (refusal(), refusal(), PASS),
        (refusal(404), refusal(422), PASS),
        (refusal(), LATE, FAIL),
        (refusal(), streamed(), FAIL),
        (refusal(), refusal(500), FAIL),
        (refusal(), exchange(sse([error()]), status=400), FAIL),
        (exchange(completion()), streamed(), INCONCLUSIVE),
    ],
)
def test_a_refusal_must_come_before_the_stream(plain: Exchange, stream: Exchange, expected: Verdict) -> None:
    """What is refused plain is refused as plain JSON on a stream too."""
    pairs = [(defect.name, streamed_step(defect.name)) for defect in DEFECTS]
    steps = {step: came for pair in pairs for step, came in zip(pair, (plain, stream), strict=True)}
    judged = play({"control": exchange(completion()), **steps})

    assert verdict(test_refusal.test_a_refusal_comes_before_the_stream, judged) is expected


@pytest.mark.parametrize("only", DEFECTS, ids=lambda defect: defect.name)
def test_one_plain_refusal_is_enough_to_judge_the_stream(only: Defect) -> None:
    """A server that refuses a single kind of bad request is judged by that one, whichever it is."""
    taken = {defect.name: exchange(completion()) for defect in DEFECTS}
    begun = {streamed_step(defect.name): streamed() for defect in DEFECTS}
    steps = {"control": exchange(completion()), **taken, **begun, only.name: refusal()}
    check = test_refusal.test_a_refusal_comes_before_the_stream

    assert verdict(check, play({**steps, streamed_step(only.name): refusal()})) is PASS
    assert verdict(check, play({**steps, streamed_step(only.name): LATE})) is FAIL
