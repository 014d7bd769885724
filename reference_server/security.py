"""Bearer keys: who may call, decided before a byte of the body is read."""

from __future__ import annotations

from collections.abc import Sequence
from hmac import compare_digest

from chatconform.reference_server.refusal import Refusal

_REALM = 'Bearer realm="chatconform"'


def authorise(header: str | None, keys: Sequence[str]) -> str:
    """Return the key that a request was sent with, or "" where the server has no keys.

    Raises:
        Refusal: 401, with a challenge; the key itself is only ever shown masked.
    """
    if not keys:
        return ""
    token = _token(header)
    # Every key is compared, so that the time taken tells nothing about which one came close.
    if not any([compare_digest(token.encode(), key.encode()) for key in keys]):  # noqa: C419 - see above
        raise _refusal(f"Incorrect API key provided: {masked(token)}.", f'{_REALM}, error="invalid_token"')
    return token


def masked(token: str) -> str:
    """Return a form of a key that its owner recognises and nobody can use."""
    return f"{token[:3]}***{token[-4:]}" if len(token) >= 16 else "***"


def _token(header: str | None) -> str:
    if header is None:
        raise _refusal("You did not provide an API key: send it as a bearer token.", _REALM)
    scheme, _, token = header.strip().partition(" ")
    # RFC 9110, 11.1: "It uses a case-insensitive token to identify the authentication scheme".
    if scheme.lower() != "bearer" or not token.strip():
        raise _refusal("The Authorization header must have the form: Bearer KEY.", _REALM)
    return token.strip()


def _refusal(message: str, challenge: str) -> Refusal:
    # RFC 9110, 15.5.2: "The server generating a 401 response MUST send a WWW-Authenticate header field".
    return Refusal(401, message, code="invalid_api_key", headers=(("www-authenticate", challenge),))
