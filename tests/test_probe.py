"""The probe keeps what comes over the wire, byte for byte, and never raises for what a target does."""

import asyncio
import socket
import ssl
import subprocess
from collections.abc import Coroutine
from itertools import pairwise
from pathlib import Path
from shutil import which
from typing import Any, TypeVar

import aiohttp
import pytest
from aiohttp import client_exceptions
from hypothesis import given, settings
from hypothesis import strategies as st

from chatconform.client import transfer
from chatconform.client.failures import EXPECTED, failure_from, kind_of
from chatconform.client.probe import USER_AGENT, Outgoing, Probe, Sent
from chatconform.client.target import Target
from chatconform.client.trouble import trouble_in
from chatconform.errors import HarnessError
from chatconform.tests.support.wire import Received, Wire, WireServer
from chatconform.wire.exchange import FailureKind, Headers, Request

Value = TypeVar("Value")

STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
CHUNKED = STREAM + b"Transfer-Encoding: chunked\r\n\r\n"


def run(work: Coroutine[Any, Any, Value]) -> Value:
    return asyncio.run(work)


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def post(url: str, body: bytes = b"{}", headers: Headers = ()) -> Request:
    return Request(method="POST", url=f"{url}/chat/completions", headers=headers, body=body)


def send(
    server: WireServer, *, timeout: float = 5.0, tls: ssl.SSLContext | None = None, **limits: int
) -> Sent:
    async def once() -> Sent:
        async with Probe(Target(url=server.url, timeout=timeout), tls=tls) as probe:
            return await probe.send(Outgoing(request=post(server.url), **limits))

    return run(once())


def send_to(url: str, *, headers: Headers = (), timeout: float = 5.0, proxy: str | None = None) -> Sent:
    async def once() -> Sent:
        async with Probe(Target(url=url, timeout=timeout), proxy=proxy) as probe:
            return await probe.send(Outgoing(request=post(url, headers=headers)))

    return run(once())


def replies(*pieces: bytes, pause: float = 0.02, end: str = "close") -> WireServer:
    async def handler(_: Received, wire: Wire) -> None:
        await wire.send(*pieces, pause=pause)
        if end == "reset":
            wire.reset()
        if end == "stall":
            await wire.stall()

    return WireServer(handler)


def kind(sent: Sent) -> FailureKind | None:
    return sent.failure.kind if sent.failure else None


def raw(sent: Sent) -> bytes:
    return sent.response.raw if sent.response else b""


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


