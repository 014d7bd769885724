"""How long the probe waits, and how much it keeps."""

import pytest

from chatconform.client import transfer
from chatconform.client.probe import Outgoing, Probe, Sent
from chatconform.client.target import Target
from chatconform.client.trouble import trouble_in
from chatconform.tests.support.probing import CHUNKED, chunk, kind, post, raw, replies, run, send
from chatconform.tests.support.wire import Received, Wire, WireServer
from chatconform.wire.exchange import FailureKind, Request


def test_long_headers_are_legal() -> None:
    """A header of 100 KB is unusual, but HTTP sets no limit."""
    with replies(b"HTTP/1.1 200 OK\r\nA: " + b"a" * 100_000 + b"\r\nContent-Length: 0\r\n\r\n") as server:
        sent = send(server)

    assert kind(sent) is None


def test_time_out_before_any_answer() -> None:
    """A target that says nothing costs the target's time-out, not more."""
    with replies(end="stall") as server:
        sent = send(server, timeout=0.3)

    assert (sent.response, kind(sent)) == (None, FailureKind.TIMEOUT)
    assert 0.3 <= sent.elapsed < 1.5
    assert not sent.unanswered


def test_slow_drip_is_bounded_by_the_time_out_as_a_whole() -> None:
    """Bytes that keep coming do not extend the time of an exchange."""

    async def handler(_: Received, wire: Wire) -> None:
        await wire.send(CHUNKED, *[chunk(b": ping\n\n")] * 200, pause=0.05)

    with WireServer(handler) as server:
        sent = send(server, timeout=0.4)

    assert kind(sent) is FailureKind.TIMEOUT
    assert raw(sent).startswith(b": ping\n\n: ping\n\n")
    assert sent.elapsed < 1.5


def test_a_stream_that_has_said_all_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A body that stays open after its terminator costs some seconds, not the time-out; it is no illness."""
    monkeypatch.setattr(transfer, "LINGERING", 0.3)
    for body, trouble in ((b"data: [DONE]\n\n", False), (b"data: {}\n\n", True)):
        with replies(CHUNKED + chunk(body), end="stall") as server:
            sent = send(server, timeout=1.5)

        assert kind(sent) is FailureKind.TIMEOUT
        assert (sent.elapsed < 1.4) is not trouble
        assert (trouble_in(sent) is not None) is trouble


def test_bodies_are_kept_up_to_the_limit() -> None:
    """A body over the limit is cut there, and the connection closed."""
    with replies(CHUNKED, *[chunk(b"x" * 1000)] * 3, end="stall") as server:
        sent = send(server, max_bytes=1500)

    assert (kind(sent), raw(sent)) == (FailureKind.TOO_LARGE, b"x" * 1500)
    assert sent.response is not None
    assert sum(arrival.size for arrival in sent.response.arrivals) == 1500


def test_bodies_are_kept_in_so_many_pieces() -> None:
    """A body that drips for ever costs no more memory than that."""
    with replies(CHUNKED, *[chunk(b"x")] * 80, pause=0.005, end="stall") as server:
        sent = send(server, max_reads=10)

    # Whoever is busy reads two packets at once: what is bounded are the pieces.
    assert kind(sent) is FailureKind.TOO_LARGE
    assert sent.response is not None
    assert len(sent.response.arrivals) == 10
    assert raw(sent) == b"x" * sum(arrival.size for arrival in sent.response.arrivals)


def test_body_of_exactly_the_limit_is_complete() -> None:
    """The limit is the last size that is allowed."""
    with replies(CHUNKED, chunk(b"x" * 1500), b"0\r\n\r\n") as server:
        sent = send(server, max_bytes=1500)

    assert (kind(sent), len(raw(sent))) == (None, 1500)


def test_stops_after_so_many_events() -> None:
    """The connection is closed as soon as the events are there, whatever is left of the stream."""
    events = [chunk(b"data: %d\n\n" % n) for n in range(5)]
    with replies(CHUNKED, *events, pause=0.05, end="stall") as server:
        sent = send(server, stop_after_events=2)

    assert (kind(sent), raw(sent)) == (FailureKind.ABORTED, b"data: 0\n\ndata: 1\n\n")


def test_fewer_events_than_asked_for_is_an_ordinary_end() -> None:
    """A stream that ends before that many events is complete."""
    with replies(CHUNKED, chunk(b"data: 1\n\n: not an event\n\n"), b"0\r\n\r\n") as server:
        sent = send(server, stop_after_events=2)

    assert kind(sent) is None


def test_reuse_of_a_connection_is_seen() -> None:
    """The second request goes over the connection of the first and says so; a fresh one does not."""

    async def handler(_: Received, wire: Wire) -> bool:
        await wire.answer(200, str(wire.number).encode())
        return True

    with WireServer(handler) as server:

        async def thrice() -> list[Sent]:
            outgoing = Outgoing(request=post(server.url))
            async with Probe(Target(url=server.url)) as probe:
                return [
                    await probe.send(outgoing),
                    await probe.send(outgoing),
                    await probe.send(outgoing, fresh=True),
                ]

        sents = run(thrice())

    assert [sent.reused for sent in sents] == [False, True, False]
    assert [raw(sent) for sent in sents] == [b"1", b"1", b"2"]
    # The fresh request is no other request: a "Connection: close" would change what is tested.
    assert sents[2].request.headers == sents[0].request.headers


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("how", ["close", "reset"])
def test_death_on_a_reused_connection_is_told_and_not_repeated(method: str, how: str) -> None:
    """The probe itself never sends twice, not even what HTTP libraries repeat by themselves."""

    async def handler(_: Received, wire: Wire) -> bool:
        if wire.turn == 1:
            await wire.answer(200, b"")
            return True
        if how == "reset":
            wire.reset()
        return False

    with WireServer(handler) as server:

        async def twice() -> Sent:
            outgoing = Outgoing(request=Request(method=method, url=server.url, headers=(), body=b""))
            async with Probe(Target(url=server.url)) as probe:
                await probe.send(outgoing)
                return await probe.send(outgoing)

        sent = run(twice())

    assert (kind(sent), sent.reused, sent.unanswered) == (FailureKind.CLOSED, True, True)
    assert len(server.received) == 2


def test_half_a_head_counts_as_an_answer() -> None:
    """A connection that dies within the head has answered: sending again could do things twice."""
    with replies(b"HTTP/1.1 200 O") as server:
        sent = send(server)

    assert not sent.unanswered
