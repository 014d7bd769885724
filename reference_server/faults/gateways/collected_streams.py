"""Gateways that ask their upstream for a plain answer, and make a stream of it once it has come."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from chatconform.reference_server.faults.alterations.asks import both as all_of
from chatconform.reference_server.faults.alterations.forwarding import is_forwarded
from chatconform.reference_server.faults.alterations.making import (
    broken_off,
    dropping,
    events,
    forwarded,
    reply,
)
from chatconform.reference_server.faults.alterations.paths import is_streamed
from chatconform.reference_server.faults.alterations.responses import both, json, status, typed
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.refusal import error_document
from chatconform.reference_server.seams import Alterations, Asked, Response, Texts
from chatconform.reference_server.writing import in_turn
from chatconform.wire.stream import DONE

fault = family(Aspect.UPSTREAM, Aspect.CHUNKS, Aspect.TIME, Aspect.FRAMING)


def _chunks(document: Any, asked: Asked) -> Iterator[Any]:
    head = {
        **{name: document[name] for name in ("id", "created", "model")},
        "object": "chat.completion.chunk",
    }
    for choice in document["choices"]:
        message = choice["message"]
        calls = [{"index": place, **call} for place, call in enumerate(message.get("tool_calls") or ())]
        delta = {**message, **({"tool_calls": calls} if calls else {})}
        yield {**head, "choices": [{**_of(choice), "delta": delta, "finish_reason": None}]}
        yield {**head, "choices": [{**_of(choice), "delta": {}, "logprobs": None}]}
    if (asked.body.get("stream_options") or {}).get("include_usage"):
        yield {**head, "choices": [], "usage": document["usage"]}


def _of(choice: Any) -> Any:
    return {name: value for name, value in choice.items() if name != "message"}


def _as_stream(response: Response, asked: Asked) -> Response:
    if response.status != 200 or response.document is None:
        return response
    chunks = in_turn(list(_chunks(response.document, asked)))
    return replace(typed("text/event-stream")(response), document=None, chunks=chunks)


async def _terminated(texts: Texts) -> Texts:
    async for each in texts:
        yield each
    yield DONE


def _collected(when_it_breaks_off: int) -> Alterations:
    told = error_document("The upstream did not answer in time.", kind="timeout")
    when = all_of(is_forwarded, is_streamed)
    return (
        forwarded(dropping("stream", "stream_options"), when),
        reply(_as_stream, when),
        events(_terminated, when),
        broken_off(both(status(when_it_breaks_off), json(told)), when),
    )


ALL: tuple[Fault, ...] = tuple(
    fault(
        f"gateway-stall-answers-{code}",
        f"Streams are collected, and one whose upstream fell silent is answered {code}.",
        *_collected(code),
        kills="CC-GATE-010",
    )
    for code in (400, 408)
)
