"""The event-stream decoder follows the standard to the letter and hides nothing that the standard drops."""

import re
import time
import tracemalloc
from collections.abc import Callable, Iterable

import httpx2
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from openai._streaming import SSEDecoder

from chatconform.errors import HarnessError
from chatconform.sse import Decoded, Decoder, Event, Irregularity, Kind, decode

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
    """Blank lines that close no event are keep-alives of some servers."""
    assert decode(b"\n\ndata: a\n\n\n: c\n\n").ending.idle_blank_lines == 4


def test_a_closed_decoder_ends_the_same_and_takes_no_more() -> None:
    """Closing twice is harmless, feeding afterwards is our own bug."""
    decoder = Decoder()
    decoder.feed(b"data: a")
    ending = decoder.close()

    assert decoder.close() is ending
    with pytest.raises(HarnessError):
        decoder.feed(b"\n")


# --- any bytes, cut anywhere ---

ATOMS = [
    *(b"data", b"event", b"id", b"retry", b"foo", b"data: ", b"data: {}\n\n", b"7", b":", b" ", b"\0"),
    *(b"\n", b"\r", b"\r\n", b"\n\n", BOM, BOM[:1], BOM[1:], b"\xff", b"\xe2\x82", b"\xed\xa0\x80"),
    *("é€🦀".encode(), b"\xf4\x90", b"\xc0\xaf", "\x85\u2028".encode()),
]
streams = st.lists(st.sampled_from(ATOMS) | st.binary(max_size=4), max_size=30).map(b"".join)


@st.composite
def cut_streams(draw: st.DrawFn) -> tuple[bytes, list[bytes]]:
    body = draw(streams)
    cuts = sorted(draw(st.lists(st.integers(0, len(body)), max_size=8)))
    return body, [body[start:end] for start, end in zip([0, *cuts], [*cuts, len(body)], strict=True)]


@given(cut_streams())
@example((b"a\r\n\r\n", [b"a\r", b"", b"\n\r", b"\n"]))
@example((BOM + b"data: a\n\n", [b"", BOM[:1], BOM[1:2], b"", BOM[2:] + b"data: a\n\n"]))
def test_the_cuts_of_the_network_change_nothing(cut: tuple[bytes, list[bytes]]) -> None:
    """Any stream split anywhere gives the same events and the same ending as fed whole."""
    body, pieces = cut

    assert _in_pieces(pieces) == decode(body)


@given(streams)
def test_an_event_is_there_with_the_byte_that_completes_it(body: bytes) -> None:
    """Fed byte by byte, each event comes out at its `end`, neither earlier nor later."""
    decoder = Decoder()
    arrived = [(at + 1, event) for at in range(len(body)) for event in decoder.feed(body[at : at + 1])]

    assert [event.end for _, event in arrived] == [at for at, _ in arrived]


@given(streams)
def test_offsets_point_at_the_wire_form_of_the_event(body: bytes) -> None:
    """The slice from offset to end decodes to the event itself, and its line number is the right one."""
    last_end = 0
    for event in decode(body).events:
        (again,) = decode(b"\n" + body[event.offset : event.end]).events
        before = body[: event.offset]

        assert (again.data, again.type, again.retry) == (event.data, event.type, event.retry)
        assert event.line == 1 + len(re.findall(rb"\r\n|\r|\n", before))
        assert last_end <= event.offset < event.end <= len(body)
        last_end = event.end


def _utf8_decode(data: bytes) -> str:
    """UTF-8 decode of the Encoding standard (4.x, "UTF-8 decoder"), written from its steps."""
    out, at = [], 3 if data.startswith(BOM) else 0
    point = needed = 0
    lower, upper = 0x80, 0xBF
    while at < len(data):
        byte = data[at]
        at += 1
        if needed:
            if not lower <= byte <= upper:
                out.append("\ufffd")
                at -= 1
                needed, lower, upper = 0, 0x80, 0xBF
                continue
            lower, upper = 0x80, 0xBF
            point, needed = (point << 6) | (byte & 0x3F), needed - 1
            if not needed:
                out.append(chr(point))
        elif byte <= 0x7F:
            out.append(chr(byte))
        elif 0xC2 <= byte <= 0xDF:
            needed, point = 1, byte & 0x1F
        elif 0xE0 <= byte <= 0xEF:
            lower, upper = (0xA0 if byte == 0xE0 else 0x80), (0x9F if byte == 0xED else 0xBF)
            needed, point = 2, byte & 0xF
        elif 0xF0 <= byte <= 0xF4:
            lower, upper = (0x90 if byte == 0xF0 else 0x80), (0x8F if byte == 0xF4 else 0xBF)
            needed, point = 3, byte & 0x7
        else:
            out.append("\ufffd")
    return "".join(out) + ("\ufffd" if needed else "")


