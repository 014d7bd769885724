"""The event-stream decoder follows the standard to the letter and hides nothing that the standard drops."""

import time
import tracemalloc
from collections.abc import Callable, Iterable

import pytest

from chatconform.errors import HarnessError
from chatconform.wire.sse import Decoded, Decoder, Event, Irregularity, Kind, decode

BOM = b"\xef\xbb\xbf"


def _in_pieces(pieces: Iterable[bytes]) -> Decoded:
    decoder = Decoder()
    events = [event for piece in pieces for event in decoder.feed(piece)]
    return Decoded(events=tuple(events), ending=decoder.close())


def _plain(events: Iterable[Event]) -> list[tuple[str, str, str]]:
    return [(event.data, event.type, event.last_event_id) for event in events]


# --- each rule ---

DATA_CASES = {
    "one event": (b"data: a\n\n", ["a"]),
    "two events": (b"data: a\n\ndata: b\n\n", ["a", "b"]),
    "CR LF": (b"data: a\r\n\r\ndata: b\r\n\r\n", ["a", "b"]),
    "CR": (b"data: a\r\rdata: b\r\r", ["a", "b"]),
    "LF CR is two line ends": (b"data: a\n\rdata: b\n\r", ["a", "b"]),
    "all line ends mixed": (b"data: a\r\n\ndata: b\r\r\ndata: c\n\r\n", ["a", "b", "c"]),
    "no other line ends": ("data: a\x0b\x0c\x1c\x85\u2028b\n\n".encode(), ["a\x0b\x0c\x1c\x85\u2028b"]),
    "byte order mark": (BOM + b"data: a\n\n", ["a"]),
    "only one mark is stripped": (BOM + BOM + b"data: a\ndata: b\n\n", ["b"]),
    "a mark elsewhere is text": (b"data: " + BOM + b"\n\n", ["\ufeff"]),
    "no space": (b"data:a\n\n", ["a"]),
    "one space of two": (b"data:  a\n\n", [" a"]),
    "a tab is not a space": (b"data:\ta\n\n", ["\ta"]),
    "trailing space stays": (b"data: a \n\n", ["a "]),
    "colons in the value": (b"data: a:b: c\n\n", ["a:b: c"]),
    "two lines": (b"data: a\ndata: b\n\n", ["a\nb"]),
    "trailing empty line of data": (b"data: a\ndata\n\n", ["a\n"]),
    "lines of data around other fields": (b"data: a\nid: 1\n: c\ndata: b\n\n", ["a\nb"]),
    "empty data": (b"data\n\ndata:\n\ndata: \n\n", ["", "", ""]),
    "two empty lines of data": (b"data\ndata\n\n", ["\n"]),
    "no data": (b"event: ping\n\nid: 1\n\nretry: 5\n\n", []),
    "comment": (b": hello\n\n", []),
    "comment within an event": (b"data: a\n:data: b\ndata: c\n\n", ["a\nc"]),
    "field names are literal": (b"Data: a\nDATA: b\n data: c\ndata : d\ndata: e\n\n", ["e"]),
    "unterminated at the line": (b"data: a\n\ndata: b", ["a"]),
    "unterminated at the event": (b"data: a\n\ndata: b\n", ["a"]),
    "many blank lines": (b"\n\n\ndata: a\n\n\n\n", ["a"]),
    "nothing": (b"", []),
    "only a mark": (BOM, []),
    "half a mark": (BOM[:2], []),
}


@pytest.mark.parametrize("case", DATA_CASES)
def test_the_data_of_a_stream_is_what_the_standard_says(case: str) -> None:
    """Each rule on lines, fields and dispatch gives the data it asks for."""
    body, expected = DATA_CASES[case]

    assert [event.data for event in decode(body).events] == expected


OTHER_FIELDS = {
    "default type": (b"data: a\n\n", [("a", "message", "")]),
    "named type": (b"event: x\ndata: a\n\n", [("a", "x", "")]),
    "last type wins": (b"event: x\nevent: y\ndata: a\n\n", [("a", "y", "")]),
    "emptied type": (b"event: x\nevent\ndata: a\n\n", [("a", "message", "")]),
    "type lasts one event": (b"event: x\ndata: a\n\ndata: b\n\n", [("a", "x", ""), ("b", "message", "")]),
    "type of a dropped event is gone": (b"event: x\n\ndata: a\n\n", [("a", "message", "")]),
    "id lasts": (b"id: 1\ndata: a\n\ndata: b\n\n", [("a", "message", "1"), ("b", "message", "1")]),
    "id of a dropped event lasts": (b"id: 1\n\ndata: a\n\n", [("a", "message", "1")]),
    "emptied id": (b"id: 1\ndata: a\n\nid\ndata: b\n\n", [("a", "message", "1"), ("b", "message", "")]),
    "id with NULL is ignored": (b"id: 1\nid: 2\x003\ndata: a\n\n", [("a", "message", "1")]),
}


