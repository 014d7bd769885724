"""What models say, and servers do not tell, in ways of their own."""

from __future__ import annotations

from typing import Any, ClassVar

from chatconform.reference_server.seams import Asked, Chunks, Document
from chatconform.reference_server.variants.documents import completion_in, is_completion
from chatconform.reference_server.variants.variant import Variant
from chatconform.wire.exchange import Exchange


class LeadingSpace(Variant):
    """Every text begins with a space, which is part of the first token of many vocabularies."""

    areas: ClassVar[tuple[str, ...]] = ("RESP", "STOP", "LIMIT", "FORMAT")

    def plain(self, document: Document, asked: Asked) -> Document:
        if is_completion(document) and _is_free(asked):
            for choice in document["choices"]:
                _begin(choice, choice["message"])
        return document

    async def chunks(self, chunks: Chunks, asked: Asked) -> Chunks:
        begun: set[int] = set()
        async for chunk in chunks:
            for choice in chunk.get("choices", ()) if _is_free(asked) else ():
                if choice["index"] not in begun and choice["delta"].get("content"):
                    begun.add(choice["index"])
                    _begin(choice, choice["delta"])
            yield chunk

    def shows(self, exchange: Exchange) -> bool:
        choices = completion_in(exchange).get("choices", ())
        return any((choice["message"]["content"] or "").startswith(" hello") for choice in choices)


def _is_free(asked: Asked) -> bool:
    """Whether no stop string would have ended the text at its first space."""
    return " " not in (asked.body.get("stop") or ())


def _begin(choice: dict[str, Any], message: dict[str, Any]) -> None:
    """Let a text begin with a space, and its first token as well, wherever that is told."""
    if not message["content"] or message["content"].startswith(" "):
        return
    message["content"] = f" {message['content']}"
    tokens = (choice.get("logprobs") or {}).get("content") or []
    for first in tokens[:1]:
        name = first["token"]
        for same in (first, *(other for other in first["top_logprobs"] if other["token"] == name)):
            same |= {"token": f" {name}", "bytes": [32, *same["bytes"]]}


class EmptyLists(Variant):
    """Messages without calls have an empty list of calls, as LM Studio sends them."""

    takes_back: ClassVar[bool] = True

    areas: ClassVar[tuple[str, ...]] = ("RESP", "CC-CONT-015")
    breaks: ClassVar[dict[str, str]] = {
        "CC-RESP-009": "a SHOULD of the ledger, which fails it in messages and only records it in deltas"
    }

    def plain(self, document: Document, asked: Asked) -> Document:
        if is_completion(document):
            for choice in document["choices"]:
                choice["message"].setdefault("tool_calls", [])
        return document

    async def chunks(self, chunks: Chunks, asked: Asked) -> Chunks:
        async for chunk in chunks:
            for choice in chunk.get("choices", ()):
                choice["delta"].setdefault("tool_calls", [])
            yield chunk

    def shows(self, exchange: Exchange) -> bool:
        choices: list[dict[str, Any]] = completion_in(exchange).get("choices", [])
        return any(choice["message"].get("tool_calls") == [] for choice in choices)


class NoUsage(Variant):
    """Plain answers do not tell what they cost; streams do where they are asked."""

    areas: ClassVar[tuple[str, ...]] = ("USAGE", "LIMIT", "STOP")
    lacks: ClassVar[str] = "without counts nothing tells what reached the model"
    breaks: ClassVar[dict[str, str]] = {
        "CC-USAGE-001": "a SHOULD of the ledger: the official document requires no usage"
    }

    def plain(self, document: Document, asked: Asked) -> Document:
        if isinstance(document, dict):
            document.pop("usage", None)
        return document

    def shows(self, exchange: Exchange) -> bool:
        return bool(completion_in(exchange)) and "usage" not in completion_in(exchange)


ALL: tuple[Variant, ...] = (LeadingSpace(), EmptyLists(), NoUsage())
