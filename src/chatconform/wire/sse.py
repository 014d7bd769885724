"""An incremental event-stream decoder that also reports what the standard drops or repairs.

Theory of operation
===================

The rules are those of the WHATWG HTML standard, "Server-sent events": 9.2.5 (parsing an event stream)
says what a stream may look like, 9.2.6 (interpreting an event stream) what a reader makes of any bytes at
all. A reader never fails: whatever it does not understand, it skips. That is right for a browser and wrong
for a judge, so this decoder walks exactly the path of 9.2.6 and, where that path throws something away,
leaves an `Irregularity` with its byte offset. Not every irregularity is an offence: a comment is legal.

Bytes become events in four steps, each with one rule to keep:

1. The mark. One leading byte order mark is not part of the first line (`chatconform.wire.lines`).
2. Lines (same module). A line ends at CR LF, LF, or CR. A line that ended with CR is complete at the CR,
   so an event is never held back to see whether LF follows; that LF, if it comes, is swallowed. Everything
   that is counted or reported is therefore the same however the network cut the bytes.
3. Fields. Lines are decoded one by one: no byte of a UTF-8 sequence is CR or LF, so the result is what
   decoding the whole stream would give.
4. Events. A blank line dispatches. The end of the stream does not.

Rules of this file: no step looks at a byte twice (time is linear in the stream), nothing is kept but the
line and the event in the making (plus a bounded list of irregularities), and no input raises.

WARNING: `fixtures/streams/index.yaml` states irregularities by the names of `Kind`: rename them in both.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from chatconform.errors import HarnessError
from chatconform.wire.lines import LineEnds, LineSplitter

# Splitting costs some 100 bytes a line; cutting the input first bounds that, whatever size a feed has.
_SLICE = 1 << 14

_KEPT_PER_KIND = 100
_TEXT_LIMIT = 200

# 9.2.6 sets no limit, but int() of a hostile number is quadratic, and no reader can wait 10**18 ms.
_RETRY_DIGITS = 18


class Kind(Enum):
    """What an irregularity is."""

    BOM = "bom"
    COMMENT = "comment"
    INVALID_UTF8 = "invalid-utf8"
    UNKNOWN_FIELD = "unknown-field"
    INVALID_ID = "invalid-id"
    INVALID_RETRY = "invalid-retry"
    DROPPED_EVENT = "dropped-event"
    UNENDED_LINE = "unended-line"
    UNTERMINATED_EVENT = "unterminated-event"


@dataclass(frozen=True, slots=True, kw_only=True)
class Irregularity:
    """Something in the stream that no event shows.

    `offset` is the first byte it is about, `line` the number of its line from 1, `text` its text: of a
    comment or field the line's (at most 200 characters), of invalid UTF-8 the offending bytes in hex.
    """

    kind: Kind
    offset: int
    line: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One dispatched event.

    `body[offset:end]` is its wire form: `offset` is the first byte of its first field, `end` the offset
    after the byte that completed the blank line (after the CR where the line ends with CR LF). `line` is
    the number of its first line from 1. `retry` is in milliseconds, and only that of this event.
    """

    data: str
    type: str
    last_event_id: str
    retry: int | None
    offset: int
    end: int
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unterminated:
    """The event that the end of the stream cut off, as if it had been dispatched.

    `data` is None where no data field had arrived. `partial_line` is the last line where the stream ended
    inside it, empty where only the blank line is missing.
    """

    data: str | None
    type: str
    offset: int
    line: int
    partial_line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What is known of the whole stream once it has ended.

    `irregularities` holds the first hundred of each kind in the order of the stream, `counts` counts all.
    `idle_blank_lines` are blank lines that closed no event (some servers keep a connection alive so).
    """

    size: int
    lines: int
    events: int
    line_ends: LineEnds
    idle_blank_lines: int
    irregularities: tuple[Irregularity, ...]
    counts: Mapping[Kind, int]
    unterminated: Unterminated | None

    def count(self, kind: Kind) -> int:
        """How often the stream showed this kind of irregularity."""
        return self.counts.get(kind, 0)

    def of(self, kind: Kind) -> tuple[Irregularity, ...]:
        """The irregularities of one kind, in the order of the stream."""
        return tuple(each for each in self.irregularities if each.kind is kind)

    @property
    def comments(self) -> tuple[str, ...]:
        """The texts of the comment lines, without the colon."""
        return tuple(each.text for each in self.of(Kind.COMMENT))


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """A whole stream, decoded."""

    events: tuple[Event, ...]
    ending: Ending


class Decoder:
    """Decodes one event stream, fed in pieces of any size.

    `feed` returns the events that the piece completed, `close` what the stream was like as a whole.
    """

    def __init__(self) -> None:
        self._lines = LineSplitter()
        self._log = _Log()
        self._block = _Block()
        self._last_event_id = ""
        self._events = 0
        self._idle_blank_lines = 0
        self._ending: Ending | None = None

    def feed(self, data: bytes) -> list[Event]:
        """Take the next bytes of the stream; empty ones are fine."""
        if self._ending is not None:
            raise HarnessError("bytes were fed to an event stream decoder that had been closed")
        events: list[Event] = []
        for start in range(0, len(data), _SLICE):
            for raw, offset in self._lines.feed(data[start : start + _SLICE]):
                self._take_line(raw, offset, events)
        self._events += len(events)
        return events

    def close(self) -> Ending:
        """Take the end of the stream; calling it again returns the same."""
        if self._ending is None:
            self._ending = self._end()
        return self._ending

    def _take_line(self, raw: bytes, offset: int, events: list[Event]) -> None:
        number = self._log.line = self._log.line + 1
        if not raw:
            # 9.2.6: "If the line is empty (a blank line) Dispatch the event".
            self._dispatch(offset + 1, events)
            return
        try:
            line = raw.decode()
        except UnicodeDecodeError as error:
            line = self._repair(raw, offset, error)
        if line[0] == ":":
            # 9.2.6: "If the line starts with a U+003A COLON character (:) Ignore the line."
            self._log.add(Kind.COMMENT, offset, line[1:])
            return
        block = self._block
        if block.offset is None:
            block.offset, block.line = offset, number
        # 9.2.6: "Collect the characters on the line before the first U+003A COLON character (:), and let
        # field be that string"; without a colon "the whole line as the field name, and the empty string
        # as the field value".
        name, _, value = line.partition(":")
        if value[:1] == " ":
            # 9.2.6: "If value starts with a U+0020 SPACE character, remove it from value." One, not all.
            value = value[1:]
        if name == "data":
            # 9.2.6: "Append the field value to the data buffer, then append a single U+000A LINE FEED (LF)
            # character to the data buffer." The last LF goes at dispatch: so does joining.
            block.data.append(value)
        else:
            self._take_rare_field(name, value, line, offset)

    def _take_rare_field(self, name: str, value: str, line: str, offset: int) -> None:
        # 9.2.6: "Field names must be compared literally, with no case folding performed."
        if name == "event":
            self._block.type = value
        elif name == "id":
            self._take_id(value, line, offset)
        elif name == "retry":
            self._take_retry(value, line, offset)
        else:
            # 9.2.6: "Otherwise The field is ignored."
            self._log.add(Kind.UNKNOWN_FIELD, offset, line)

    def _take_id(self, value: str, line: str, offset: int) -> None:
        # 9.2.6: "If the field value does not contain U+0000 NULL, then set the last event ID buffer to the
        # field value. Otherwise, ignore the field."
        if "\0" in value:
            self._log.add(Kind.INVALID_ID, offset, line)
        else:
            self._last_event_id = value

    def _take_retry(self, value: str, line: str, offset: int) -> None:
        # 9.2.6: "If the field value consists of only ASCII digits, then interpret the field value as an
        # integer in base ten". An empty value has no digit to interpret: ignored, as a browser does.
        if value.isascii() and value.isdigit() and len(value.lstrip("0")) <= _RETRY_DIGITS:
            self._block.retry = int(value.lstrip("0") or "0")
        else:
            self._log.add(Kind.INVALID_RETRY, offset, line)

    def _dispatch(self, end: int, events: list[Event]) -> None:
        block = self._block
        if block.offset is None:
            self._idle_blank_lines += 1
            return
        if block.data:
            # 9.2.6: "If the data buffer's last character is a U+000A LINE FEED (LF) character, remove the
            # last character from the data buffer."
            events.append(
                Event(
                    data=block.data[0] if len(block.data) == 1 else "\n".join(block.data),
                    type=block.type or "message",
                    # 9.2.6: "The buffer does not get reset".
                    last_event_id=self._last_event_id,
                    retry=block.retry,
                    offset=block.offset,
                    end=end,
                    line=block.line,
                )
            )
        else:
            # 9.2.6: "If the data buffer is an empty string, set the data buffer and the event type buffer
            # to the empty string and return." `data` alone leaves a LF in the buffer: that is an event.
            self._log.add(Kind.DROPPED_EVENT, block.offset, block.type, line=block.line)
        block.clear()

    def _repair(self, raw: bytes, offset: int, error: UnicodeDecodeError) -> str:
        # 9.2.6: "Streams must be decoded using the UTF-8 decode algorithm", which replaces each maximal
        # part of an ill-formed sequence by one U+FFFD; Python's "replace" does the same.
        self._log.add(Kind.INVALID_UTF8, offset + error.start, raw[error.start : error.end].hex(" "))
        return raw.decode(errors="replace")

    def _end(self) -> Ending:
        dispatched: list[Event] = []
        raw, offset = self._lines.close()
        if self._lines.bom:
            self._log.add_first(Kind.BOM, 0, "\ufeff")
        partial = raw.decode(errors="replace")
        if partial:
            self._take_line(raw, offset, dispatched)
            self._log.add(Kind.UNENDED_LINE, offset, partial)
        unterminated = self._unterminated(partial)
        return Ending(
            size=self._lines.size,
            lines=self._log.line,
            events=self._events,
            line_ends=self._lines.ends(),
            idle_blank_lines=self._idle_blank_lines,
            irregularities=tuple(self._log.kept),
            counts=dict(self._log.counts),
            unterminated=unterminated,
        )

    def _unterminated(self, partial_line: str) -> Unterminated | None:
        # 9.2.6: "If the file ends in the middle of an event, before the final empty line, the incomplete
        # event is not dispatched."
        block = self._block
        if block.offset is None:
            return None
        data = "\n".join(block.data) if block.data else None
        self._log.add(Kind.UNTERMINATED_EVENT, block.offset, data or "", line=block.line)
        return Unterminated(
            data=data,
            type=block.type or "message",
            offset=block.offset,
            line=block.line,
            partial_line=partial_line,
        )


def decode(body: bytes) -> Decoded:
    """Decode a whole event stream."""
    decoder = Decoder()
    events = tuple(decoder.feed(body))
    return Decoded(events=events, ending=decoder.close())


@dataclass(slots=True)
class _Block:
    """The fields since the last blank line; no field yet while `offset` is None."""

    data: list[str] = field(default_factory=list)
    type: str = ""
    retry: int | None = None
    offset: int | None = None
    line: int = 0

    def clear(self) -> None:
        self.data.clear()
        self.type = ""
        self.retry = None
        self.offset = None


class _Log:
    """Counts irregularities and keeps the first of each kind: a hostile stream must not fill the memory."""

    def __init__(self) -> None:
        self.line = 0
        self.kept: list[Irregularity] = []
        self.counts: Counter[Kind] = Counter()

    def add(self, kind: Kind, offset: int, text: str, *, line: int | None = None) -> None:
        self.counts[kind] += 1
        if self.counts[kind] <= _KEPT_PER_KIND:
            number = self.line if line is None else line
            self.kept.append(Irregularity(kind=kind, offset=offset, line=number, text=text[:_TEXT_LIMIT]))

    def add_first(self, kind: Kind, offset: int, text: str) -> None:
        self.counts[kind] += 1
        self.kept.insert(0, Irregularity(kind=kind, offset=offset, line=1, text=text))
