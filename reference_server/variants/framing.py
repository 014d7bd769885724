"""Event streams that the standard of server-sent events allows, and that few servers send.

The rules are those of WHATWG HTML, 9.2.5 and 9.2.6.
"""

from __future__ import annotations

import re
from itertools import count
from typing import ClassVar

from chatconform.reference_server.variants.variant import Variant
from chatconform.wire.exchange import Exchange
from chatconform.wire.sse import Kind

STREAMS = ("STREAM", "USAGE", "STOP")
BOM = b"\xef\xbb\xbf"
# A string, or one of the marks after which JSON allows a line end.
_STRING_OR_MARK = re.compile(r'"(?:[^"\\]|\\.)*"|[{\[,]')


def body_of(exchange: Exchange) -> bytes:
    """The bytes of a body that is a stream, its content coding undone; none of any other."""
    return exchange.response.body if exchange.response is not None and exchange.is_stream else b""


class _Framing(Variant):
    areas: ClassVar[tuple[str, ...]] = STREAMS


class Comments(Variant):
    """Comment lines stand before the first event, between events, within them, and after the terminator."""

    def opening(self) -> tuple[str, ...]:
        return (":", ": queued", "", ": data: not an event", "")

    def lines(self, lines: tuple[str, ...]) -> tuple[str, ...]:
        inner = [part for line in lines for part in (line, ": within")]
        return (": OPENROUTER PROCESSING", "", ": before", *inner)

    def closing(self) -> tuple[str, ...]:
        return (": the end", "")

    def shows(self, exchange: Exchange) -> bool:
        return b": before\ndata: {" in body_of(exchange) and body_of(exchange).endswith(b": the end\n\n")


class CrLf(_Framing):
    """Every line ends with CR LF."""

    def line_end(self) -> str:
        return "\r\n"

    def shows(self, exchange: Exchange) -> bool:
        return b"}\r\n\r\ndata: [DONE]\r\n\r\n" in body_of(exchange)


class BareCr(_Framing):
    """Every line ends with a lone CR."""

    def line_end(self) -> str:
        return "\r"

    def shows(self, exchange: Exchange) -> bool:
        return b"}\r\rdata: [DONE]\r\r" in body_of(exchange)


class NoSpace(_Framing):
    """No space follows the colon of `data:`."""

    def lines(self, lines: tuple[str, ...]) -> tuple[str, ...]:
        # Only one space is dropped by a reader, so a value that begins with one keeps the other.
        return tuple(re.sub(r"^data: (?! )", "data:", line) for line in lines)

    def shows(self, exchange: Exchange) -> bool:
        return b"\ndata:{" in body_of(exchange)


class ManyLines(Variant):
    """A byte order mark stands first, and the JSON of a chunk is spread over many lines of data."""

    def mark(self) -> bytes:
        return BOM

    def data(self, text: str) -> str:
        return text if text == "[DONE]" else _STRING_OR_MARK.sub(_broken_after, text)

    def shows(self, exchange: Exchange) -> bool:
        return body_of(exchange).startswith(BOM) and b"data: {\ndata: " in body_of(exchange)


def _broken_after(found: re.Match[str]) -> str:
    return found[0] if found[0].startswith('"') else f"{found[0]}\n"


class OtherFields(_Framing):
    """Events have ids and the default type by name; blank lines and blocks without data stand between."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def opening(self) -> tuple[str, ...]:
        return ("", "", "retry: 3000", "", "id: 0", "", "x-vendor: 1", "")

    def lines(self, lines: tuple[str, ...]) -> tuple[str, ...]:
        return ("", f"id: {next(self._numbers)}", "event: message", *lines)

    def shows(self, exchange: Exchange) -> bool:
        stream = exchange.response.stream if exchange.response is not None and exchange.is_stream else None
        return stream is not None and stream.ending.count(Kind.DROPPED_EVENT) >= 3


ALL: tuple[Variant, ...] = (Comments(), CrLf(), BareCr(), NoSpace(), ManyLines(), OtherFields())
