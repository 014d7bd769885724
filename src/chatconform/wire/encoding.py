"""Undoing the content coding of recorded bodies, piece by piece.

A body is recorded as it came over the wire, so whoever judges it decodes it first, and the body is hostile:
it may be corrupt, cut short, or a few kilobytes that unfold to gigabytes. Each of these is a typed error
that still holds what had been decoded, because a cut stream is evidence up to the cut.

The codings are those of RFC 9110 8.4.1: gzip, deflate, identity; br (RFC 7932) and zstd (RFC 8878) where a
module for them is installed.
"""

from __future__ import annotations

import contextlib
import importlib
import zlib
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain
from types import ModuleType
from typing import Final, Protocol

from chatconform.errors import TargetError

DEFAULT_LIMIT: Final = 256 << 20

# RFC 9110 8.4 sets no limit; each coding may multiply by a thousand, and nobody honest needs more.
_MAX_CODINGS = 4

# The modules hand back what they did not use as a copy, so a body of a million tiny members would cost
# quadratic time in the size of a feed: feeds are cut. No step yields more than `_STEP` bytes.
_SLICE = 1 << 12
_STEP = 1 << 16

# zlib's way of asking for a gzip header and trailer.
_GZIP_WINDOW = 16 + zlib.MAX_WBITS


class UndecodableBody(TargetError):
    """A body cannot be decoded as its Content-Encoding says.

    Attributes:
        partial: What was decoded before the defect and has not been returned; all there is of it where the
            body was decoded as a whole.
    """

    def __init__(self, message: str, *, partial: bytes = b"") -> None:
        super().__init__(message)
        self.partial = partial


class UnsupportedEncoding(UndecodableBody):
    """The content coding is unknown, or no module for it is installed here."""


class CorruptBody(UndecodableBody):
    """The body breaks the rules of its content coding."""


class TruncatedBody(UndecodableBody):
    """The body ended before its content coding did."""


class OversizedBody(UndecodableBody):
    """The decoded body is larger than the limit: most likely a decompression bomb."""


class ContentDecoder:
    """Decodes one body, fed in pieces of any size; after an error it is of no further use."""

    def __init__(self, codings: Iterable[_Coding], limit: int) -> None:
        self._codings = tuple(codings)
        self._limit = limit
        self._size = 0

    def decode(self, data: bytes) -> bytes:
        """Take the next bytes of the body; returns what they decode to, perhaps nothing yet."""
        if not self._codings:
            return data
        pieces: Iterator[bytes] = iter((data,))
        for coding in self._codings:
            pieces = chain.from_iterable(map(coding.feed, pieces))
        return self._collect(pieces)

    def flush(self) -> bytes:
        """Take the end of the body; nothing is ever held back, so this returns nothing or raises."""
        for coding in self._codings:
            coding.finish()
        return b""

    def _collect(self, pieces: Iterator[bytes]) -> bytes:
        out = bytearray()
        try:
            for piece in pieces:
                self._size += len(piece)
                if self._size > self._limit:
                    raise OversizedBody(f"the decoded body is larger than {self._limit} bytes")
                out += piece
        except UndecodableBody as error:
            error.partial = bytes(out)
            raise
        return bytes(out)


def decoder_for(content_encoding: str | None, *, limit: int = DEFAULT_LIMIT) -> ContentDecoder:
    """The decoder for a Content-Encoding header; `limit` bounds the decoded size in bytes.

    Raises:
        UnsupportedEncoding: A coding is unknown, or cannot be undone here.
    """
    names = [name.strip().lower() for name in (content_encoding or "").split(",")]
    names = [name for name in names if name not in ("", "identity")]
    if len(names) > _MAX_CODINGS:
        raise UnsupportedEncoding(f"Content-Encoding names {len(names)} codings, {_MAX_CODINGS} are undone")
    # RFC 9110 8.4: codings are listed "in the order in which they were applied": the last comes off first.
    return ContentDecoder([_coding(name) for name in reversed(names)], limit)


def decode_body(body: bytes, content_encoding: str | None, *, limit: int = DEFAULT_LIMIT) -> bytes:
    """Decode a whole body; raises `UndecodableBody` with all that could be decoded."""
    decoder = decoder_for(content_encoding, limit=limit)
    decoded = decoder.decode(body)
    try:
        return decoded + decoder.flush()
    except UndecodableBody as error:
        error.partial = decoded
        raise


def _coding(name: str) -> _Coding:
    match name:
        # RFC 9110 8.4.1.3: "A recipient SHOULD consider "x-gzip" to be equivalent to "gzip"."
        case "gzip" | "x-gzip":
            return _Coding("gzip", partial(_ZlibUnpacker, _GZIP_WINDOW), zlib.error, concatenates=True)
        case "deflate":
            return _Coding(name, _DeflateUnpacker, zlib.error)
        case "br":
            module = _module(name, "brotli", "brotlicffi")
            if not hasattr(module.Decompressor, "can_accept_more_data"):
                raise UnsupportedEncoding("Content-Encoding br: the installed brotli cannot bound its output")
            return _Coding(name, partial(_BrotliUnpacker, module), module.error)
        case "zstd":
            module = _module(name, "compression.zstd", "backports.zstd")
            return _Coding(name, partial(_ZstdUnpacker, module), module.ZstdError, concatenates=True)
    raise UnsupportedEncoding(f"Content-Encoding {name!r} is not a known content coding")