@pytest.mark.parametrize("case", OTHER_FIELDS)
def test_type_and_id_live_as_long_as_the_standard_says(case: str) -> None:
    """The type is the event's own, the id stays until the next one."""
    body, expected = OTHER_FIELDS[case]

    assert _plain(decode(body).events) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"3000", 3000),
        (b"0", 0),
        (b"0007", 7),
        (b"0" * 5000, 0),
        (b"9" * 18, 10**18 - 1),
        (b"9" * 19, None),
        (b"9" * 100_000, None),
        (b"", None),
        (b"-1", None),
        (b"+1", None),
        (b"1_0", None),
        (b" 1", None),
        (b"1.5", None),
        ("٣".encode(), None),
        ("²".encode(), None),
    ],
    ids=lambda value: repr(value)[:12],
)
def test_retry_takes_ascii_digits_only(value: bytes, expected: int | None) -> None:
    """What is not a number that a reader could wait is ignored, and reported."""
    decoded = decode(b"retry: " + value + b"\ndata: a\n\ndata: b\n\n")

    assert [event.retry for event in decoded.events] == [expected, None]
    assert decoded.ending.count(Kind.INVALID_RETRY) == (expected is None)


def _at(kind: Kind, offset: int, line: int, text: str) -> Irregularity:
    return Irregularity(kind=kind, offset=offset, line=line, text=text)


IRREGULAR = {
    "nothing": (b"event: x\nid: 1\nretry: 2\ndata: a\n\n", []),
    "mark": (BOM + b"data: a\n\n", [_at(Kind.BOM, 0, 1, "\ufeff")]),
    "comments": (
        b": ping\n\ndata: a\n:\n\n",
        [_at(Kind.COMMENT, 0, 1, " ping"), _at(Kind.COMMENT, 16, 4, "")],
    ),
    "invalid UTF-8 in data": (b"data: a\xff\xfe\n\n", [_at(Kind.INVALID_UTF8, 7, 1, "ff")]),
    "cut character": (b"data: \xf0\x9f\xa6\n\n", [_at(Kind.INVALID_UTF8, 6, 1, "f0 9f a6")]),
    "invalid UTF-8 in a comment": (
        b"\n:\xc3\n",
        [_at(Kind.INVALID_UTF8, 2, 2, "c3"), _at(Kind.COMMENT, 1, 2, "\ufffd")],
    ),
    "unknown field": (b"data: a\nfoo: b\n\n", [_at(Kind.UNKNOWN_FIELD, 8, 2, "foo: b")]),
    "JSON lines": (
        b'{"a":1}\n',
        [_at(Kind.UNKNOWN_FIELD, 0, 1, '{"a":1}'), _at(Kind.UNTERMINATED_EVENT, 0, 1, "")],
    ),
    "invalid id": (b"id: a\0b\ndata: a\n\n", [_at(Kind.INVALID_ID, 0, 1, "id: a\0b")]),
    "invalid retry": (b"retry: soon\ndata: a\n\n", [_at(Kind.INVALID_RETRY, 0, 1, "retry: soon")]),
    "dropped event": (b"data: a\n\nevent: ping\n\n", [_at(Kind.DROPPED_EVENT, 9, 3, "ping")]),
    "no end of the event": (b"data: [DONE]\n", [_at(Kind.UNTERMINATED_EVENT, 0, 1, "[DONE]")]),
    "no end of the line": (
        b"data: a\n\ndata: b\ndata: c",
        [_at(Kind.UNENDED_LINE, 17, 4, "data: c"), _at(Kind.UNTERMINATED_EVENT, 9, 3, "b\nc")],
    ),
    "no end of a comment": (b":a", [_at(Kind.COMMENT, 0, 1, "a"), _at(Kind.UNENDED_LINE, 0, 1, ":a")]),
    "half a mark": (
        BOM[:2],
        [
            _at(Kind.INVALID_UTF8, 0, 1, "ef bb"),
            _at(Kind.UNKNOWN_FIELD, 0, 1, "\ufffd"),
            _at(Kind.UNENDED_LINE, 0, 1, "\ufffd"),
            _at(Kind.UNTERMINATED_EVENT, 0, 1, ""),
        ],
    ),
}


@pytest.mark.parametrize("case", IRREGULAR)
def test_what_the_standard_drops_or_repairs_is_reported(case: str) -> None:
    """Each irregularity comes with its kind, its byte offset, its line and its text."""
    body, expected = IRREGULAR[case]
    ending = decode(body).ending

    assert list(ending.irregularities) == expected
    assert sum(ending.counts.values()) == len(expected)


