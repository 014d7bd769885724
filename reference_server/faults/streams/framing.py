"""Faults in how a stream is written down: its media type, its status, its lines."""

from __future__ import annotations

from collections.abc import Callable

import orjson

from chatconform.reference_server.faults.alterations.bytewise import each_piece
from chatconform.reference_server.faults.alterations.making import (
    dropping,
    head,
    is_completion,
    lines,
    refusal,
    request_body,
)
from chatconform.reference_server.faults.alterations.paths import When, asks_plainly, is_streamed
from chatconform.reference_server.faults.alterations.reach import WHOLE_ANSWER, WHOLE_EXCHANGE
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.refusal import Refusal
from chatconform.reference_server.seams import Alteration, Asked, Document, Head

fault = family(Aspect.FRAMING)
_NO_DONE = {"CC-STREAM-003": "the terminator cannot be told from the rest"}
_NO_STREAM = {"CC-HTTP-003": "there is no stream, whatever is accepted"}
_NO_TYPE = {**_NO_STREAM, "CC-HTTP-014": "a body has no type"}
_FAILS_PLAIN = {"CC-ERR-007": "a generation that fails answers 500, as nothing was sent before"}


def _of_streams(change: Callable[[int, Head], tuple[int, Head]], when: When = is_streamed) -> Alteration:
    def edit(status: int, headers: Head, document: Document) -> tuple[int, Head]:
        return change(status, headers) if document is None and status == 200 else (status, headers)

    return head(edit, when)


def _labelled(media_type: str) -> Alteration:
    def change(status: int, headers: Head) -> tuple[int, Head]:
        kept = tuple(pair for pair in headers if pair[0] != "content-type")
        return status, (*kept, *((("content-type", media_type),) if media_type else ()))

    return _of_streams(change)


def _called_a_stream(status: int, headers: Head, document: Document) -> tuple[int, Head]:
    if not is_completion(document):
        return status, headers
    kept = tuple(pair for pair in headers if pair[0] != "content-type")
    return status, (*kept, ("content-type", "text/event-stream"))


def _indented(written: tuple[str, ...]) -> tuple[str, ...]:
    data = written[0].removeprefix("data: ")
    if not data.startswith("{"):
        return written
    first, *others = orjson.dumps(orjson.loads(data), option=orjson.OPT_INDENT_2).decode().split("\n")
    return (f"data: {first}", *others)


def _unlimited(asked: Asked) -> Refusal | None:
    limited = "max_tokens" in asked.body or "max_completion_tokens" in asked.body
    return (
        None
        if limited or not asked.body.get("messages")
        else Refusal(400, "Field required.", param="max_tokens")
    )


def _bare(piece: bytes) -> bytes:
    return piece.replace(b"data: ", b"", 1) if piece.startswith(b"data: {") else piece


ALL: tuple[Fault, ...] = (
    *(
        fault(
            f"stream-labelled-{word}",
            f"Streams are labelled {told}.",
            _labelled(media_type),
            kills="CC-STREAM-001",
            collateral=_NO_STREAM if media_type else _NO_TYPE,
            also=WHOLE_ANSWER,
            seen_in=seen_in,
        )
        for word, told, media_type, seen_in in (
            ("json", "application/json", "application/json", "microsoft/foundry-dev-tools#195"),
            ("json-lines", "application/x-ndjson", "application/x-ndjson", "ollama/ollama#8991"),
            ("plain-text", "text/plain", "text/plain; charset=utf-8", ()),
            ("nothing", "as nothing at all", "", "nearai/private-ml-sdk#20"),
        )
    ),
    fault(
        "stream-labelled-latin-1",
        "The label of streams names the charset iso-8859-1.",
        _labelled("text/event-stream; charset=iso-8859-1"),
        kills="CC-STREAM-001",
        collateral={"CC-HTTP-014": "the charset of every body is judged"},
    ),
    fault(
        "stream-status-201",
        "Streams have the status 201.",
        _of_streams(lambda _, headers: (201, headers), asks_plainly),
        kills="CC-STREAM-001",
        collateral=_NO_STREAM,
        also=WHOLE_ANSWER,
    ),
    fault(
        "stream-ignored",
        "A request for a stream is answered with a completion.",
        request_body(dropping("stream", "stream_options"), is_streamed),
        kills="CC-STREAM-001",
        collateral={**_NO_STREAM, **_FAILS_PLAIN},
        also=WHOLE_EXCHANGE,
    ),
    fault(
        "stream-without-limit-refused",
        "A request for a stream is refused where it has no limit.",
        refusal(_unlimited, is_streamed),
        kills="CC-STREAM-001@streamed",
        also=WHOLE_EXCHANGE,
    ),
    fault(
        "completion-labelled-as-stream",
        "A request for a stream is answered with a completion that is labelled as an event stream.",
        request_body(dropping("stream", "stream_options"), is_streamed),
        head(_called_a_stream, is_streamed),
        kills="CC-STREAM-002 CC-STREAM-003",
        collateral=_FAILS_PLAIN,
        also=WHOLE_EXCHANGE,
    ),
    fault(
        "events-after-one-newline",
        "Events are separated by one newline instead of a blank line.",
        each_piece(lambda piece: piece if b"[DONE]" in piece else piece.replace(b"\n\n", b"\n")),
        kills="CC-STREAM-002",
        collateral=_NO_DONE,
        also=WHOLE_ANSWER,
    ),
    fault(
        "stream-without-blank-lines",
        "A stream has no blank line at all.",
        each_piece(lambda piece: piece.replace(b"\n\n", b"\n")),
        kills="CC-STREAM-002",
        collateral=_NO_DONE,
        also=WHOLE_ANSWER,
    ),
    fault(
        "json-lines",
        "Chunks come as JSON lines, without `data:`, in what is labelled as an event stream.",
        each_piece(lambda piece: piece.replace(b"data: ", b"")),
        kills="CC-STREAM-002",
        collateral=_NO_DONE,
        also=WHOLE_ANSWER,
        seen_in="huggingface/chat-ui#1744",
    ),
    fault(
        "json-lines-and-done",
        "Chunks come as JSON lines, without `data:`; only the terminator has it.",
        each_piece(_bare),
        kills="CC-STREAM-002",
        collateral=_NO_DONE,
        also=WHOLE_ANSWER,
    ),
    fault(
        "field-name-upper-case",
        "The lines of data begin with `Data:`.",
        each_piece(lambda piece: piece.replace(b"data: ", b"Data: ")),
        kills="CC-STREAM-002",
        collateral={**_NO_DONE, "CC-STREAM-011": "no chunk comes"},
        also=WHOLE_ANSWER,
    ),
    fault(
        "json-over-several-lines",
        "The JSON of a chunk is indented, and only its first line begins with `data:`.",
        lines(_indented),
        kills="CC-STREAM-002",
        collateral={**_NO_DONE, "CC-STREAM-011": "no chunk comes"},
        also=WHOLE_ANSWER,
    ),
    fault(
        "event-named-chunk",
        "Every chunk has a line `event: chunk`.",
        lines(lambda written: ("event: chunk", *written)),
        kills="CC-STREAM-017",
    ),
    fault(
        "event-named-done",
        "The terminator has a line `event: done`.",
        lines(lambda written: ("event: done", *written) if "[DONE]" in written[0] else written),
        kills="CC-STREAM-017",
    ),
)