def _module(coding: str, *names: str) -> ModuleType:
    for name in names:
        with contextlib.suppress(ImportError):
            return importlib.import_module(name)
    raise UnsupportedEncoding(f"Content-Encoding {coding}: none of {', '.join(names)} is installed")


class _Unpacker(Protocol):
    """One member (gzip), frame (zstd) or stream of one coding."""

    @property
    def eof(self) -> bool: ...

    @property
    def rest(self) -> bytes:
        """What follows its end."""

    @property
    def hungry(self) -> bool: ...

    def step(self, data: bytes) -> bytes:
        """Take data and give at most `_STEP` bytes; not `hungry` means that there is more to get."""


class _Coding:
    """One coding of a body; `concatenates` where a body may hold several members."""

    def __init__(
        self,
        name: str,
        start: Callable[[], _Unpacker],
        errors: type[Exception],
        *,
        concatenates: bool = False,
    ) -> None:
        self._name = name
        self._start = start
        self._errors = errors
        self._concatenates = concatenates
        self._unpacker: _Unpacker | None = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        for start in range(0, len(data), _SLICE):
            yield from self._unpack(data[start : start + _SLICE])

    def finish(self) -> None:
        # A body of no bytes at all is let pass: it is what HEAD and empty answers have.
        if self._unpacker is not None and not self._unpacker.eof:
            raise TruncatedBody(f"the body ended in the middle of its {self._name} data")

    def _unpack(self, data: bytes) -> Iterator[bytes]:
        unpacker = self._unpacker
        while data or (unpacker is not None and not unpacker.hungry):
            if unpacker is None or unpacker.eof:
                unpacker = self._next(unpacker)
            try:
                out = unpacker.step(data)
            except self._errors as error:
                raise CorruptBody(f"the body is not valid {self._name}: {error}") from error
            data = unpacker.rest if unpacker.eof else b""
            if out:
                yield out

    def _next(self, last: _Unpacker | None) -> _Unpacker:
        if last is not None and not self._concatenates:
            raise CorruptBody(f"the body goes on after the end of its {self._name} data")
        self._unpacker = self._start()
        return self._unpacker


class _ZlibUnpacker:
    """gzip, zlib or raw deflate, as `wbits` says."""

    def __init__(self, wbits: int) -> None:
        self._inflate = zlib.decompressobj(wbits)
        self.hungry = True

    @property
    def eof(self) -> bool:
        return self._inflate.eof

    @property
    def rest(self) -> bytes:
        return self._inflate.unused_data

    def step(self, data: bytes) -> bytes:
        out = self._inflate.decompress(self._inflate.unconsumed_tail + data, _STEP)
        self.hungry = self.eof or len(out) < _STEP
        return out


class _DeflateUnpacker(_ZlibUnpacker):
    """deflate, in its zlib wrapper or without."""

    def __init__(self) -> None:
        super().__init__(zlib.MAX_WBITS)
        self._head: bytes | None = b""

    def step(self, data: bytes) -> bytes:
        if self._head is not None:
            data = self._head + data
            if len(data) < 2:
                self._head = data
                return b""
            self._head = None
            if not _has_zlib_header(data):
                self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        return super().step(data)


def _has_zlib_header(data: bytes) -> bool:
    # RFC 9110 8.4.1.2: "Some non-conformant implementations send the "deflate" compressed data without the
    # zlib wrapper." RFC 1950 2.2: CM = 8, and CMF*256 + FLG "is a multiple of 31". Read as raw deflate such
    # a first byte is a stored block with garbage in its padding, which no compressor writes.
    return data[0] & 0x0F == 8 and int.from_bytes(data[:2]) % 31 == 0


class _ZstdUnpacker:
    """zstd, by the module of Python 3.14 or its backport."""

    def __init__(self, module: ModuleType) -> None:
        self._frame = module.ZstdDecompressor()

    @property
    def eof(self) -> bool:
        return bool(self._frame.eof)

    @property
    def rest(self) -> bytes:
        return bytes(self._frame.unused_data)

    @property
    def hungry(self) -> bool:
        return self.eof or bool(self._frame.needs_input)

    def step(self, data: bytes) -> bytes:
        return bytes(self._frame.decompress(data, _STEP))


class _BrotliUnpacker:
    """br, by a brotli module that can bound its output (1.2 or later)."""

    rest = b""

    def __init__(self, module: ModuleType) -> None:
        self._stream = module.Decompressor()

    @property
    def eof(self) -> bool:
        return bool(self._stream.is_finished())

    @property
    def hungry(self) -> bool:
        return self.eof or bool(self._stream.can_accept_more_data())

    def step(self, data: bytes) -> bytes:
        return bytes(self._stream.process(data, output_buffer_limit=_STEP))
