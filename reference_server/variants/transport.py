"""Bodies cut anywhere on their way, packed, and described by headers in another spelling."""

from __future__ import annotations

import asyncio
import zlib
from itertools import accumulate, cycle
from typing import ClassVar

from chatconform.reference_server.seams import Asked, Bytes, Document, Head
from chatconform.reference_server.variants.framing import STREAMS, body_of
from chatconform.reference_server.variants.variant import Variant
from chatconform.wire.exchange import Exchange

# Single bytes, so that every character is cut somewhere, and now and then several events at once.
SIZES = (1, 1, 1, 2, 1, 3, 1, 89, 1, 1, 2, 400, 1, 5, 1100)
MOMENT = 0.01
GZIP = zlib.MAX_WBITS | 16


class AnyPackets(Variant):
    """The network cuts a stream anywhere: within a character or an event, or after several events."""

    areas: ClassVar[tuple[str, ...]] = ("LOGPROBS", *STREAMS)

    async def packets(self, packets: Bytes, asked: Asked) -> Bytes:
        sizes, waiting, size = cycle(SIZES), b"", 1
        async for piece in packets:
            waiting += piece
            within = next((at for at, byte in enumerate(waiting) if _is_within(byte)), 0)
            if within:
                yield waiting[:within]
                waiting = waiting[within:]
                # Long enough for the reader to come and find half a character.
                await asyncio.sleep(MOMENT)
            while len(waiting) >= size:
                yield waiting[:size]
                waiting, size = waiting[size:], next(sizes)
        yield waiting

    def shows(self, exchange: Exchange) -> bool:
        body, response = body_of(exchange), exchange.response
        ends = accumulate(arrival.size for arrival in response.arrivals) if body and response else ()
        return any(_is_within(body[end]) for end in ends if end < len(body))


def _is_within(byte: int) -> bool:
    """Whether a byte goes on with a character of UTF-8 that another one began."""
    return 0x80 <= byte < 0xC0


class Coded(Variant):
    """Every body is compressed with gzip, though nobody asked for it.

    RFC 9110, 12.5.3: "If no Accept-Encoding header field is in the request, any content coding is considered
    acceptable by the user agent."
    """

    areas: ClassVar[tuple[str, ...]] = ("RESP", "MODELS", *STREAMS)

    def head(self, status: int, headers: Head, asked: Asked, document: Document) -> tuple[int, Head]:
        kept = tuple(pair for pair in headers if pair[0] not in ("content-encoding", "vary"))
        coding = () if status == 204 else (("content-encoding", "gzip"), ("vary", "accept-encoding"))
        return status, (*kept, *coding)

    async def packets(self, packets: Bytes, asked: Asked) -> Bytes:
        packer = zlib.compressobj(wbits=GZIP)
        began = False
        async for piece in packets:
            if piece:
                began = True
                yield packer.compress(piece) + packer.flush(zlib.Z_SYNC_FLUSH)
        if began:
            yield packer.flush()

    def shows(self, exchange: Exchange) -> bool:
        return exchange.response is not None and exchange.response.header("content-encoding") == "gzip"


class SpelledOtherwise(Variant):
    """Media types have parameters and capitals, plain bodies come in chunks, headers of all sorts come too.

    White space stands around plain JSON: DeepSeek sends blank lines while a request is queued.
    """

    areas: ClassVar[tuple[str, ...]] = ("HTTP", "RESP", "MODELS", "STREAM")
    TYPES: ClassVar[dict[str, str]] = {
        "application/json": 'Application/JSON; Charset="UTF-8"',
        "text/event-stream": "text/Event-Stream;charset=UTF-8",
    }

    def head(self, status: int, headers: Head, asked: Asked, document: Document) -> tuple[int, Head]:
        typed = tuple(
            (name, self.TYPES.get(value.partition(";")[0], value) if name == "content-type" else value)
            for name, value in headers
        )
        own = (
            ("set-cookie", "session=1; Path=/"),
            ("set-cookie", "balance=2"),
            ("via", "1.1 gateway"),
            ("alt-svc", 'h3=":443"; ma=86400'),
            ("server", "odd/1.0 (ä)"),
            ("x-empty", ""),
        )
        return status, (*typed, *own, *(() if status == 204 else (("transfer-encoding", "chunked"),)))

    def written(self, text: str) -> str:
        return f"\n\n \r\n\t{text}\n"

    def shows(self, exchange: Exchange) -> bool:
        response = exchange.response
        return response is not None and (response.header("content-type") or "").startswith("Application/JSON")


class LastWord(Variant):
    """Every answer announces that its connection ends with it."""

    silences: ClassVar[dict[str, str]] = {
        "CC-HTTP-010": "no connection is ever kept, so that none can be seen to be used again"
    }
    areas: ClassVar[tuple[str, ...]] = ("HTTP", "RESP")

    def head(self, status: int, headers: Head, asked: Asked, document: Document) -> tuple[int, Head]:
        return status, (*(pair for pair in headers if pair[0] != "connection"), ("connection", "close"))

    def shows(self, exchange: Exchange) -> bool:
        # The reference server itself closes the connection of a body that it does not read.
        response = exchange.response
        served = response is not None and response.status == 200
        return served and response is not None and response.header("connection") == "close"


ALL: tuple[Variant, ...] = (AnyPackets(), Coded(), SpelledOtherwise(), LastWord())
