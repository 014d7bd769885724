"""Every exception of the HTTP client is a failure of some kind, told in one short line."""

import aiohttp
import pytest
from aiohttp import client_exceptions
from hypothesis import given
from hypothesis import strategies as st

from chatconform.client.failures import EXPECTED, failure_from, kind_of
from chatconform.wire.exchange import FailureKind

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