def test_the_event_that_the_end_cut_off_is_shown_in_full() -> None:
    """Data, type and the line in the making survive in the ending, and only there."""
    decoded = decode(b"data: a\n\nevent: x\ndata: b\ndata: c\xff")
    cut = decoded.ending.unterminated

    assert [event.data for event in decoded.events] == ["a"]
    assert cut is not None
    assert (cut.data, cut.type, cut.offset, cut.line) == ("b\nc\ufffd", "x", 9, 3)
    assert cut.partial_line == "data: c\ufffd"


def test_an_event_without_data_that_the_end_cut_off_has_none() -> None:
    """No data is told from empty data, a missing blank line from a missing line end."""
    without, empty = decode(b"event: x\n").ending.unterminated, decode(b"data\n").ending.unterminated

    assert without is not None
    assert empty is not None
    assert (without.data, without.partial_line) == (None, "")
    assert (empty.data, empty.partial_line) == ("", "")


@pytest.mark.parametrize(
    ("body", "expected", "mixed"),
    [
        (b"a\nb\n\n", (3, 0, 0), False),
        (b"a\r\nb\r\n\r\n", (0, 3, 0), False),
        (b"a\rb\r\r", (0, 0, 3), False),
        (b"a\n\r\nb\r\r\n\n\rc", (2, 2, 2), True),
        (b"", (0, 0, 0), False),
    ],
)
def test_line_ends_are_counted_by_style(body: bytes, expected: tuple[int, int, int], *, mixed: bool) -> None:
    """A CR LF pair is one line end, neither a CR nor a LF."""
    ends = decode(body).ending.line_ends

    assert (ends.lf, ends.crlf, ends.cr) == expected
    assert ends.mixed == mixed


def test_idle_blank_lines_are_counted() -> None:
    """Blank lines that close no event are what some servers keep a connection alive with."""
    assert decode(b"\n\ndata: a\n\n\n: c\n\n").ending.idle_blank_lines == 4


def test_a_closed_decoder_ends_the_same_and_takes_no_more() -> None:
    """Closing twice is harmless, feeding afterwards is our own bug."""
    decoder = Decoder()
    decoder.feed(b"data: a")
    ending = decoder.close()

    assert decoder.close() is ending
    with pytest.raises(HarnessError):
        decoder.feed(b"\n")


# --- hostile sizes ---


def _seconds(work: Callable[[], object]) -> float:
    def once() -> float:
        start = time.process_time()
        work()
        return time.process_time() - start

    return min(once() for _ in range(3))


LONG, SHORT = 1 << 20, 1 << 16


@pytest.mark.parametrize(
    ("size", "make"),
    [
        (LONG, lambda size: [b"data: ", *[b"x" * 16] * (size // 16), b"\n\n"]),
        (LONG, lambda size: [b"data: " + b"x" * size + b"\n\n"]),
        (LONG, lambda size: [b"id: " + b"\xff" * size + b"\n"]),
        (SHORT, lambda size: [b"data\n" * (size // 5) + b"\n"]),
        (SHORT, lambda size: [b"data: a\n\n" * (size // 9)]),
        (SHORT, lambda size: [b"\r" * size]),
        (SHORT, lambda size: [b": \xff\n" * (size // 4)]),
    ],
    ids=["long line in pieces", "long line", "invalid", "data lines", "events", "CRs", "comments"],
)
def test_time_grows_with_the_stream_not_with_its_square(
    size: int, make: Callable[[int], list[bytes]]
) -> None:
    """Eight times the stream takes far less than sixty-four times the time."""
    small, large = make(size // 8), make(size)

    assert _seconds(lambda: _in_pieces(large)) < 32 * max(_seconds(lambda: _in_pieces(small)), 1e-4)


def _peak(body: bytes) -> int:
    tracemalloc.start()
    try:
        decode(body)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_long_line_costs_a_few_copies_of_itself() -> None:
    """Eight megabytes in one line never take more than five times that."""
    assert _peak(b"data: " + b"x" * (8 << 20) + b"\n\n") < 5 * (8 << 20)


@pytest.mark.parametrize("lines", [b":\n", b"\n", b"foo\n"], ids=["comments", "blank", "unknown"])
def test_lines_that_make_no_event_cost_a_constant(lines: bytes) -> None:
    """Twice as many lines that the standard ignores take no more memory."""
    once, twice = (_peak(lines * times) for times in (1 << 15, 1 << 16))

    assert twice < 1.2 * once


def test_only_the_first_irregularities_of_a_kind_are_kept_and_all_are_counted() -> None:
    """Of a thousand comments a hundred are kept, cut to two hundred characters."""
    ending = decode((b":" + b"x" * 300 + b"\n") * 1000 + b"foo\n").ending

    assert (len(ending.comments), ending.count(Kind.COMMENT)) == (100, 1000)
    assert {len(comment) for comment in ending.comments} == {200}
    assert [each.offset for each in ending.of(Kind.UNKNOWN_FIELD)] == [302_000]
