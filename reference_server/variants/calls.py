"""Tool calls in other pieces, and ids of other forms."""

from __future__ import annotations

import copy
import secrets
import uuid
from itertools import count
from typing import Any, ClassVar

from chatconform.reference_server.seams import Asked, Chunks, Document
from chatconform.reference_server.variants.documents import completion_in, deltas_in, is_completion
from chatconform.reference_server.variants.variant import Variant
from chatconform.wire.exchange import Exchange

AREAS = ("TOOLS", "CHOICE", "TALK")


class WholeCalls(Variant):
    """A streamed tool call comes in one piece, with its arguments."""

    areas: ClassVar[tuple[str, ...]] = AREAS
    silences: ClassVar[dict[str, str]] = {
        "CC-TOOLS-008": "a call in one fragment shows nothing of where id and name are repeated"
    }

    async def chunks(self, chunks: Chunks, asked: Asked) -> Chunks:
        held: dict[str, Any] | None = None
        async for chunk in chunks:
            if held is not None and _continues(held, chunk):
                continue
            if held is not None:
                yield held
            held = None
            if _calls(chunk):
                held = copy.deepcopy(chunk)
            else:
                yield chunk
        if held is not None:
            yield held

    def shows(self, exchange: Exchange) -> bool:
        calls = [call for delta in deltas_in(exchange) for call in delta.get("tool_calls") or ()]
        return any(call.get("id") and call.get("function", {}).get("arguments") for call in calls)


def _calls(chunk: dict[str, Any]) -> list[dict[str, Any]]:
    choices = chunk.get("choices", ())
    return (choices[0]["delta"].get("tool_calls") or []) if len(choices) == 1 else []


def _continues(held: dict[str, Any], chunk: dict[str, Any]) -> bool:
    """Add the fragments of a chunk to the calls that are held, if it has only fragments of those."""
    calls = {call["index"]: call for call in _calls(held)}
    new = _calls(chunk)
    same_choice = bool(new) and chunk["choices"][0]["index"] == held["choices"][0]["index"]
    if not same_choice or any(call["index"] not in calls or call.get("id") for call in new):
        return False
    for call in new:
        for kind, member in (("function", "arguments"), ("custom", "input")):
            if kind in call:
                calls[call["index"]][kind][member] += call[kind][member]
    held["choices"][0]["finish_reason"] = chunk["choices"][0]["finish_reason"]
    return True


class CrumbledCalls(Variant):
    """Arguments are streamed character by character, with empty pieces between, and the type is repeated."""

    areas: ClassVar[tuple[str, ...]] = AREAS

    async def chunks(self, chunks: Chunks, asked: Asked) -> Chunks:
        async for chunk in chunks:
            fragments = [call for call in _calls(chunk) if not call.get("id") and "function" in call]
            if not fragments:
                yield chunk
                continue
            for call in fragments:
                for character in ("", *call["function"]["arguments"]):
                    yield _with_fragment(chunk, call["index"], character)

    def shows(self, exchange: Exchange) -> bool:
        calls = [call for delta in deltas_in(exchange) for call in delta.get("tool_calls") or ()]
        return any(call.get("type") and not call.get("id") for call in calls)


def _with_fragment(chunk: dict[str, Any], index: int, text: str) -> dict[str, Any]:
    fragment = {"index": index, "type": "function", "function": {"arguments": text}}
    choice = {**chunk["choices"][0], "delta": {"tool_calls": [fragment]}}
    return {**chunk, "choices": [choice]}


class ForeignIds(Variant):
    """Ids have the forms of other vendors: numbers, UUIDs, nine characters; a model's date is 1970."""

    areas: ClassVar[tuple[str, ...]] = ("MODELS", *AREAS)

    def __init__(self) -> None:
        self._numbers = count(int(secrets.token_hex(4), 16))

    def plain(self, document: Document, asked: Asked) -> Document:
        if not isinstance(document, dict):
            # A list of models may be a bare one, by another variant.
            return (
                [self.plain(entry, asked) for entry in document] if isinstance(document, list) else document
            )
        if document.get("object") == "chat.completion":
            document["id"] = str(next(self._numbers))
            for choice in document["choices"]:
                for call in choice["message"].get("tool_calls") or ():
                    call["id"] = self._call_id()
        for entry in document.get("data", [document]):
            if isinstance(entry, dict) and entry.get("object") == "model":
                entry["created"] = 0
        return document

    async def chunks(self, chunks: Chunks, asked: Asked) -> Chunks:
        own = str(uuid.uuid4())
        async for chunk in chunks:
            for call in _calls(chunk):
                if call.get("id"):
                    call["id"] = self._call_id()
            yield chunk if "error" in chunk else {**chunk, "id": own}

    def _call_id(self) -> str:
        return f"{next(self._numbers):09}"[-9:]

    def shows(self, exchange: Exchange) -> bool:
        return str(completion_in(exchange).get("id", "")).isdigit()


class OneCall(Variant):
    """The model never calls more than one tool at once, as some models do not."""

    areas: ClassVar[tuple[str, ...]] = AREAS
    silences: ClassVar[dict[str, str]] = {
        "CC-TOOLS-007": "no answer has two calls, whose indices could differ",
        "CC-TOOLS-023": "no answer has two calls, whose order could differ",
        "CC-CHOICE-007": "the control shows no two calls either, so that nothing is seen to be prevented",
        "CC-CONT-034": "the same on later turns",
        "CC-TOOLS-010": "the tool is asked for beside others, and only the first call is made",
        "CC-TOOLS-025": "the city is asked for beside others, and only the first call is made",
        "CC-TOOLS-032": "the tool is asked for beside others, and only the first call is made",
    }

    def plain(self, document: Document, asked: Asked) -> Document:
        if is_completion(document):
            for choice in document["choices"]:
                _keep_first(choice["message"])
        return document

    async def chunks(self, chunks: Chunks, asked: Asked) -> Chunks:
        async for chunk in chunks:
            for choice in chunk.get("choices", ()):
                _keep_first(choice["delta"])
            yield chunk

    def shows(self, exchange: Exchange) -> bool:
        return exchange.response is not None and '"calls_left_out"' in exchange.response.text


def _keep_first(message: dict[str, Any]) -> None:
    calls = message.get("tool_calls") or []
    kept = [call for position, call in enumerate(calls) if call.get("index", position) == 0]
    if len(kept) < len(calls):
        message |= {"tool_calls": kept, "calls_left_out": len(calls) - len(kept)}
        if not kept:
            del message["tool_calls"]


ALL: tuple[Variant, ...] = (WholeCalls(), CrumbledCalls(), ForeignIds(), OneCall())
