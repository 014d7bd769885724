"""Documents with more members than the contract knows, with fewer, and written in another way."""

from __future__ import annotations

import json
import re
from typing import Any, ClassVar

from chatconform.reference_server.seams import Asked, Chunks, Document
from chatconform.reference_server.variants.documents import completion_in, is_completion, objects_in
from chatconform.reference_server.variants.variant import Variant
from chatconform.wire.exchange import Exchange

AREAS = ("RESP", "STREAM", "USAGE", "TOOLS")
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')


class MoreMembers(Variant):
    """Every object has members that the contract does not know, and `error` is null where nothing failed."""

    def plain(self, document: Document, asked: Asked) -> Document:
        self._add(document)
        succeeded = isinstance(document, dict) and "error" not in document
        return {**document, "error": None} if succeeded else document

    async def chunks(self, chunks: Chunks, asked: Asked) -> Chunks:
        padded = (asked.body.get("stream_options") or {}).get("include_obfuscation") is not False
        async for chunk in chunks:
            self._add(chunk)
            padding = {"obfuscation": "aZ3"} if padded and "error" not in chunk else {}
            yield {"error": None, **padding, **chunk}

    def _add(self, document: Document) -> None:
        for each in list(objects_in(document)):
            each |= {
                "x_vendor": {"choices": [], "error": None},
                "native_finish_reason": "STOP",
                "provider": "us",
            }

    def shows(self, exchange: Exchange) -> bool:
        return exchange.response is not None and '"x_vendor"' in exchange.response.text


class WrittenOtherwise(Variant):
    """Members come in another order, JSON is indented, letters of keys and texts are written as escapes."""

    areas: ClassVar[tuple[str, ...]] = ("MODELS", *AREAS)

    def plain(self, document: Document, asked: Asked) -> Document:
        return reordered(document)

    async def chunks(self, chunks: Chunks, asked: Asked) -> Chunks:
        async for chunk in chunks:
            yield reordered(chunk)

    def written(self, text: str) -> str:
        return _STRING.sub(_escaped, json.dumps(json.loads(text), indent="\t"))

    def data(self, text: str) -> str:
        return text if text == "[DONE]" else self.written(text)

    def shows(self, exchange: Exchange) -> bool:
        return exchange.response is not None and '"\\u0063hoices"' in exchange.response.text


def reordered(value: Any) -> Any:
    """The value with the members of every object in the reverse order."""
    if isinstance(value, dict):
        return {key: reordered(value[key]) for key in reversed(value)}
    return [reordered(each) for each in value] if isinstance(value, list) else value


def _escaped(found: re.Match[str]) -> str:
    text = found[1]
    # An escape stays what it is; of any other text the first character becomes one.
    return found[0] if text[:1] in ("", "\\") else f'"\\u{ord(text[0]):04x}{text[1:]}"'


class FewerMembers(Variant):
    """What is optional is left out: fingerprint, tier, details of usage, nulls of chunks and deltas."""

    areas: ClassVar[tuple[str, ...]] = AREAS
    silences: ClassVar[dict[str, str]] = {
        "CC-USAGE-008": "nothing tells of cached tokens",
        "CC-USAGE-009": "nothing tells of tokens of reasoning",
    }
    OPTIONAL: ClassVar[frozenset[str]] = frozenset(
        {"system_fingerprint", "service_tier", "prompt_tokens_details", "completion_tokens_details"}
    )

    def plain(self, document: Document, asked: Asked) -> Document:
        return without(document, self.OPTIONAL)

    async def chunks(self, chunks: Chunks, asked: Asked) -> Chunks:
        async for chunk in chunks:
            yield _lean(without(chunk, self.OPTIONAL))

    def shows(self, exchange: Exchange) -> bool:
        return bool(completion_in(exchange)) and "system_fingerprint" not in completion_in(exchange)


def _lean(chunk: dict[str, Any]) -> dict[str, Any]:
    for choice in chunk.get("choices", ()):
        choice["delta"] = {name: value for name, value in choice["delta"].items() if value is not None}
        if choice.get("logprobs") is None:
            choice.pop("logprobs", None)
    return chunk if chunk.get("usage") else {k: v for k, v in chunk.items() if k != "usage"}


class Nulls(Variant):
    """Whatever may be null is null: members of messages, of deltas, of usage, of whole answers."""

    areas: ClassVar[tuple[str, ...]] = ("CC-CONT-015", *AREAS)
    takes_back: ClassVar[bool] = True
    TOP: ClassVar[dict[str, None]] = dict.fromkeys(
        ("system_fingerprint", "service_tier", "metadata", "moderation"), None
    )
    MESSAGE: ClassVar[dict[str, None]] = dict.fromkeys(
        ("tool_calls", "function_call", "audio", "annotations", "refusal", "content"), None
    )
    DELTA: ClassVar[dict[str, None]] = dict.fromkeys(
        ("role", "content", "refusal", "tool_calls", "function_call", "audio"), None
    )

    def plain(self, document: Document, asked: Asked) -> Document:
        if not is_completion(document):
            return document
        for choice in document["choices"]:
            choice["message"] = {**self.MESSAGE, **choice["message"]}
        document.get("usage", {}).update(prompt_tokens_details=None, completion_tokens_details=None)
        return document | self.TOP

    async def chunks(self, chunks: Chunks, asked: Asked) -> Chunks:
        async for chunk in chunks:
            if "error" not in chunk:
                for choice in chunk["choices"]:
                    choice["delta"] = {**self.DELTA, **choice["delta"]}
                chunk = {"usage": None, "obfuscation": None, "moderation": None, **chunk}  # noqa: PLW2901
                if (asked.body.get("stream_options") or {}).get("include_obfuscation") is False:
                    del chunk["obfuscation"]
            yield chunk

    def shows(self, exchange: Exchange) -> bool:
        return "moderation" in completion_in(exchange)


class DroppedNulls(Variant):
    """Members whose value would be null are left out of completions and errors, as Ollama and others do."""

    areas: ClassVar[tuple[str, ...]] = ("RESP", "TOOLS")
    breaks: ClassVar[dict[str, str]] = {
        "CC-RESP-005": "a SHOULD of the ledger, as the official document requires refusal and logprobs"
    }

    def plain(self, document: Document, asked: Asked) -> Document:
        for each in list(objects_in(document)):
            kept = {"content"} if "role" in each else set()
            for name in [name for name, value in each.items() if value is None and name not in kept]:
                del each[name]
        return document

    def shows(self, exchange: Exchange) -> bool:
        return bool(completion_in(exchange)) and not any(
            "refusal" in each for each in objects_in(completion_in(exchange))
        )


def without(value: Any, names: frozenset[str]) -> Any:
    """The value without the members of these names, at any depth."""
    if isinstance(value, dict):
        return {key: without(each, names) for key, each in value.items() if key not in names}
    return [without(each, names) for each in value] if isinstance(value, list) else value


ALL: tuple[Variant, ...] = (MoreMembers(), WrittenOtherwise(), FewerMembers(), Nulls(), DroppedNulls())
