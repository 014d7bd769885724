"""Any bytes, cut anywhere, mean to the decoder what they mean to the standard and to other decoders."""

import re
from collections.abc import Callable, Iterable

import httpx2
from hypothesis import example, given
from hypothesis import strategies as st
from openai._streaming import SSEDecoder

from chatconform.wire.sse import Decoded, Decoder, Event, Kind, decode

BOM = b"\xef\xbb\xbf"


def _in_pieces(pieces: Iterable[bytes]) -> Decoded:
    decoder = Decoder()
    events = [event for piece in pieces for event in decoder.feed(piece)]
    return Decoded(events=tuple(events), ending=decoder.close())


def _plain(events: Iterable[Event]) -> list[tuple[str, str, str]]:
    return [(event.data, event.type, event.last_event_id) for event in events]


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
