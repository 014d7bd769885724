"""From the bytes of a request to one JSON object, with every way it can go wrong as a refusal."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from email.message import Message
from functools import lru_cache
from typing import Any

import orjson

from chatconform.reference_server.refusal import Refusal, invalid

Receive = Callable[[], Awaitable[Any]]
_MEDIA_TYPE = "application/json"
_UNSUPPORTED = "unsupported_media_type"


class ClientGone(Exception):
    """The client closed the connection; there is nobody left to answer."""


def require_uncompressed(content_encoding: str | None) -> None:
    """Refuse a body with a content coding; see RFC 9110, 8.4: "SHOULD respond with [...] 415"."""
    if content_encoding is not None and content_encoding.strip().lower() not in ("", "identity"):
        raise Refusal(415, "The request body must have no content encoding.", code=_UNSUPPORTED)


def require_json(content_type: str | None) -> None:
    """Refuse a media type other than JSON in UTF-8; a request that names none is taken for JSON.

    RFC 9110, 8.3: "If a Content-Type header field is not present, the recipient MAY [...] examine the data
    to determine its type."
    """
    if content_type is None:
        return
    media_type, charset = _parsed(content_type)
    if media_type != _MEDIA_TYPE:
        raise Refusal(415, f"The content type of the request body must be {_MEDIA_TYPE}.", code=_UNSUPPORTED)
    # RFC 8259, 8.1: "JSON text exchanged between systems that are not part of a closed ecosystem MUST be
    # encoded using UTF-8".
    if charset not in ("utf-8", "utf8", "us-ascii"):
        raise Refusal(415, "The request body must be encoded in UTF-8.", code=_UNSUPPORTED)


async def read(receive: Receive, *, declared: str | None, limit: int) -> bytes:
    """Return the whole request body of at most `limit` bytes.

    Raises:
        Refusal: 413, as soon as the declared or the received length passes the limit.
        ClientGone: The connection ended before the body did.
    """
    if declared is not None and declared.isdecimal() and int(declared) > limit:
        raise _too_large(limit)
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        chunks.append(chunk)
        if not message.get("more_body", False):
            return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def decode(content: bytes) -> dict[str, Any]:
    """Return the JSON object that the body consists of.

    Duplicate members are tolerated, the last one counts; NaN, invalid UTF-8 and unpaired surrogates are not
    JSON and are refused.
    """
    try:
        value = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise invalid(f"We could not parse the JSON body of your request ({where}).", param=None) from None
    if not isinstance(value, dict):
        raise invalid("The JSON body of your request must be an object.", param=None)
    return value


@lru_cache(maxsize=64)
def _parsed(content_type: str) -> tuple[str, str]:
    """Return media type and charset; a header that is no media type at all counts as text/plain."""
    header = Message()
    header["content-type"] = content_type
    return header.get_content_type(), header.get_content_charset("utf-8")


def _too_large(limit: int) -> Refusal:
    return Refusal(
        413, f"The request body is longer than {limit} bytes.", code="request_too_large", close=True
    )
