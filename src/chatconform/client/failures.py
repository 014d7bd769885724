"""From what an HTTP client raises to a typed failure: one table, and words for people.

* Failure
  x CONNECT     no connection: name, route, refusal, proxy
  x TLS         a connection, but no trust: certificate, protocol version
  x TIMEOUT     the exchange did not end in time
  x CLOSED      the connection ended before the answer did
  x PROTOCOL    the answer is not HTTP/1.1
  x TOO_LARGE   the answer is larger than we keep
  x ABORTED     we hung up on purpose
  x NOT_SENT    the request cannot be written as HTTP, or the target was given up before
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator
from typing import TypeVar

import aiohttp
from aiohttp import client_exceptions
from aiohttp.http_exceptions import (
    ContentLengthError,
    HttpProcessingError,
    PayloadEncodingError,
    TransferEncodingError,
)

from chatconform.wire.exchange import Failure, FailureKind

# The first that fits decides, so the special stand before the general.
_KINDS: tuple[tuple[type[BaseException], FailureKind], ...] = (
    (aiohttp.ClientSSLError, FailureKind.TLS),
    (aiohttp.ServerFingerprintMismatch, FailureKind.TLS),
    (aiohttp.ClientConnectorError, FailureKind.CONNECT),
    (aiohttp.ClientHttpProxyError, FailureKind.CONNECT),
    (aiohttp.ConnectionTimeoutError, FailureKind.CONNECT),
    (TimeoutError, FailureKind.TIMEOUT),
    (aiohttp.ClientPayloadError, FailureKind.PROTOCOL),
    (aiohttp.ClientResponseError, FailureKind.PROTOCOL),
    (client_exceptions.RedirectClientError, FailureKind.PROTOCOL),
    (HttpProcessingError, FailureKind.PROTOCOL),
    (aiohttp.InvalidURL, FailureKind.NOT_SENT),
    (client_exceptions.NonHttpUrlClientError, FailureKind.NOT_SENT),
    (client_exceptions.UploadAbortedError, FailureKind.CLOSED),
    (aiohttp.ClientConnectionError, FailureKind.CLOSED),
    (OSError, FailureKind.CLOSED),
    (ValueError, FailureKind.NOT_SENT),
)

# What a send may raise and `failure_from` explains; RuntimeError is aiohttp's word for a connection that is
# gone.
EXPECTED = (aiohttp.ClientError, HttpProcessingError, OSError, ValueError, RuntimeError)

_MESSAGE_LIMIT = 500

Kind = TypeVar("Kind", bound=BaseException)


def failure_from(error: BaseException, *, at: float) -> Failure:
    """The failure that an exception stands for; `at` in seconds since the request began."""
    message = " ".join(_words(error).split())[:_MESSAGE_LIMIT]
    return Failure(kind=kind_of(error), message=message or type(error).__name__, at=at)


def kind_of(error: BaseException) -> FailureKind:
    """The kind of failure that an exception stands for."""
    trust = _deepest(error, ssl.SSLError)
    if trust is not None and not isinstance(trust, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return FailureKind.TLS
    # aiohttp wraps both a cut body and a garbled one in ClientPayloadError; the cause tells them apart.
    if _deepest(error, ContentLengthError) or _deepest(error, TransferEncodingError):
        return FailureKind.CLOSED
    return next((kind for known, kind in _KINDS if isinstance(error, known)), FailureKind.CLOSED)


def _words(error: BaseException) -> str:
    trust = _deepest(error, ssl.SSLError)
    if isinstance(trust, ssl.SSLCertVerificationError):
        return f"the certificate was refused: {trust.verify_message or trust}"
    if trust is not None:
        return f"TLS failed: {trust.reason or trust}"
    if isinstance(error, aiohttp.ClientConnectorError):
        return _words_without_connection(error)
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return "the connection was closed before the answer"
    if isinstance(error, aiohttp.ClientResponseError | HttpProcessingError):
        return f"the answer is not HTTP: {error.message}"
    return _words_for_the_rest(error)


def _words_for_the_rest(error: BaseException) -> str:
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return "no connection came about in time"
    cut = _deepest(error, PayloadEncodingError)
    if cut is not None:
        return f"the body broke off: {cut.message}"
    if kind_of(error) is FailureKind.NOT_SENT:
        return f"the request cannot be sent: {error}"
    return f"the connection broke: {_innermost(error)}"


def _words_without_connection(error: aiohttp.ClientConnectorError) -> str:
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return f"the name {error.host!r} cannot be resolved: {_reason(error.os_error)}"
    return f"cannot connect to {error.host}:{error.port}: {_reason(error.os_error)}"


def _reason(error: OSError) -> str:
    # asyncio tells which address refused ("Connect call failed (...)"), not why.
    if error.errno is not None and error.errno > 0:
        return os.strerror(error.errno)
    return error.strerror or str(error)


def _innermost(error: BaseException) -> str:
    return next((str(each) for each in reversed(list(_causes(error))) if str(each).strip()), "")


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__


def _deepest(error: BaseException, kind: type[Kind]) -> Kind | None:
    """The one of a kind that is nearest to the root: what wraps it often has the type, but not the facts."""
    return next((each for each in reversed(list(_causes(error))) if isinstance(each, kind)), None)
