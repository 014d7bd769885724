"""What the probe cannot reach or send is a failure with a kind, and never an exception."""

import asyncio
import socket

import pytest

from chatconform.client.probe import Outgoing, Probe, Sent
from chatconform.client.target import Target
from chatconform.errors import HarnessError
from chatconform.tests.support.probing import (
    kind,
    post,
    replies,
    run,
    send,
    send_to,
)
from chatconform.tests.support.wire import Received, Wire, WireServer
from chatconform.wire.exchange import FailureKind, Headers


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
