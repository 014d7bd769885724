"""The oracle of the official client tells the truth, for each odd stream and for plain answers."""

import json
import re
import socket
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from chatconform.findings.reception import Outcome, Reception
from chatconform.oracles.asking import asked_by
from chatconform.oracles.openai_client import OpenAIClient
from chatconform.tests.support.exchanges import (
    chunks,
    completion,
    error,
    exchange,
    request_body,
    sse,
    streamed,
    with_choice,
    with_message,
)
from chatconform.tests.support.oracles import STREAMS, TRANSCRIPTS, in_pieces, official, taken, transcript
from chatconform.wire.exchange import Exchange, Failure, FailureKind

SAME, LOSSY, WRONG, CRASH = Outcome.SAME, Outcome.LOSSY, Outcome.WRONG, Outcome.CRASH


@pytest.fixture(scope="module")
def client() -> Iterator[OpenAIClient]:
    with official() as opened:
        yield opened


def told(reception: Reception) -> str:
    """What is told of a reception beside its outcome."""
    return reception.error or "; ".join(map(str, reception.differences))


@pytest.mark.parametrize("name", TRANSCRIPTS)
def test_a_transcript_comes_out_as_its_index_says(name: str, client: OpenAIClient) -> None:
    """At both doors of the client, sync and async alike."""
    found = taken(client, transcript(name))
    oracle = TRANSCRIPTS[name]["oracle"]

    assert {door: reception.outcome.value for door, reception in found.items()} == {
        "create": oracle["create"],
        "create (async)": oracle["create"],
        "stream": oracle["stream"],
        "stream (async)": oracle["stream"],
    }
    assert told(found["stream"]) == told(found["stream (async)"])


# What the official client is documented and known to do with odd streams in its accumulating helper.
ODD_STREAMS = [
    ("broken/no-done.sse", SAME, ""),
    ("broken/no-finish-no-done.sse", SAME, ""),
    ("broken/role-in-every-chunk.sse", WRONG, "role 'assistantassistant"),
    ("broken/tool-id-repeated.sse", WRONG, "tool call id 'call_a1call_a1' instead of 'call_a1'"),
    ("broken/tool-index-missing.sse", CRASH, "TypeError"),
    ("broken/tool-index-always-zero.sse", WRONG, "tool call id 'call_a1call_b2' instead of 'call_a1'"),
    ("broken/usage-then-chunk.sse", LOSSY, "usage lost"),
    ("broken/usage-without-choices.sse", CRASH, "TypeError"),
    ("broken/usage-choices-null.sse", CRASH, "TypeError"),
    ("good/error-event.sse", SAME, ""),
    ("broken/error-as-text.sse", SAME, ""),
    ("broken/error-then-stop.sse", SAME, ""),
    ("broken/error-type-without-error.sse", WRONG, "an answer instead of an error in the answer"),
    ("broken/wrong-object.sse", CRASH, "AssertionError"),
    ("broken/wrong-object-once.sse", LOSSY, "part of the text lost"),
    ("broken/n-2-second-first.sse", CRASH, "IndexError"),
    ("good/length.sse", SAME, ""),
    ("good/content-filter.sse", SAME, ""),
    ("good/crlf.sse", SAME, ""),
    ("good/comments-and-pings.sse", SAME, ""),
    ("broken/ping-in-data.sse", CRASH, "JSONDecodeError"),
    ("broken/single-newlines.sse", CRASH, "JSONDecodeError"),
    ("broken/event-after-done.sse", LOSSY, "usage lost"),
    ("good/bom.sse", LOSSY, "role lost"),
]


@pytest.mark.parametrize(("name", "outcome", "words"), ODD_STREAMS, ids=[name for name, _, _ in ODD_STREAMS])
def test_an_odd_stream_has_the_documented_outcome(
    name: str, outcome: Outcome, words: str, client: OpenAIClient
) -> None:
    """And it is told in the words that are printed."""
    reception = taken(client, transcript(name))["stream"]

    assert reception.outcome is outcome
    assert told(reception).startswith(words) if words else told(reception) == ""


@pytest.mark.parametrize("outcome", Outcome)
def test_each_outcome_has_a_transcript(outcome: Outcome) -> None:
    """None of the four words is there without something that produces it, at either door."""
    doors = "stream" if outcome is WRONG else "create"  # single chunks are handed over as they came

    assert any(row["oracle"][doors] == outcome.value for row in TRANSCRIPTS.values())


