"""Faults in how a stream travels: collected, measured, badly compressed, not in HTTP."""

from __future__ import annotations

import re
import zlib
from asyncio import sleep
from collections.abc import Callable, Iterator
from typing import Any

import orjson

from chatconform.reference_server.faults.alterations.bytewise import TERMINATOR
from chatconform.reference_server.faults.alterations.making import (
    dropping,
    head,
    is_completion,
    packets,
    reply,
    request_body,
)
from chatconform.reference_server.faults.alterations.paths import asks_plainly, is_streamed, takes_gzip
from chatconform.reference_server.faults.alterations.reach import WHOLE_ANSWER, WHOLE_EXCHANGE
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.seams import Alteration, Asked, Bytes, Document, Head, Response

fault = family(Aspect.TIME, Aspect.CONNECTION, Aspect.HEADERS)
# What each event of a model takes that is slow enough for its reader to notice.
_SECONDS = 0.1
_MANY = 22
_MOST_SECONDS = 2.6
_GZIP = zlib.MAX_WBITS | 16


async def _collected(pieces: Bytes) -> Bytes:
    """Everything at once, when a slow model has written all of it."""
    kept = [piece async for piece in pieces]
    if len(kept) > _MANY:
        await sleep(min(_SECONDS * len(kept), _MOST_SECONDS))
    yield b"".join(kept)


def _plain_stream(asked: Asked) -> bool:
    return is_streamed(asked) and asks_plainly(asked)


def _with_headers(*added: tuple[str, str]) -> Callable[[int, Head, Document], tuple[int, Head]]:
    def change(status: int, headers: Head, document: Document) -> tuple[int, Head]:
        return status, (*headers, *added) if document is None and status == 200 else headers

    return change


def _coded(name: str) -> Alteration:
    return head(_with_headers(("content-encoding", name)), takes_gzip)


def _packed(*, cut: int = 0, wbits: int = _GZIP) -> Alteration:
    async def change(pieces: Bytes) -> Bytes:
        packer = zlib.compressobj(wbits=wbits)
        async for piece in pieces:
            yield packer.compress(piece) + packer.flush(zlib.Z_SYNC_FLUSH)
        end = packer.flush()
        yield end[: len(end) - cut]

    return packets(change, takes_gzip)


async def _collected_and_packed(pieces: Bytes) -> Bytes:
    packer = zlib.compressobj(wbits=_GZIP)
    async for piece in _collected(pieces):
        yield packer.compress(piece) + packer.flush()


def _cut_into_chunks(response: Response, asked: Asked) -> Response:
    if not is_completion(response.document):
        return response
    data = [orjson.dumps(each).decode() for each in _chunks(response.document, asked)]
    content = "".join(f"data: {each}\n\n" for each in (*data, TERMINATOR)).encode()
    kept = tuple(pair for pair in response.headers if pair[0] != "content-type")
    return Response(status=200, headers=(*kept, ("content-type", "text/event-stream")), content=content)


def _chunks(document: Any, asked: Asked) -> Iterator[Any]:
    usage = document.pop("usage")
    frame = {**document, "object": "chat.completion.chunk"}
    for choice in document["choices"]:
        for delta, reason in _deltas(choice["message"], choice["finish_reason"]):
            part = {"index": choice["index"], "delta": delta, "logprobs": None, "finish_reason": reason}
            yield {**frame, "choices": [part]}
    if (asked.body.get("stream_options") or {}).get("include_usage"):
        yield {**frame, "choices": [], "usage": usage}


def _deltas(message: Any, reason: str) -> Iterator[tuple[Any, str | None]]:
    yield {"role": "assistant"}, None
    for piece in re.findall(r"\s*\S+\s*$|\s*\S+", message.get("content") or ""):
        yield {"content": piece}, None
    for index, call in enumerate(message.get("tool_calls") or ()):
        yield {"tool_calls": [{"index": index, **call}]}, None
    told = {name: message[name] for name in ("refusal", "function_call") if message.get(name)}
    yield told, reason


ALL: tuple[Fault, ...] = (
    fault(
        "stream-collected",
        "All chunks are collected and written at once.",
        packets(_collected, is_streamed),
        kills="CC-STREAM-018",
        seen_in=("BerriAI/litellm#29557", "langgenius/dify#41755"),
    ),
    fault(
        "compressed-stream-collected",
        "A stream is collected where it is compressed.",
        _coded("gzip"),
        packets(_collected_and_packed, takes_gzip),
        kills="CC-STREAM-018",
        also=(Aspect.FRAMING,),
        seen_in="lfnovo/open-notebook#750",
    ),
    fault(
        "stream-of-a-whole-answer",
        "A plain answer is cut into chunks when it is whole, and sent with its Content-Length.",
        request_body(dropping("stream", "stream_options"), _plain_stream),
        reply(_cut_into_chunks, _plain_stream),
        kills="CC-STREAM-018",
        collateral={"CC-ERR-007": "a generation that fails answers 500, as nothing was sent before"},
        also=WHOLE_EXCHANGE,
    ),
    fault(
        "gzip-without-trailer",
        "The gzip trailer of a compressed stream is missing.",
        _coded("gzip"),
        _packed(cut=8),
        kills="CC-STREAM-031",
        also=(Aspect.FRAMING,),
    ),
    fault(
        "gzip-in-name-only",
        "A stream says that it is compressed, and is not.",
        _coded("gzip"),
        kills="CC-STREAM-031",
        also=(*WHOLE_ANSWER, Aspect.FRAMING),
    ),
    fault(
        "deflate-called-gzip",
        "A stream that is compressed with deflate says that it is gzip.",
        _coded("gzip"),
        _packed(wbits=zlib.MAX_WBITS),
        kills="CC-STREAM-031",
        also=(*WHOLE_ANSWER, Aspect.FRAMING),
    ),
    fault(
        "compressed-with-what-nobody-asked-for",
        "A stream is compressed with deflate where gzip was asked for.",
        _coded("deflate"),
        _packed(wbits=zlib.MAX_WBITS),
        kills="CC-STREAM-031",
        also=(Aspect.FRAMING,),
    ),
    fault(
        "stream-of-two-lengths",
        "Streams have both `Content-Length` and `Transfer-Encoding: chunked`.",
        head(_with_headers(("transfer-encoding", "chunked"), ("content-length", "4096")), _plain_stream),
        kills="CC-STREAM-036",
        also=WHOLE_EXCHANGE,
    ),
)