def test_nobody_listens() -> None:
    """A refused connection says where and why."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        sent = send_to(f"http://127.0.0.1:{port}")

    assert kind(sent) is FailureKind.CONNECT
    assert sent.failure is not None
    assert sent.failure.message == f"cannot connect to 127.0.0.1:{port}: Connection refused"


def test_name_cannot_be_resolved() -> None:
    """A name that cannot exist is a failure to connect that shows the name."""
    sent = send_to("http://nobody.invalid")

    assert kind(sent) is FailureKind.CONNECT
    assert sent.failure is not None
    assert "'nobody.invalid' cannot be resolved" in sent.failure.message


@pytest.mark.parametrize(
    ("url", "headers"),
    [
        ("ftp://127.0.0.1", ()),
        ("http://", ()),
        ("http://127.0.0.1:99999", ()),
        (f"http://{'a' * 64}.invalid", ()),
        ("http://127.0.0.1:1", (("X", "a\r\nb"),)),
        ("http://127.0.0.1:1", (("X Y", "a"),)),
    ],
    ids=["scheme", "no-host", "port", "label", "header-value", "header-name"],
)
def test_unsendable_requests_are_failures(url: str, headers: Headers) -> None:
    """What cannot be written as HTTP, or lead anywhere, is a failure that says why."""
    sent = send_to(url, headers=headers)

    assert kind(sent) in (FailureKind.NOT_SENT, FailureKind.CONNECT)
    assert sent.failure is not None
    assert sent.failure.message


def test_user_name_in_the_url_becomes_a_header_and_is_not_recorded() -> None:
    """Credentials of the URL go out as Basic, unless the caller authorises in another way."""

    async def handler(_: Received, wire: Wire) -> None:
        await wire.answer(200, b"")

    with WireServer(handler) as server:
        url = server.url.replace("://", "://name:word@")
        plain = send_to(url)
        bearer = send_to(url, headers=(("Authorization", "Bearer k"),))

    assert [request.header("authorization") for request in server.received] == [
        "Basic bmFtZTp3b3Jk",
        "Bearer k",
    ]
    assert "word" not in plain.request.url + bearer.request.url


def test_probe_outside_its_block() -> None:
    """Sending before or after the block is a bug of ours, and says so."""
    with pytest.raises(HarnessError, match="async with"):
        run(Probe(Target(url="http://127.0.0.1:1")).send(Outgoing(request=post("http://127.0.0.1:1"))))


def test_environment_proxies_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy in the environment does not come between us and the target."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    with replies(b"HTTP/1.1 204 No Content\r\n\r\n") as server:
        sent = send(server)

    assert kind(sent) is None


def test_proxy_that_is_not_there() -> None:
    """A proxy that was asked for and does not answer is a failure to connect."""
    sent = send_to("http://target.invalid", proxy="http://127.0.0.1:1")

    assert kind(sent) is FailureKind.CONNECT


def test_proxy_of_the_target() -> None:
    """A request goes to the target's proxy, with the whole URL and the proxy's password."""
    with replies(b"HTTP/1.1 204 No Content\r\n\r\n") as proxy:
        through = proxy.url.replace("http://", "http://me:word@")

        async def once() -> Sent:
            async with Probe(Target(url="http://target.invalid", proxy=through)) as probe:
                return await probe.send(Outgoing(request=post("http://target.invalid")))

        sent = run(once())

    (received,) = proxy.received
    assert kind(sent) is None
    assert received.path == "http://target.invalid/chat/completions"
    assert received.header("Proxy-Authorization") == "Basic bWU6d29yZA=="


def test_a_connection_that_does_not_come_about_in_time() -> None:
    """A handshake that nobody answers is no connection, long before the exchange would end."""

    async def silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await over.wait()
        writer.close()
        await writer.wait_closed()

    over = asyncio.Event()

    async def once() -> Sent:
        async with await asyncio.start_server(silent, "127.0.0.1", 0) as server:
            url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            async with Probe(Target(url=url, timeout=30, connect_timeout=0.2)) as probe:
                sent = await probe.send(Outgoing(request=post(url)))
            over.set()
            await asyncio.sleep(0.05)
        return sent

    sent = run(once())

    assert kind(sent) is FailureKind.CONNECT
    assert sent.failure is not None
    assert sent.failure.message == "no connection came about in time"
    assert sent.elapsed < 3


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for localhost with its key, in one file."""
    if which("openssl") is None:
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("tls")
    out = folder / "server.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    command += ["-nodes", "-days", "1", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run([*command, "-keyout", out, "-out", folder / "cert.pem"], check=True, capture_output=True)
    out.write_bytes(out.read_bytes() + (folder / "cert.pem").read_bytes())
    return out


def tls_server(certificate: Path) -> WireServer:
    async def handler(_: Received, wire: Wire) -> None:
        await wire.send(CHUNKED, chunk(b"secure"), b"0\r\n\r\n")

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return WireServer(handler, tls=context)


def test_untrusted_certificate(certificate: Path) -> None:
    """A self-signed certificate is refused, with the reason in words."""
    with tls_server(certificate) as server:
        sent = send(server)

    assert kind(sent) is FailureKind.TLS
    assert sent.failure is not None
    assert "certificate was refused: self-signed certificate" in sent.failure.message
    assert server.received == []


def test_certificate_of_another_host(certificate: Path) -> None:
    """A trusted certificate for another name is refused as well."""
    trusting = ssl.create_default_context(cafile=str(certificate))
    with tls_server(certificate) as server:
        sent = send(server, tls=trusting)

    assert kind(sent) is FailureKind.TLS
    assert sent.failure is not None
    assert "127.0.0.1" in sent.failure.message


def test_trusted_certificate(certificate: Path) -> None:
    """With trust, TLS changes nothing in what is kept."""
    trusting = ssl.create_default_context(cafile=str(certificate))
    with tls_server(certificate) as server:

        async def once() -> Sent:
            url = f"https://localhost:{server.port}"
            async with Probe(Target(url=url), tls=trusting) as probe:
                return await probe.send(Outgoing(request=post(url)))

        sent = run(once())

    assert (kind(sent), raw(sent)) == (None, b"secure")


