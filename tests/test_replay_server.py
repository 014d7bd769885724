"""What was recorded is served again as it came, on the loopback only, to whatever asks."""

import gzip
from collections.abc import Iterator
from dataclasses import replace

import httpx2
import pytest

from chatconform.oracles.replay_server import ReplayServer
from chatconform.tests.support.exchanges import chunks, error, exchange, sse
from chatconform.tests.support.oracles import in_pieces
from chatconform.wire.exchange import Exchange, Response


@pytest.fixture(scope="module")
def server() -> Iterator[ReplayServer]:
    with ReplayServer() as running:
        yield running


def response(came: Exchange) -> Response:
    assert came.response is not None
    return came.response


def asked(server: ReplayServer, recorded: Response) -> httpx2.Response:
    with server.serving(recorded) as url, httpx2.Client(trust_env=False) as client:
        assert url.startswith("http://127.0.0.1:")
        return client.post(f"{url}/chat/completions", json={"model": "m"})


def test_status_headers_and_bytes_are_those_of_the_record(server: ReplayServer) -> None:
    """But for what spoke of the connection."""
    own = (("Retry-After", "3"), ("Content-Length", "9"), ("Transfer-Encoding", "gzip"), ("X-Two", "a"))
    came = asked(server, response(exchange(error("No."), status=429, headers=own)))

    assert (came.status_code, came.json()["error"]["message"]) == (429, "No.")
    assert (came.headers["retry-after"], came.headers["x-two"]) == ("3", "a")
    assert "content-length" not in came.headers


def test_a_compressed_body_stays_compressed(server: ReplayServer) -> None:
    """The client undoes it, as it did with the target."""
    packed = gzip.compress(sse(chunks("Hello")), mtime=0)

    came = asked(server, response(exchange(packed, headers=(("Content-Encoding", "gzip"),))))

    assert b"Hello" in came.content


def test_the_pieces_are_those_of_the_record(server: ReplayServer) -> None:
    """Each read of then is a chunk now; a read of nothing does not end the body."""
    came = in_pieces(exchange(sse(chunks("Hello", "!"))), [3, 200, 201])
    recorded = response(came)
    empty = replace(
        recorded,
        arrivals=(recorded.arrivals[0], replace(recorded.arrivals[0], size=0), *recorded.arrivals[1:]),
    )

    assert asked(server, recorded).content == asked(server, empty).content == recorded.raw


def test_an_answer_that_broke_off_breaks_off(server: ReplayServer) -> None:
    """The connection ends before the body does."""
    with pytest.raises(httpx2.RemoteProtocolError):
        asked(server, replace(response(exchange(sse(chunks()))), complete=False))


def test_a_header_cannot_be_smuggled(server: ReplayServer) -> None:
    """A line end within a recorded value makes no second header."""
    came = asked(server, response(exchange(error(), headers=(("X-Odd", "a\r\nX-Own: b"),))))

    assert "x-own" not in came.headers


def test_each_answer_has_an_address_of_its_own_for_as_long_as_it_is_served(server: ReplayServer) -> None:
    """A client that asks again later, or for another, does not get it."""
    first, second = response(exchange(error("one"))), response(exchange(error("two")))
    with (
        server.serving(first) as one,
        server.serving(second) as two,
        httpx2.Client(trust_env=False) as client,
    ):
        assert "one" in client.post(one).text
        assert "two" in client.post(two).text
    with httpx2.Client(trust_env=False) as client:
        assert client.post(one).status_code == 410
        assert client.post(one.replace("/v1", "")).status_code == 410
