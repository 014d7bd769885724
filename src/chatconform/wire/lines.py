"""Bytes cut into the lines of an event stream, as they arrive.

The rules are those of the WHATWG HTML standard, 9.2.6 (interpreting an event stream); `chatconform.wire.sse`
says what the lines mean. A line that ended with CR is complete at the CR; a LF that follows belongs to it.
"""

from dataclasses import dataclass

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class LineEnds:
    """How many lines ended in which way."""

    lf: int
    crlf: int
    cr: int

    @property
    def mixed(self) -> bool:
        """Whether more than one style was used, which is legal and odd."""
        return sum(map(bool, (self.lf, self.crlf, self.cr))) > 1


class LineSplitter:
    """Cuts bytes into lines (without their ends), each with the offset of its first byte.

    `size` is the number of bytes so far, `bom` whether they began with a byte order mark.
    """

    def __init__(self) -> None:
        self.size = 0
        self.bom = False
        self._position = 0
        self._head: bytes | None = b""
        self._tail = bytearray()
        self._after_cr = False
        self._lf = self._cr = self._crlf = 0

    def feed(self, piece: bytes) -> list[tuple[bytes, int]]:
        """The lines that the piece completed."""
        self.size += len(piece)
        if self._head is not None:
            piece = self._without_bom(self._head + piece)
        if not piece:
            return []
        self._count_ends(piece)
        if self._after_cr and piece[0] == 0x0A:
            piece = piece[1:]
            self._position += 1
        self._after_cr = piece[-1:] == b"\r"
        return self._cut(piece)

    def close(self) -> tuple[bytes, int]:
        """The unended last line, if any."""
        return bytes(self._tail) or self._head or b"", self._position

    def ends(self) -> LineEnds:
        """How the lines ended so far."""
        return LineEnds(lf=self._lf - self._crlf, crlf=self._crlf, cr=self._cr - self._crlf)

    def _without_bom(self, piece: bytes) -> bytes:
        # 9.2.6: "The UTF-8 decode algorithm strips one leading UTF-8 Byte Order Mark (BOM), if any."
        if len(piece) < len(_BOM) and _BOM.startswith(piece):
            self._head = piece
            return b""
        self._head = None
        self.bom = piece.startswith(_BOM)
        self._position = len(_BOM) if self.bom else 0
        return piece[self._position :]

    def _count_ends(self, piece: bytes) -> None:
        self._lf += piece.count(b"\n")
        self._crlf += self._after_cr and piece[0] == 0x0A
        if b"\r" in piece:
            self._cr += piece.count(b"\r")
            self._crlf += piece.count(b"\r\n")

    def _cut(self, piece: bytes) -> list[tuple[bytes, int]]:
        # 9.2.6: a line ends with "a U+000D CARRIAGE RETURN U+000A LINE FEED (CRLF) character pair, a single
        # U+000A LINE FEED (LF) character not preceded by a U+000D CARRIAGE RETURN (CR) character, and a
        # single U+000D CARRIAGE RETURN (CR) character not followed by a U+000A LINE FEED (LF) character":
        # exactly what bytes.splitlines cuts at (str.splitlines knows many more).
        lines = []
        position = self._position
        for ended in piece.splitlines(keepends=True):
            line = ended.rstrip(b"\r\n")
            if len(line) == len(ended):
                self._tail += line
                break
            offset = position
            position += len(ended)
            if self._tail:
                position += len(self._tail)
                line = self._with_tail(line)
            lines.append((line, offset))
        self._position = position
        return lines

    def _with_tail(self, line: bytes) -> bytes:
        whole = self._tail
        whole += line
        self._tail = bytearray()
        return bytes(whole)
