"""Reads a HAR of any size, entry by entry: what a browser or a proxy has seen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from chatconform.errors import UnreadableTraffic
from chatconform.traffic.entry import BadEntry, exchange_of_entry
from chatconform.traffic.met import PIECE_LIMIT, Beside, Described, Heard, Met, Place, Unjudged
from chatconform.traffic.scanning import Misread, Reader, Scanner
from chatconform.wire.exchange import BEFORE_THE_RUN
from chatconform.wire.jsontext import NotJson, parse

# 1.1 is 1.2 without a few members that nobody needs here.
VERSIONS = ("1.1", "1.2")
_LONGEST_VERSION = 100


class _Unread(UnreadableTraffic):
    """The document is no HAR that can be read."""


def read_har(file: Path, source: Reader) -> Iterator[Met]:
    """What is met in a HAR; entries before a place where it is broken or cut are read all the same."""
    walk = _Walk(file, Scanner(source))
    yield Described(lacks=frozenset())
    try:
        yield from walk.document()
    except _Unread as error:
        yield Unjudged(where=Place(file=file), reason=str(error), is_end=True)
    except Misread as error:
        where = Place(file=file, position=f"byte {error.offset} ({walk.last})")
        yield Unjudged(where=where, reason=f"not read any further: {error}", is_end=True)


class _Walk:
    """The way through one document; `last` is how far it got, in words."""

    def __init__(self, file: Path, scanner: Scanner) -> None:
        self._file = file
        self._scanner = scanner
        self._entries = 0
        self._has_log = False
        self.last = "before its entries"

    def document(self) -> Iterator[Met]:
        for name in self._scanner.members():
            if name == b'"log"' and self._scanner.next() == b"{":
                self._has_log = True
                yield from self._log()
            else:
                self._scanner.value()
        if not self._has_log:
            raise _Unread("no HAR: it is a JSON object without an object `log`")
        if not self._scanner.is_at_end():
            raise Misread("something follows the end of the document", self._scanner.offset)

    def _log(self) -> Iterator[Met]:
        has_entries = False
        for name in self._scanner.members():
            if name == b'"version"':
                self._check_version(self._scanner.value(_LONGEST_VERSION))
            elif name == b'"entries"' and self._scanner.next() == b"[":
                has_entries = True
                yield from self._read_entries()
            else:
                self._scanner.value()
        if not has_entries:
            raise _Unread("no HAR: its log has no array `entries`")

    def _check_version(self, raw: bytes | None) -> None:
        try:
            version = parse(raw or b"")
        except NotJson:
            version = None
        # The specification: an empty version means 1.1.
        if version not in ("", *VERSIONS):
            told = f"{version!r}" if isinstance(version, str) else "something that is no text"
            raise _Unread(f"a HAR of version {told}; this tool reads {' and '.join(VERSIONS)}")

    def _read_entries(self) -> Iterator[Met]:
        for offset in self._scanner.items():
            self._entries += 1
            self.last = f"in entry {self._entries}"
            where = Place(file=self._file, position=f"entry {self._entries} (byte {offset})")
            raw = self._scanner.value(PIECE_LIMIT)
            if raw is None:
                reason = f"the entry is larger than {PIECE_LIMIT >> 20} MB"
                yield Unjudged(where=where, reason=reason)
            else:
                yield self._met(raw, where)
            self.last = f"after entry {self._entries}"

    def _met(self, raw: bytes, where: Place) -> Met:
        twice: list[str] = []
        try:
            value = parse(raw, repeated=twice)
            exchange = exchange_of_entry(value, name=f"{self._file.name}#{self._entries}")
        except (NotJson, BadEntry) as error:
            return Unjudged(where=where, reason=str(error))
        if exchange and twice:
            reason = f"the member {twice[0]!r} occurs twice in one object"
            return Unjudged(where=where, reason=reason)
        if exchange is None or exchange.scenario == BEFORE_THE_RUN:
            return Beside(where=where)
        return Heard(exchange=exchange, where=where)
