"""Raw event streams, such as `curl -N` prints or a proxy keeps, each as the answer to a request nobody kept.

Such a file says what was streamed and nothing else, but for the head of the response where `curl -i`
printed it. That it answers a chat request with 200 is what its owner says by giving it to us; what was asked,
when, and with which headers it came are not made up, so that no rule about them passes or fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from chatconform.traffic.met import PIECE_LIMIT, Described, Heard, Met, Place, Unjudged
from chatconform.traffic.scanning import Reader
from chatconform.wire.exchange import EVENT_STREAM, Exchange, Headers, Request, Response

UNDATED = "an event stream in a file does not tell when it was sent"
UNPOOLED = "an event stream in a file does not tell which connection it came over"
NO_REQUEST = "an event stream in a file does not tell what was asked"
NO_HEAD = "an event stream in a file does not tell with which status and headers it came"
_URL = "http:///chat/completions"
_STATUS_LINE = re.compile(rb"HTTP/\d(?:\.\d)? (\d{3})(?: ([^\r\n]*))?\r?\n")
_FIELD = re.compile(rb"([^\s:]+):[ \t]*([^\r\n]*?)[ \t]*\r?\n")
_END = re.compile(rb"\r?\n")


def read_transcript(file: Path, source: Reader) -> Iterator[Met]:
    """What is met in a file that holds one event stream."""
    pieces: list[bytes] = []
    size = 0
    while size <= PIECE_LIMIT and (piece := source.read(PIECE_LIMIT + 1 - size)):
        pieces.append(piece)
        size += len(piece)
    yield Described(lacks=frozenset())
    if size > PIECE_LIMIT:
        reason = f"the event stream is larger than {PIECE_LIMIT >> 20} MB"
        yield Unjudged(where=Place(file=file), reason=reason)
    else:
        yield Heard(exchange=exchange_of(b"".join(pieces), name=file.name), where=Place(file=file))


def exchange_of(raw: bytes, *, name: str) -> Exchange:
    """The exchange of which this was recorded: an event stream, with or without the head of its response."""
    return Exchange(
        id=name,
        scenario="",
        path="",
        attempt=1,
        step="",
        request=Request(
            method="POST", url=_URL, headers=(), body=b"", withheld=NO_REQUEST, head_withheld=NO_REQUEST
        ),
        response=_with_head(raw) or _response(200, "", ((("content-type", EVENT_STREAM)),), raw, NO_HEAD),
        failure=None,
        started=0.0,
        elapsed=0.0,
        undated=UNDATED,
        unpooled=UNPOOLED,
    )


def _with_head(raw: bytes) -> Response | None:
    """The response whose head stands before its body; where several do (100, a proxy's), the last."""
    found: Response | None = None
    while line := _STATUS_LINE.match(raw):
        headers: list[tuple[str, str]] = []
        at = line.end()
        while field := _FIELD.match(raw, at):
            headers.append((field[1].decode("latin-1"), field[2].decode("latin-1")))
            at = field.end()
        end = _END.match(raw, at)
        if end is None:
            break
        raw = raw[end.end() :]
        found = _response(int(line[1]), (line[2] or b"").decode("latin-1"), tuple(headers), raw, "")
    return found


def _response(status: int, reason: str, headers: Headers, raw: bytes, withheld: str) -> Response:
    return Response(
        status=status,
        reason=reason,
        headers=headers,
        raw=raw,
        arrivals=(),
        headers_at=0.0,
        # `curl --compressed` prints what it has decoded, and without it none is asked for.
        decoded=True,
        head_withheld=withheld,
    )
