"""How the chunks of a stream begin and end."""

from __future__ import annotations

import copy
from typing import Any, ClassVar

from chatconform.reference_server.model import ChatRequest, prompt_tokens
from chatconform.reference_server.seams import Asked, Chunks
from chatconform.reference_server.variants.documents import asks_usage, chunks_in, deltas_in
from chatconform.reference_server.variants.framing import STREAMS
from chatconform.reference_server.variants.variant import Variant
from chatconform.wire.exchange import Exchange

GENERATED = ("content", "refusal", "tool_calls", "function_call")


class LongOpening(Variant):
    """Before any content come a chunk of a filter's annotations, a role, an empty text, an empty delta."""

    async def chunks(self, chunks: Chunks, asked: Asked) -> Chunks:
        begun: set[int] = set()
        async for chunk in chunks:
            if not begun and chunk.get("choices"):
                yield {**chunk, "choices": [], "prompt_filter_results": [{"prompt_index": 0}]}
            for choice in chunk.get("choices", ()):
                if choice["index"] not in begun:
                    begun.add(choice["index"])
                    for delta in ({"role": "assistant"}, {"content": ""}, {}):
                        yield _with_choice(chunk, choice, delta)
                    choice["delta"].pop("role", None)
            yield chunk

    def shows(self, exchange: Exchange) -> bool:
        return any("prompt_filter_results" in chunk for chunk in chunks_in(exchange))


class MergedEnds(Variant):
    """The role comes with the first text, the finish reason with the last; choices share a chunk."""

    areas: ClassVar[tuple[str, ...]] = ("TOOLS", "TALK", *STREAMS)

    async def chunks(self, chunks: Chunks, asked: Asked) -> Chunks:
        held: dict[str, Any] | None = None
        async for chunk in chunks:
            if held is not None and not _merge(held, chunk):
                yield held
                held = None
            held = copy.deepcopy(chunk) if held is None else held
        if held is not None:
            yield held

    def shows(self, exchange: Exchange) -> bool:
        first = next(iter(deltas_in(exchange)), {})
        return bool(first.get("role") and first.get("content"))


def _merge(held: dict[str, Any], chunk: dict[str, Any]) -> bool:
    """Add a chunk to the one before where that joins an opening, an end or two choices; say if it did."""
    if not held.get("choices") or not chunk.get("choices"):
        return False
    last, new = held["choices"][-1], chunk["choices"][0]
    if last["index"] != new["index"]:
        known = {choice["index"] for choice in held["choices"]}
        if new["index"] in known:
            return False
        held["choices"].append(copy.deepcopy(new))
        return True
    opens = "role" in last["delta"] and not any(last["delta"].get(name) for name in GENERATED)
    ends = new["finish_reason"] is not None and not new["delta"]
    if not (opens or ends) or (last.get("logprobs") and new.get("logprobs")):
        return False
    last["delta"] |= {name: value for name, value in new["delta"].items() if value is not None}
    last["logprobs"] = last.get("logprobs") or new.get("logprobs")
    last["finish_reason"] = new["finish_reason"]
    return True


class CountingAloud(Variant):
    """Where usage was asked for, every chunk carries what has been used so far."""

    areas: ClassVar[tuple[str, ...]] = STREAMS

    async def chunks(self, chunks: Chunks, asked: Asked) -> Chunks:
        prompt = prompt_tokens(ChatRequest.from_body(asked.body)) if asks_usage(asked.body) else 0
        spoken = 0
        async for chunk in chunks:
            if prompt and chunk.get("choices"):
                spoken += any(choice["delta"].get("content") for choice in chunk["choices"])
                counts = {"prompt_tokens": prompt, "completion_tokens": spoken}
                chunk["usage"] = {**counts, "total_tokens": prompt + spoken}
            yield chunk

    def shows(self, exchange: Exchange) -> bool:
        return sum(bool(chunk.get("usage")) for chunk in chunks_in(exchange)) > 3


def _with_choice(chunk: dict[str, Any], choice: dict[str, Any], delta: dict[str, Any]) -> dict[str, Any]:
    return {
        **chunk,
        "choices": [{"index": choice["index"], "delta": delta, "logprobs": None, "finish_reason": None}],
    }


ALL: tuple[Variant, ...] = (LongOpening(), MergedEnds(), CountingAloud())
