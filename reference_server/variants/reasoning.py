"""A model that thinks before it speaks, aloud, and within the limit of its answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from chatconform.reference_server.seams import Asked, Chunks, Document
from chatconform.reference_server.variants.documents import completion_in, is_completion
from chatconform.reference_server.variants.variant import Variant
from chatconform.wire.exchange import Exchange

# A word is a token of the reference model or more, so that nobody can say that it thinks for nothing.
THOUGHTS = ("the", "user", "wants", "something", "so", "let", "me", "see", "what", "would", "be", "best")
LIMITS = ("max_tokens", "max_completion_tokens")


class Reasoning(Variant):
    """Reasoning takes the first tokens of every limit: one of 8 leaves no text, and ends with `length`."""

    silences: ClassVar[dict[str, str]] = {
        "CC-LOGPROBS-005": "tokens of thought may be among those that are told, and are no part of the text",
        "CC-CONT-026": "the limit that bounds the forced token leaves room for thoughts alone",
        "CC-SAMPLE-012": "the limit that bounds the forced token leaves room for thoughts alone",
        **dict.fromkeys(
            ("CC-SAMPLE-008", "CC-SAMPLE-010", "CC-CONT-025"),
            "what the thoughts leave of the story is too short to repeat itself",
        ),
    }

    def request(self, asked: Asked) -> Asked:
        limits = _limits(asked.body) if asked.is_chat else {}
        if not limits:
            return asked
        left = {name: max(1, limit - len(THOUGHTS)) for name, limit in limits.items()}
        return asked.with_body({**asked.body, **left})

    def plain(self, document: Document, asked: Asked) -> Document:
        if not is_completion(document):
            return document
        thought = _thought(asked.body)
        for choice in document["choices"]:
            choice["message"]["reasoning_content"] = " ".join(thought)
            if _is_starved(asked.body):
                choice["message"] = {**choice["message"], "content": None}
                choice["message"].pop("tool_calls", None)
                choice["message"].pop("function_call", None)
                choice |= {"finish_reason": "length", "logprobs": None}
        _count(document["usage"], len(document["choices"]), asked.body)
        return document

    async def chunks(self, chunks: Chunks, asked: Asked) -> Chunks:
        begun: set[int] = set()
        starved = _is_starved(asked.body)
        async for chunk in chunks:
            if chunk.get("usage"):
                _count(chunk["usage"], len(begun), asked.body)
            for choice in chunk.get("choices", ()):
                if choice["index"] not in begun:
                    begun.add(choice["index"])
                    yield _with_delta(chunk, choice, {"role": "assistant", "content": None})
                    for word in _thought(asked.body):
                        yield _with_delta(chunk, choice, {"reasoning_content": f"{word} "})
                    choice["delta"].pop("role", None)
                if starved:
                    ended = choice["finish_reason"] is not None
                    choice |= {"delta": {}, "logprobs": None, "finish_reason": "length" if ended else None}
            yield chunk

    def shows(self, exchange: Exchange) -> bool:
        return any(
            choice["message"].get("reasoning_content") and choice["message"]["content"] is None
            for choice in completion_in(exchange).get("choices", ())
        )


def _limits(body: Mapping[str, Any]) -> dict[str, int]:
    """The limits of a request that are limits: others are refused by the server beneath."""
    return {name: body[name] for name in LIMITS if type(body.get(name)) is int and body[name] > 0}


def _thought(body: Mapping[str, Any]) -> tuple[str, ...]:
    """The thoughts for which the limit has room."""
    return THOUGHTS[: min(_limits(body).values(), default=len(THOUGHTS))]


def _is_starved(body: Mapping[str, Any]) -> bool:
    """Whether the limit leaves nothing but thoughts."""
    return min(_limits(body).values(), default=len(THOUGHTS) + 1) <= len(THOUGHTS)


def _count(usage: dict[str, Any], choices: int, body: Mapping[str, Any]) -> None:
    """Add the thoughts to the counts of an answer."""
    thought = choices * len(_thought(body))
    spoken = 0 if _is_starved(body) else usage["completion_tokens"]
    usage["completion_tokens"] = thought + spoken
    usage["total_tokens"] = usage["prompt_tokens"] + thought + spoken
    usage["completion_tokens_details"] = {**usage["completion_tokens_details"], "reasoning_tokens": thought}


def _with_delta(chunk: dict[str, Any], choice: dict[str, Any], delta: dict[str, Any]) -> dict[str, Any]:
    own = {"index": choice["index"], "delta": delta, "logprobs": None, "finish_reason": None}
    return {**chunk, "choices": [own]}


ALL: tuple[Variant, ...] = (Reasoning(),)