def _interpret(body: bytes) -> list[tuple[str, str, str]]:
    """9.2.6 of the HTML standard, written from its steps with no thought for speed."""
    events, data, kind, last_id = [], "", "", ""
    for line in re.split("\r\n|\n|\r", _utf8_decode(body))[:-1]:
        if line == "":
            if data != "":
                events.append((data.removesuffix("\n"), kind or "message", last_id))
            data = kind = ""
            continue
        if line.startswith(":"):
            continue
        name, value = line.split(":", 1) if ":" in line else (line, "")
        value = value.removeprefix(" ")
        if name == "data":
            data += value + "\n"
        elif name == "event":
            kind = value
        elif name == "id" and "\0" not in value:
            last_id = value
    return events


@given(streams | st.binary())
def test_any_bytes_mean_what_the_steps_of_the_standard_make_of_them(body: bytes) -> None:
    """The decoder agrees with a slow transcription of the standard on everything."""
    assert _plain(decode(body).events) == _interpret(body)


# --- round trip, and the decoders of others ---

line_text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0"), max_size=12)
data_text = st.lists(line_text, min_size=1, max_size=3).map("\n".join)
ordinary_events = st.lists(st.tuples(data_text, line_text, line_text.filter(bool)), max_size=6)


def _encode(events: list[tuple[str, str, str]], draw: Callable[..., str], *, comments: bool = True) -> bytes:
    """Write events down in any legal framing."""
    out: list[str] = []

    def line(name: str, value: str) -> None:
        space = " " if value.startswith(" ") else draw(["", " "])
        bare = name if value == "" and draw(["", "bare"]) else f"{name}:{space}{value}"
        out.append(bare + draw(["\n", "\r", "\r\n"]))

    for data, kind, last_id in events:
        if comments and draw(["", "comment"]):
            out.append(f": {kind}" + draw(["\n", "\r\n"]))
        line("event", kind)
        line("id", last_id)
        for each in data.split("\n"):
            line("data", each)
        # A lone CR before a lone LF would be one line end of two characters.
        out.append("\r\n" if out[-1].endswith("\r") else draw(["\n", "\r", "\r\n"]))
        if out[-1] == "\r":
            out.append(draw(["\r\n", ": c\n"]))
    return "".join(out).encode()


@given(ordinary_events, st.data())
def test_events_in_any_legal_framing_decode_to_themselves(
    events: list[tuple[str, str, str]], data: st.DataObject
) -> None:
    """Line ends, the optional space, comments and lines of data are framing, not content."""
    body = _encode(events, lambda options: data.draw(st.sampled_from(options)))
    decoded = decode(body)

    assert _plain(decoded.events) == [(text, kind or "message", last) for text, kind, last in events]
    assert decoded.ending.unterminated is None
    assert set(decoded.ending.counts) <= {Kind.COMMENT}


@given(ordinary_events, st.data())
def test_the_decoder_of_httpx2_reads_the_same(
    events: list[tuple[str, str, str]], data: st.DataObject
) -> None:
    """An independent implementation agrees on every well-formed stream whose events have data."""
    body = _encode(events, lambda options: data.draw(st.sampled_from(options)))
    headers = {"content-type": "text/event-stream"}
    request = httpx2.Request("POST", "http://localhost/")
    source = httpx2.EventSource(httpx2.Response(200, headers=headers, content=body, request=request))

    assert _plain(decode(body).events) == [(each.data, each.event, each.id) for each in source]


@given(st.lists(st.tuples(data_text.filter(bool), st.just(""), st.just("")), max_size=6), st.data())
def test_the_decoder_of_the_official_client_reads_the_same(
    events: list[tuple[str, str, str]], data: st.DataObject
) -> None:
    """The openai client agrees on data-only streams, which is what chat completions are."""
    body = _encode(events, lambda options: data.draw(st.sampled_from(options)))
    theirs = [each.data for each in SSEDecoder().iter_bytes(iter([body])) if each.data]

    assert [event.data for event in decode(body).events if event.data] == theirs


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
