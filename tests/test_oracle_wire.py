"""What the wire said is read with tolerance, and never from what a client makes of it."""

import gzip
import json
from dataclasses import replace
from typing import Any

import pytest

from chatconform.oracles.reading import Call, Reading, Said, Tokens, ToldError
from chatconform.oracles.wire import said
from chatconform.tests.support.exchanges import (
    chunk,
    chunks,
    completion,
    exchange,
    sse,
    usage_chunk,
    with_message,
)
from chatconform.tests.support.oracles import transcript
from chatconform.wire.exchange import Exchange, Failure, FailureKind

USAGE = Tokens(prompt=9, completion=3, total=12)


def reading(came: Exchange) -> Reading:
    found = said(came)
    assert isinstance(found, Reading)
    return found


def calls(*fragments: dict[str, Any]) -> tuple[Call, ...]:
    """The calls that these pieces of a stream make."""
    return reading(exchange(sse([chunk({"tool_calls": [each]}) for each in fragments]))).choices[0].calls


def piece(index: object = 0, call: str = "", name: str = "", arguments: str = "") -> dict[str, Any]:
    return {"index": index, "id": call, "function": {"name": name, "arguments": arguments}}


def test_a_completion_and_a_stream_of_it_say_the_same() -> None:
    """Both forms have one reading."""
    plain = reading(exchange(completion("Hello!")))
    streamed = reading(exchange(sse([*chunks("Hel", "lo!"), usage_chunk()])))

    assert plain == streamed
    assert (plain.choices[0].text, plain.choices[0].role, plain.usage) == ("Hello!", "assistant", USAGE)


@pytest.mark.parametrize(
    "name", ["good/crlf.sse", "good/cr-only.sse", "good/bom.sse", "good/multi-line-data.sse"]
)
def test_the_form_of_the_stream_changes_nothing(name: str) -> None:
    """Line ends, a byte order mark and many lines of data are no part of what is said."""
    assert said(transcript(name)) == said(transcript("good/openai-like.sse"))


def test_the_media_type_does_not_decide() -> None:
    """A stream that is called JSON is read as a stream, a completion nobody asked for as a completion."""
    assert said(transcript("broken/wrong-content-type.sse")) == said(transcript("good/openai-like.sse"))
    assert reading(transcript("broken/plain-completion.sse")).choices[0].text


def test_another_id_under_the_same_index_is_another_call() -> None:
    """Two calls that share an index are two; an id or a name that is repeated is one."""
    assert calls(piece(call="a", name="f"), piece(call="b", name="g")) == (
        Call(id="a", name="f"),
        Call(id="b", name="g"),
    )
    assert calls(piece(call="a", name="f", arguments="{"), piece(call="a", name="f", arguments="}")) == (
        Call(id="a", name="f", arguments="{}"),
    )


def test_calls_stand_in_the_order_of_their_indices() -> None:
    """Whichever begins first."""
    assert [call.id for call in calls(piece(1, "b"), piece(0, "a"), piece(7, "c"))] == ["a", "b", "c"]


def test_pieces_without_an_index_follow_the_id() -> None:
    """What has no id of its own belongs to the call before."""
    bare = {"function": {"arguments": "{}"}}

    assert calls({"id": "a", "function": {"name": "f"}}, bare, {"id": "b"}) == (
        Call(id="a", name="f", arguments="{}"),
        Call(id="b"),
    )


def test_usage_is_taken_from_whichever_chunk_has_it() -> None:
    """Neither a later chunk without usage nor an empty object undoes it; it may follow the terminator."""
    used = usage_chunk()

    for events in ([used, *chunks()], [used, usage_chunk(usage={})], [*chunks(), "[DONE]", used]):
        assert reading(exchange(sse(events))).usage == USAGE


@pytest.mark.parametrize(
    ("came", "status"),
    [
        (exchange({"error": {"message": "No."}}, status=429), 429),
        (exchange(b"<html>", status=502, media_type="text/html"), 502),
        (exchange({"error": {"message": "No."}}), 200),
        (exchange(sse([*chunks()[:2], {"error": "overloaded"}])), 200),
        (transcript("broken/error-type-without-error.sse"), 200),
        (transcript("broken/error-then-stop.sse"), 200),
    ],
)
def test_an_error_is_read_as_one(came: Exchange, status: int) -> None:
    """By its status, by an object in the body or in the stream, and by the type of the event."""
    assert said(came) == ToldError(status=status)


def test_a_null_error_is_none() -> None:
    """Some servers send `error: null` with every chunk."""
    assert said(transcript("good/extra-fields.sse")) == said(transcript("good/openai-like.sse"))


@pytest.mark.parametrize(
    "came", [b"", b"<html>", b"null", b"[]", b"[" * 100_000, b"{}", b"\xff\xfe", b"data: 1\n\n"]
)
@pytest.mark.parametrize("media_type", ["application/json", "text/event-stream"])
def test_what_is_no_answer_says_nothing(came: bytes, media_type: str) -> None:
    """No body is so broken that reading it fails."""
    assert said(exchange(came, media_type=media_type)) == Reading()


def test_members_of_another_type_are_read_as_far_as_they_can_be() -> None:
    """Parts of a text are joined, arguments that are an object are written as JSON, digits are a number."""
    function = {"name": "f", "arguments": {"x": 1}}
    whole = reading(
        exchange(
            with_message(
                content=[{"type": "text", "text": "a"}, {"type": "text", "text": "b"}],
                tool_calls=[{"id": "c", "function": function}],
            )
        )
    ).choices[0]

    assert (whole.text, json.loads(whole.calls[0].arguments)) == ("ab", {"x": 1})
    assert calls(piece("1", "b"), piece("0", "a"))[0].id == "a"


def test_a_custom_call_is_a_call() -> None:
    """Its input stands for its arguments."""
    custom = {"id": "c", "type": "custom", "custom": {"name": "shell", "input": "ls"}}

    assert reading(exchange(with_message(tool_calls=[custom]))).choices[0].calls == (
        Call(id="c", name="shell", arguments="ls"),
    )


def test_a_transfer_that_broke_is_told() -> None:
    """An answer whose connection broke says so, one that merely ends without its terminator does not."""
    whole = transcript("broken/no-done.sse")
    assert whole.response is not None
    failure = Failure(kind=FailureKind.CLOSED, message="closed in the middle", at=1.0)
    broken = replace(whole, response=replace(whole.response, complete=False), failure=failure)

    assert reading(whole).cut == ""
    assert reading(broken).cut == "closed in the middle"


def test_a_compressed_answer_is_read() -> None:
    """And one whose compression is broken is read as far as it goes, and is cut."""
    packed = gzip.compress(sse(chunks("Hello", "!")), mtime=0)
    headers = (("Content-Encoding", "gzip"),)

    assert reading(exchange(packed, headers=headers)).choices[0].text == "Hello!"
    assert reading(exchange(packed[:-9], headers=headers)).cut


def test_halves_of_a_character_are_one() -> None:
    """An escaped pair that came in two chunks is the character that every other language makes of it."""
    found: Said = said(transcript("broken/lone-surrogates.sse"))

    assert isinstance(found, Reading)
    assert "\N{CRAB}" in found.choices[0].text
