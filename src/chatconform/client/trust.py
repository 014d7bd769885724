"""Whom we trust: the certificates that Python trusts, and those of a file beside them."""

from __future__ import annotations

import ssl
from pathlib import Path

from chatconform.errors import UsageError


def trusting(file: Path) -> ssl.SSLContext:
    """A client's TLS that trusts those of a PEM file as well; raises `UsageError` for any other file."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_verify_locations(cafile=file)
    except ssl.SSLError:
        raise UsageError(f"{file} holds no certificates in PEM form") from None
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror or error}") from None
    return context
