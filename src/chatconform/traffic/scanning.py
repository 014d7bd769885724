"""Walks through a JSON document of any size, and hands out those values that are asked for, as bytes.

A parser that builds what it reads holds the whole document, and one that reports each token still holds the
longest text, which in a HAR may be a film. This one only knows where values begin and end: strings, brackets
and what lies between. Whether a value is JSON is for whoever parses it. Memory is what is asked to be kept,
and the nesting is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Protocol

from chatconform.errors import UnreadableTraffic

_PIECE = 1 << 18
_DEEPEST = 10_000
_LONGEST_NAME = 1 << 16
_SPACE = re.compile(rb"[ \t\r\n]*+")
# Up to a bracket that is in no string, or to a string that goes on behind what has been read.
_FLAT = re.compile(rb'(?:[^"\[\]{}]++|"[^"\\]*+(?:\\.[^"\\]*+)*+")*+', re.DOTALL)
_REST_OF_STRING = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)
_SCALAR = re.compile(rb"[^\s,:\[\]{}\"]*+")
_CLOSING = {b"{": b"}", b"[": b"]"}


class Reader(Protocol):
    """Where the bytes come from."""

    def read(self, size: int, /) -> bytes:
        """At most so many bytes; none at the end."""


class Misread(UnreadableTraffic):
    """The document is broken, or ended too early, at a byte; what came before it stands."""

    def __init__(self, reason: str, offset: int) -> None:
        super().__init__(reason)
        self.offset = offset


class Scanner:
    """Reads a document forwards; `offset` is the byte that comes next."""

    def __init__(self, source: Reader) -> None:
        self._source = source
        self._piece = b""
        self._at = 0
        self._base = 0

    @property
    def offset(self) -> int:
        """The place of the next byte in the document."""
        return self._base + self._at

    def next(self) -> bytes:
        """The next byte that is no white space, which stays where it is; raises `Misread` at the end."""
        while True:
            match = _SPACE.match(self._piece, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._piece):
                return self._piece[self._at : self._at + 1]
            if not self._more():
                raise Misread("the document ends before its end", self.offset)

    def is_at_end(self) -> bool:
        """Whether nothing but white space follows."""
        try:
            self.next()
        except Misread:
            return True
        return False

    def members(self) -> Iterator[bytes]:
        """The names of an object's members, raw; the value of each has to be taken before the next."""
        yield from self._parts(b"{")

    def items(self) -> Iterator[int]:
        """The offset of each item of an array; each has to be taken before the next."""
        for _ in self._parts(b"["):
            self.next()
            yield self.offset

    def value(self, keep: int = 0) -> bytes | None:
        """Pass a value; returns its bytes, or nothing where they are more than `keep`."""
        kept = _Kept(keep)
        first = self.next()
        if first == b'"':
            self._string(kept)
        elif first in _CLOSING:
            self._container(kept)
        else:
            self._scalar(kept)
        return kept.bytes

    def _parts(self, opening: bytes) -> Iterator[bytes]:
        self._expect(opening)
        closing = _CLOSING[opening]
        if self.next() == closing:
            self._at += 1
            return
        while True:
            yield self._name() if opening == b"{" else b""
            if self.next() == closing:
                self._at += 1
                return
            self._expect(b",")

    def _name(self) -> bytes:
        if self.next() != b'"':
            raise Misread(f"a name was expected, not {self.next()!r}", self.offset)
        begin, name = self.offset, self.value(_LONGEST_NAME)
        self._expect(b":")
        if name is None:
            raise Misread("a name that is longer than any", begin)
        return name

    def _expect(self, what: bytes) -> None:
        if self.next() != what:
            raise Misread(f"{what.decode()} was expected, not {self.next()!r}", self.offset)
        self._at += 1

    def _scalar(self, kept: _Kept) -> None:
        begin, size = self.offset, 0
        while True:
            match = _SCALAR.match(self._piece, self._at)
            end = match.end() if match else self._at
            size += end - self._at
            self._pass(end, kept)
            if end < len(self._piece):
                break
            # Its container has not ended, so that nobody knows whether `12` is all of a number.
            if not self._more():
                raise Misread("the document ends within a value", self.offset)
        if not size:
            raise Misread("a value was expected", begin)

    def _string(self, kept: _Kept) -> None:
        self._pass(self._at + 1, kept)
        while True:
            match = _REST_OF_STRING.match(self._piece, self._at)
            self._pass(match.end() if match else self._at, kept)
            if self._piece[self._at : self._at + 1] == b'"':
                self._pass(self._at + 1, kept)
                return
            # What is left is nothing, or a backslash whose other half has not been read.
            if not self._more():
                raise Misread("the document ends within a string", self.offset)

    def _container(self, kept: _Kept) -> None:
        open_ones = bytearray()
        while True:
            match = _FLAT.match(self._piece, self._at)
            self._pass(match.end() if match else self._at, kept)
            found = self._piece[self._at : self._at + 1]
            if not found:
                if not self._more():
                    raise Misread("the document ends within a value", self.offset)
            elif found == b'"':
                self._string(kept)
            else:
                self._bracket(found, open_ones)
                self._pass(self._at + 1, kept)
                if not open_ones:
                    return

    def _bracket(self, found: bytes, open_ones: bytearray) -> None:
        if found in _CLOSING:
            if len(open_ones) == _DEEPEST:
                raise Misread(f"nested more than {_DEEPEST} deep", self.offset)
            open_ones += _CLOSING[found]
        elif found != open_ones[-1:]:
            raise Misread(f"{found.decode()} closes what {found.decode()} did not open", self.offset)
        else:
            del open_ones[-1]

    def _pass(self, end: int, kept: _Kept) -> None:
        kept.take(self._piece, self._at, end)
        self._at = end

    def _more(self) -> bool:
        """Read on; what has not been passed stays."""
        rest = self._piece[self._at :]
        came = self._source.read(_PIECE)
        self._base += self._at
        self._piece, self._at = rest + came, 0
        return bool(came)


class _Kept:
    """The bytes of a value, until there are too many of them."""

    def __init__(self, most: int) -> None:
        self._left = most
        self._pieces: list[bytes] | None = [] if most else None

    def take(self, piece: bytes, begin: int, end: int) -> None:
        self._left -= end - begin
        if self._left < 0:
            self._pieces = None
        elif self._pieces is not None:
            self._pieces.append(piece[begin:end])

    @property
    def bytes(self) -> bytes | None:
        return None if self._pieces is None else b"".join(self._pieces)
