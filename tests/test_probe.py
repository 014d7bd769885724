"""The probe keeps what comes over the wire, byte for byte."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatconform.client.probe import USER_AGENT, Outgoing, Probe, Sent
from chatconform.client.target import Target
from chatconform.tests.support.probing import (
    CHUNKED,
    STREAM,
    chunk,
    kind,
    post,
    raw,
    replies,
    run,
    send,
    send_to,
)
from chatconform.tests.support.wire import Received, Wire, WireServer
from chatconform.wire.exchange import FailureKind, Request


def test_request_goes_out_as_it_is() -> None:
    """Method, target, headers in their case and order, and body reach the server unchanged."""

    async def handler(_: Received, wire: Wire) -> None:
        await wire.answer(200, b"")

    body = b'{"a": "\xc3\xa9", "raw": "\xff\x00"}'
    with WireServer(handler) as server:

        async def once() -> Sent:
            request = Request(
                method="POST",
                url=f"{server.url}/v1/chat%2Fcompletions?b=2&a=1",
                headers=(("Content-Type", "application/json"), ("X-Twice", "1"), ("x-twice", "2")),
                body=body,
            )
            async with Probe(Target(url=server.url)) as probe:
                return await probe.send(Outgoing(request=request))

        sent = run(once())

    (received,) = server.received
    assert (received.method, received.path, received.body) == ("POST", "/v1/chat%2Fcompletions?b=2&a=1", body)
    assert received.headers == sent.request.headers
    assert received.header("User-Agent") == USER_AGENT
    assert [value for name, value in received.headers if name.lower() == "x-twice"] == ["1", "2"]
    assert received.header("Accept-Encoding") is None
    assert received.header("Cookie") is None


def test_callers_headers_replace_the_usual_ones() -> None:
    """A header that the caller gives stands alone, also where the probe has one of that name."""

    async def handler(_: Received, wire: Wire) -> None:
        await wire.answer(200, b"")

    with WireServer(handler) as server:
        send_to(server.url, headers=(("user-agent", "mine"), ("Accept-Encoding", "gzip")))

    (received,) = server.received
    assert [value for name, value in received.headers if name.lower() == "user-agent"] == ["mine"]
    assert received.header("Accept-Encoding") == "gzip"


def test_response_head_is_kept_to_the_byte() -> None:
    """Header names keep their case, repeated ones their order, and bytes beyond ASCII are read as Latin-1."""
    fields = b"X-FoO: caf\xe9 \r\nSet-Cookie: a\r\nset-cookie: b\r\nContent-Length: 0\r\n"
    with replies(b"HTTP/1.1 200 F\xe9in\r\n" + fields + b"\r\n") as server:
        sent = send(server)

    assert sent.response is not None
    assert sent.response.reason == "Féin"
    assert sent.response.headers == (
        ("X-FoO", "café"),
        ("Set-Cookie", "a"),
        ("set-cookie", "b"),
        ("Content-Length", "0"),
    )


def test_cookies_are_not_sent_back() -> None:
    """A cookie that the target sets does not change the next request."""

    async def handler(_: Received, wire: Wire) -> bool:
        await wire.answer(200, b"", "Set-Cookie: session=1; Path=/")
        return True

    with WireServer(handler) as server:

        async def twice() -> None:
            async with Probe(Target(url=server.url)) as probe:
                await probe.send(Outgoing(request=post(server.url)))
                await probe.send(Outgoing(request=post(server.url)))

        run(twice())

    assert [request.header("Cookie") for request in server.received] == [None, None]


def test_redirects_are_kept_and_not_followed() -> None:
    """A redirect is an answer like any other."""
    with replies(b"HTTP/1.1 307 Moved\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n") as server:
        sent = send(server)

    assert sent.response is not None
    assert (sent.response.status, sent.response.header("location"), len(server.received)) == (
        307,
        "/elsewhere",
        1,
    )


def test_compressed_bodies_stay_compressed() -> None:
    """The content coding is not undone, not even looked at."""
    with replies(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope") as server:
        sent = send(server)

    assert (raw(sent), kind(sent)) == (b"nope", None)


def test_arrivals_tell_each_read_with_its_time() -> None:
    """Pieces that come apart in time are told apart, and their times rise."""
    pieces = [chunk(b"data: 1\n\n"), chunk(b"data: 2\n\n"), chunk(b"data: 3\n\n")]
    with replies(CHUNKED, *pieces, b"0\r\n\r\n", pause=0.05) as server:
        sent = send(server)

    assert sent.response is not None
    times = [arrival.at for arrival in sent.response.arrivals]
    assert [arrival.size for arrival in sent.response.arrivals] == [9, 9, 9]
    assert times[1] - times[0] > 0.03
    assert times[2] - times[1] > 0.03
    assert 0 < sent.response.headers_at <= times[0]
    assert times[2] <= sent.elapsed
    assert sent.response.complete


@settings(max_examples=25)
@given(st.binary(max_size=300), st.lists(st.integers(0, 400), max_size=6), st.integers(1, 7))
def test_chunks_and_packets_leave_no_trace_in_the_body(body: bytes, cuts: list[int], width: int) -> None:
    """However the server chunks a body and the network cuts it, the kept bytes are the same."""
    pieces = [body[start : start + width] for start in range(0, len(body), width)]
    wire = CHUNKED + b"".join(map(chunk, pieces)) + b"0\r\n\r\n"
    marks = sorted({0, len(wire), *(min(cut, len(wire)) for cut in cuts)})
    packets = [wire[start:end] for start, end in pairwise(marks)]
    with replies(*packets, pause=0.001) as server:
        sent = send(server)

    assert sent.response is not None
    assert sent.response.raw == body
    assert sum(arrival.size for arrival in sent.response.arrivals) == len(body)
    assert sent.response.complete


@pytest.mark.parametrize(
    ("pieces", "end", "expected", "kept"),
    [
        ((CHUNKED, chunk(b"hello")), "close", FailureKind.CLOSED, b"hello"),
        ((CHUNKED, chunk(b"hello")), "reset", FailureKind.CLOSED, b"hello"),
        ((CHUNKED, chunk(b"hello"), b"zz\r\n"), "stall", FailureKind.PROTOCOL, b"hello"),
        ((CHUNKED, chunk(b"hello") + b"zz\r\n"), "stall", FailureKind.PROTOCOL, b"hello"),
        ((STREAM + b"Content-Length: 9\r\n\r\nhello",), "close", FailureKind.CLOSED, b"hello"),
        ((STREAM + b"Content-Length: 9\r\n\r\nhello",), "reset", FailureKind.CLOSED, b"hello"),
        ((STREAM + b"\r\nhel", b"lo"), "close", None, b"hello"),
        ((STREAM + b"\r\nhel", b"lo"), "reset", FailureKind.CLOSED, b"hello"),
        ((CHUNKED, chunk(b"hello")), "stall", FailureKind.TIMEOUT, b"hello"),
    ],
    ids=[
        "chunked-cut",
        "chunked-reset",
        "garbled-chunk",
        "garbled-chunk-in-one-packet",
        "length-cut",
        "length-reset",
        "until-close",
        "until-reset",
        "stalled",
    ],
)
def test_what_came_before_the_end_is_kept(
    pieces: tuple[bytes, ...], end: str, expected: FailureKind | None, kept: bytes
) -> None:
    """A body that breaks off, however it does, is kept up to there, and marked as incomplete."""
    with replies(*pieces, end=end) as server:
        sent = send(server, timeout=0.5)

    assert (kind(sent), raw(sent)) == (expected, kept)
    assert sent.response is not None
    assert sent.response.complete is (expected is None)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (b"SSH-2.0-OpenSSH_9\r\n", FailureKind.PROTOCOL),
        (b"HTTP/2 200\r\n\r\n", FailureKind.PROTOCOL),
        (b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", FailureKind.PROTOCOL),
        (b"HTTP/1.1 200 OK\r\nA: " + b"a" * 300_000 + b"\r\n\r\n", FailureKind.PROTOCOL),
        (b"HTTP/1.1 200 O", FailureKind.CLOSED),
        (b"", FailureKind.CLOSED),
    ],
    ids=["ssh", "http2", "bad-length", "endless-header", "half-head", "nothing"],
)
def test_answers_without_a_head_are_failures(answer: bytes, expected: FailureKind) -> None:
    """What is no HTTP/1.1 head leaves no response, and says so in one line."""
    with replies(answer, pause=0) as server:
        sent = send(server)

    assert (sent.response, kind(sent)) == (None, expected)
    assert sent.failure is not None
    assert sent.failure.message
    assert "\n" not in sent.failure.message