@pytest.mark.parametrize(
    "status", [400, 401, 402, 403, 404, 405, 408, 409, 413, 415, 422, 429, 500, 503, 529]
)
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("body", [error("No."), {"error": "No."}, b"<html>no</html>", b""])
def test_an_error_status_is_reported_as_what_it_is(
    status: int, stream: bool, body: Any, client: OpenAIClient
) -> None:
    """Through every door, whatever the body looks like."""
    came = exchange(body, status=status, media_type="application/json", sent=request_body(stream=stream))

    assert {each.outcome for each in taken(client, came).values()} == {SAME}


@pytest.mark.parametrize(
    ("body", "create", "parse"),
    [
        (completion("Hello!"), SAME, SAME),
        (completion("Hel", finish_reason="length"), SAME, SAME),
        (completion("", finish_reason="content_filter"), SAME, SAME),
        (with_message(content=None, refusal="No."), SAME, SAME),
        (with_choice(finish_reason="eos"), SAME, SAME),
        ({**completion(), "usage": None}, SAME, SAME),
        (error("No."), CRASH, CRASH),
        ({}, CRASH, CRASH),
        (b"null", CRASH, CRASH),
        (b"[]", CRASH, CRASH),
        (b"", CRASH, CRASH),
        ({**completion(), "choices": []}, SAME, SAME),
        (with_message(content=[{"type": "text", "text": "Hello!"}]), CRASH, CRASH),
    ],
)
def test_a_plain_answer(body: Any, create: Outcome, parse: Outcome, client: OpenAIClient) -> None:
    """Each with its outcome at both doors, sync and async alike."""
    came = exchange(body, media_type="application/json", sent=request_body())

    found = {door: reception.outcome for door, reception in taken(client, came).items()}

    assert found == {"create": create, "create (async)": create, "parse": parse, "parse (async)": parse}


def test_parse_loses_a_custom_call(client: OpenAIClient) -> None:
    """The helper leaves it out; what is beside it is not taken for it."""
    custom = {"id": "c1", "type": "custom", "custom": {"name": "shell", "input": "ls"}}
    call = {"id": "c2", "type": "function", "function": {"name": "add", "arguments": "{}"}}
    found = taken(client, exchange(with_message(tool_calls=[custom, call])))

    assert found["create"].outcome is SAME
    assert (found["parse"].outcome, told(found["parse"])) == (LOSSY, "tool call lost")


def tool(*, strict: bool) -> dict[str, Any]:
    return {
        "type": "function",
        "function": {"name": "add", "strict": strict, "parameters": {"type": "object"}},
    }


@pytest.mark.parametrize(("strict", "outcome"), [(False, SAME), (True, CRASH)])
def test_the_helpers_parse_the_arguments_of_strict_tools(
    strict: bool, outcome: Outcome, client: OpenAIClient
) -> None:
    """Arguments that are no JSON break an application only where it was promised that they are."""
    call = {"id": "c", "type": "function", "function": {"name": "add", "arguments": "{x: 1}"}}
    plain = exchange(with_message(tool_calls=[call]), sent=request_body(tools=[tool(strict=strict)]))
    events = [*chunks()[:1], *chunks()[1:]]
    events[1]["choices"][0]["delta"] = {"tool_calls": [{"index": 0, **call}]}
    in_chunks = streamed(events, sent=request_body(stream=True, tools=[tool(strict=strict)]))

    assert taken(client, plain)["parse"].outcome is outcome
    assert taken(client, in_chunks)["stream"].outcome is outcome
    assert taken(client, plain)["create"].outcome is SAME


@pytest.mark.parametrize(
    ("text", "strict", "outcome"), [('{"x": 1}', True, SAME), ("Sure!", True, CRASH), ("Sure!", False, SAME)]
)
def test_the_helpers_parse_the_text_of_a_schema(
    text: str, strict: bool, outcome: Outcome, client: OpenAIClient
) -> None:
    """A text that is no JSON breaks an application that asked for a type, which is strict."""
    form = {
        "type": "json_schema",
        "json_schema": {"name": "x", "schema": {"type": "object"}, "strict": strict},
    }
    plain = exchange(completion(text), sent=request_body(response_format=form))
    in_chunks = streamed(chunks(*text), sent=request_body(stream=True, response_format=form))

    assert taken(client, plain)["parse"].outcome is outcome
    assert taken(client, in_chunks)["stream"].outcome is outcome
    assert taken(client, plain)["create"].outcome is SAME


def broken_off(came: Exchange) -> Exchange:
    """The same answer, whose connection broke within it."""
    assert came.response is not None
    failure = Failure(kind=FailureKind.CLOSED, message="closed", at=1.0)
    return replace(came, response=replace(came.response, complete=False), failure=failure)


