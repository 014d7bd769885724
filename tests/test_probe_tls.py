"""Certificates: whom the probe trusts."""

import asyncio
import ssl
import subprocess
from pathlib import Path
from shutil import which

import pytest

from chatconform.client.probe import Outgoing, Probe, Sent
from chatconform.client.target import Target
from chatconform.tests.support.probing import (
    CHUNKED,
    chunk,
    kind,
    post,
    raw,
    run,
    send,
    send_to,
)
from chatconform.tests.support.wire import Received, Wire, WireServer
from chatconform.wire.exchange import FailureKind


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
