"""Conditions on requests: what is asked for, and with which credentials."""

from __future__ import annotations

from chatconform.reference_server.faults.alterations.making import When
from chatconform.reference_server.seams import Asked


def is_list(asked: Asked) -> bool:
    """The list of models is asked for."""
    return asked.method == "GET" and asked.path.endswith("/models")


def is_api(asked: Asked) -> bool:
    """A completion or the list of models is asked for."""
    return asked.is_chat or is_list(asked)


def is_single(asked: Asked) -> bool:
    """A single model is asked for."""
    return asked.method == "GET" and "/models/" in asked.path


def is_preflight(asked: Asked) -> bool:
    """A browser asks for permission."""
    return asked.method == "OPTIONS"


def is_without_messages(asked: Asked) -> bool:
    """A chat without messages: what a server refuses that looks at the body first."""
    return asked.is_chat and bool(asked.body) and "messages" not in asked.body


def credentials(asked: Asked) -> str:
    """The value of the Authorization header; empty where there is none."""
    return asked.headers.get("authorization", "")


def token(asked: Asked) -> str:
    """The key that was sent; empty where there is none."""
    return credentials(asked).rpartition(" ")[2]


def has_no_key(asked: Asked) -> bool:
    """There is no Authorization header."""
    return not credentials(asked)


def has_key(asked: Asked) -> bool:
    """There is a bearer token, right or wrong."""
    return credentials(asked).startswith("Bearer ") and bool(token(asked))


def has_scheme(name: str) -> When:
    """The credentials are of a scheme, in this spelling."""
    return lambda asked: credentials(asked).partition(" ")[0] == name


def is_scheme_alone(asked: Asked) -> bool:
    """The Authorization header has the scheme and no token."""
    return credentials(asked).strip() == "Bearer"


def every(*conditions: When) -> When:
    """All of these hold."""
    return lambda asked: all(condition(asked) for condition in conditions)