@pytest.mark.parametrize(
    "came",
    [
        exchange(b'{"id": "x", "choi', media_type="application/json", sent=request_body()),
        streamed(done=False),
    ],
)
def test_a_broken_connection_is_reported(came: Exchange, client: OpenAIClient) -> None:
    """What the client reports as a connection error is no fault of the client."""
    assert {each.outcome for each in taken(client, broken_off(came)).values()} == {SAME}


def test_a_break_after_the_terminator_is_not_noticed(client: OpenAIClient) -> None:
    """The client has stopped reading: it tells of a whole answer, and of nothing else."""
    found = taken(client, broken_off(streamed()))

    assert {(each.outcome, told(each)) for each in found.values()} == {
        (LOSSY, "break of the connection lost")
    }


def test_a_stream_where_none_was_asked_for_breaks_the_client(client: OpenAIClient) -> None:
    """It hands the bytes over as a text, which has no choices."""
    found = taken(client, exchange(sse(chunks()), sent=request_body()))

    assert {each.outcome for each in found.values()} == {CRASH}


@pytest.mark.parametrize("pieces", [[1], [7, 8, 9, 300], range(0, 2000, 3)])
def test_the_pieces_of_the_transfer_change_nothing(pieces: Any, client: OpenAIClient) -> None:
    """The same bytes come out the same, however the network cut them."""
    whole = transcript("good/unicode.sse")

    assert {each.outcome for each in taken(client, in_pieces(whole, list(pieces))).values()} == {SAME}


def test_nothing_reaches_the_network(client: OpenAIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither for an answer nor for an error, nor where the environment names a proxy."""

    def refuse(*_: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setattr(socket.socket, "connect", refuse)
    with official() as another:
        for came in (streamed(), exchange(completion()), exchange(error(), status=500)):
            assert {each.outcome for each in taken(another, came).values()} == {SAME}


@pytest.mark.parametrize(
    ("came", "is_replayed"),
    [
        (exchange(completion()), True),
        (exchange(error(), status=400, sent={"messages": "no"}), True),
        (exchange(completion(), sent=[1]), False),
        (exchange(completion(), sent=b"{"), False),
        (exchange({"data": []}, url="http://target/v1/models"), False),
        (exchange(b"", status=307), False),
        (replace(exchange(completion()), illness="it was down"), False),
        (replace(exchange(completion()), response=None), False),
        (
            replace(streamed(), failure=Failure(kind=FailureKind.ABORTED, message="enough", at=1.0)),
            False,
        ),
        (broken_off(streamed()), True),
    ],
)
def test_which_exchanges_are_replayed(came: Exchange, is_replayed: bool) -> None:
    """Answers to chat requests of ours, also errors; not what an ill target or we ourselves broke off."""
    assert (asked_by(came) is not None) is is_replayed


def test_what_a_request_asks_for_is_read_with_tolerance() -> None:
    """Whatever a scenario sends as tools and as a format."""
    for odd in (None, 1, "x", [None, 1, {"type": "function"}, {"type": "function", "function": {"name": 1}}]):
        asked = asked_by(exchange(completion(), sent=request_body(tools=odd, response_format=odd)))
        assert asked is not None
        assert (asked.tools, asked.strict_tools, asked.structured) == ((), (), False)


def test_the_document_says_of_this_client_what_the_index_says() -> None:
    """Its table was made by the clients; a transcript that is not in it came out the same everywhere."""
    document = (STREAMS.parents[1] / "docs" / "clients.md").read_text(encoding="utf-8")
    rows = [
        line.strip("| ").split(" | ")
        for line in document.splitlines()
        if re.match(r"\| (good|broken)/", line)
    ]
    told = {f"{row[0]}.sse": tuple("same" if word == "·" else word for word in row[2:4]) for row in rows}

    assert "openai `create` | openai `stream`" in document
    for name, row in TRANSCRIPTS.items():
        assert told.get(name, ("same", "same")) == (row["oracle"]["create"], row["oracle"]["stream"]), name
    assert set(told) <= set(TRANSCRIPTS)


def test_a_reception_can_be_written_as_json(client: OpenAIClient) -> None:
    """Also of a text that UTF-8 cannot hold."""
    from chatconform.record.decode import row_from_line
    from chatconform.record.encode import to_line

    came = exchange(b'{"choices": [{"message": {"content": 1, "role": "\\ud800"}}]}', sent=request_body())
    for reception in taken(client, came).values():
        assert json.loads(to_line(reception))["kind"] == "reception"
        assert row_from_line(to_line(reception)) is not None