def test_certificates_of_a_file_are_trusted_as_well(certificate: Path) -> None:
    """A target with a certificate authority of its own names the file."""
    with tls_server(certificate) as server:

        async def once() -> Sent:
            url = f"https://localhost:{server.port}"
            async with Probe(Target(url=url, ca_file=certificate)) as probe:
                return await probe.send(Outgoing(request=post(url)))

        sent = run(once())

    assert (kind(sent), raw(sent)) == (None, b"secure")


def test_tls_to_a_server_that_speaks_none() -> None:
    """https to a plain server is a TLS failure, not a broken answer."""

    async def refuse(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async def once() -> Sent:
        async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
            url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            async with Probe(Target(url=url, timeout=5)) as probe:
                return await probe.send(Outgoing(request=post(url)))

    sent = run(once())

    assert kind(sent) is FailureKind.TLS
    assert sent.failure is not None
    assert "WRONG_VERSION" in sent.failure.message


def test_plain_to_a_server_that_speaks_tls(certificate: Path) -> None:
    """http to a TLS server is no HTTP."""
    with tls_server(certificate) as server:
        sent = send_to(server.url.replace("https:", "http:"))

    assert kind(sent) in (FailureKind.PROTOCOL, FailureKind.CLOSED)


CLIENT_ERRORS = [
    getattr(client_exceptions, name)
    for name in client_exceptions.__all__
    if issubclass(getattr(client_exceptions, name), aiohttp.ClientError)
]


@pytest.mark.parametrize("error", CLIENT_ERRORS, ids=[error.__name__ for error in CLIENT_ERRORS])
def test_every_client_exception_has_a_kind(error: type[Exception]) -> None:
    """Each exception that aiohttp can raise is expected, and falls into a kind on purpose."""
    expected = {
        "ClientConnectorError": FailureKind.CONNECT,
        "ClientConnectorDNSError": FailureKind.CONNECT,
        "ClientProxyConnectionError": FailureKind.CONNECT,
        "ClientHttpProxyError": FailureKind.CONNECT,
        "ConnectionTimeoutError": FailureKind.CONNECT,
        "ClientSSLError": FailureKind.TLS,
        "ClientConnectorSSLError": FailureKind.TLS,
        "ClientConnectorCertificateError": FailureKind.TLS,
        "ServerFingerprintMismatch": FailureKind.TLS,
        "ServerTimeoutError": FailureKind.TIMEOUT,
        "SocketTimeoutError": FailureKind.TIMEOUT,
        "ClientError": FailureKind.CLOSED,
        "ClientConnectionError": FailureKind.CLOSED,
        "ClientConnectionResetError": FailureKind.CLOSED,
        "ClientOSError": FailureKind.CLOSED,
        "ServerConnectionError": FailureKind.CLOSED,
        "ServerDisconnectedError": FailureKind.CLOSED,
        "UploadAbortedError": FailureKind.CLOSED,
        "ClientPayloadError": FailureKind.PROTOCOL,
        "ClientResponseError": FailureKind.PROTOCOL,
        "WSServerHandshakeError": FailureKind.PROTOCOL,
        "ContentTypeError": FailureKind.PROTOCOL,
        "RedirectClientError": FailureKind.PROTOCOL,
        "InvalidUrlRedirectClientError": FailureKind.PROTOCOL,
        "NonHttpUrlRedirectClientError": FailureKind.PROTOCOL,
        "InvalidURL": FailureKind.NOT_SENT,
        "InvalidUrlClientError": FailureKind.NOT_SENT,
        "NonHttpUrlClientError": FailureKind.NOT_SENT,
    }

    assert issubclass(error, EXPECTED)
    assert kind_of(error.__new__(error)) is expected[error.__name__]


@given(st.text())
def test_failures_have_one_short_line(text: str) -> None:
    """Whatever a library says, a failure's message is one bounded line that is never empty."""
    message = failure_from(OSError(text), at=0.0).message

    assert 0 < len(message) <= 500
    assert "\n" not in message
