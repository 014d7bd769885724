"""What kind of traffic a file holds, by its beginning, and what is met in it."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from chatconform.errors import UnreadableTraffic
from chatconform.traffic.har import read_har
from chatconform.traffic.met import Met, Place, Unjudged
from chatconform.traffic.records import read_exchanges
from chatconform.traffic.scanning import Reader
from chatconform.traffic.transcripts import read_transcript
from chatconform.wire.jsontext import NotJson, parse

_SNIFFED = 1 << 16
_MARK = b"\xef\xbb\xbf"
_GZIP = b"\x1f\x8b"
_FOREIGN = (
    (b"\x28\xb5\x2f\xfd", "compressed with zstd: unpack it first (`zstd -d`)"),
    (b"\xfd7zXZ\x00", "compressed with xz: unpack it first (`xz -d`)"),
    (b"BZh", "compressed with bzip2: unpack it first (`bzip2 -d`)"),
    (b"PK\x03\x04", "a zip archive: unpack it first (`unzip`)"),
    (b"\xff\xfe", "UTF-16: save it as UTF-8"),
    (b"\xfe\xff", "UTF-16: save it as UTF-8"),
    (b"\x0a\x0d\x0d\x0a", "a capture of packets: export its HTTP as HAR"),
    (b"\xd4\xc3\xb2\xa1", "a capture of packets: export its HTTP as HAR"),
)
_EVENTS = re.compile(rb"(?:[\r\n]*)(?:HTTP/\d|data:|event:|id:|retry:|:)")
# Controls that no text has; a body in another coding begins with some of them.
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_HEADER = re.compile(rb'\s*\{\s*"kind"\s*:')

_Read = Callable[[Path, Reader], Iterator[Met]]


class _Unreadable(UnreadableTraffic):
    """The file is none that can be read; says why."""


@dataclass(frozen=True, slots=True)
class Source:
    """Files whose traffic belongs together: one file, or all event streams of a directory."""

    files: tuple[Path, ...]

    @property
    def size(self) -> int:
        """How many bytes there are to read."""
        return sum(file.stat().st_size for file in self.files if file.is_file())

    def met(self, on_read: Callable[[int], None] = lambda _: None) -> Iterator[Met]:
        """What is met in the files, in their order; `on_read` is told how many bytes each read brought."""
        for file in self.files:
            yield from _met_in(file, on_read)


def source_at(path: Path) -> Source:
    """The source at a path; of a directory every file below it that is not hidden."""
    if not path.is_dir():
        return Source((path,))
    below = (file for file in sorted(path.rglob("*")) if file.is_file())
    return Source(tuple(f for f in below if not any(p.startswith(".") for p in f.relative_to(path).parts)))


def _met_in(file: Path, on_read: Callable[[int], None]) -> Iterator[Met]:
    try:
        with file.open("rb") as opened:
            source = _Beginning(_Counted(opened, on_read))
            if source.begins_with(_GZIP):
                source = _Beginning(_Unzipped(source))
            if source.begins_with(_MARK):
                source.read(len(_MARK))
            yield from _reader_for(source)(file, source)
    except OSError as error:
        yield _end(file, f"cannot be read: {error.strerror or error}")
    except zlib.error as error:
        yield _end(file, f"not read any further: its gzip is broken ({error})")
    except _Unreadable as error:
        yield _end(file, str(error))


def _end(file: Path, reason: str) -> Unjudged:
    return Unjudged(where=Place(file=file), reason=reason, is_end=True)


def _reader_for(source: _Beginning) -> _Read:
    begin = source.peek()
    if not begin.strip():
        raise _Unreadable("empty")
    for mark, told in _FOREIGN:
        if begin.startswith(mark):
            raise _Unreadable(told)
    if _EVENTS.match(begin):
        return read_transcript
    if _BINARY.search(begin[:4096]):
        raise _Unreadable("binary, and of no kind that is known here (a coding such as br has no mark)")
    if begin.lstrip().startswith(b"{"):
        return read_exchanges if _is_record(begin) else read_har
    raise _Unreadable("neither a HAR, nor a run record, nor an event stream")


def _is_record(begin: bytes) -> bool:
    """Whether the first line is a row of its own: a HAR goes on over lines, or is one line without a kind."""
    if _HEADER.match(begin):
        return True
    try:
        first = parse(begin.lstrip().partition(b"\n")[0])
    except NotJson:
        return False
    return isinstance(first, dict) and "kind" in first


class _Counted:
    """A file whose reader is watched."""

    def __init__(self, file: BinaryIO, on_read: Callable[[int], None]) -> None:
        self._file = file
        self._on_read = on_read

    def read(self, size: int, /) -> bytes:
        piece = self._file.read(size)
        self._on_read(len(piece))
        return piece


class _Beginning:
    """A source whose first bytes can be looked at before it is read."""

    def __init__(self, source: Reader) -> None:
        self._source = source
        self._kept = b""

    def peek(self) -> bytes:
        """The first bytes, or all there are."""
        while len(self._kept) < _SNIFFED and (piece := self._source.read(_SNIFFED)):
            self._kept += piece
        return self._kept

    def begins_with(self, mark: bytes) -> bool:
        return self.peek().startswith(mark)

    def read(self, size: int, /) -> bytes:
        if not self._kept:
            return self._source.read(size)
        piece, self._kept = self._kept[:size], self._kept[size:]
        return piece


class _Unzipped:
    """A gzip file undone piece by piece: a small file that unfolds to a large one is read as a large one."""

    def __init__(self, source: Reader) -> None:
        self._source = source
        self._member = _member()
        self._rest = b""

    def read(self, size: int, /) -> bytes:
        while True:
            if self._member.eof:
                self._rest = (self._member.unused_data or self._source.read(size)).lstrip(b"\x00")
                if not self._rest:
                    return b""
                self._member = _member()
            data = self._rest or self._source.read(size)
            if not data:
                raise zlib.error("it ends too early")
            piece = self._member.decompress(data, size)
            self._rest = self._member.unconsumed_tail
            if piece:
                return piece


def _member() -> zlib._Decompress:
    return zlib.decompressobj(16 + zlib.MAX_WBITS)
