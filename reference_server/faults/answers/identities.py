"""Faults in what names an answer: its id, its model, and whether its chunks agree about them."""

from __future__ import annotations

import secrets
from dataclasses import replace
from hashlib import sha256
from typing import Any

from chatconform.reference_server.faults.alterations.chunkwise import (
    Chunk,
    first,
    later,
    where,
    with_finish,
    with_usage,
)
from chatconform.reference_server.faults.alterations.forms import answers
from chatconform.reference_server.faults.alterations.making import (
    Edit,
    chunk,
    completion,
    is_completion,
    reply,
    setting,
    text,
)
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.seams import Asked, Chunks, Response

fault = family(Aspect.IDENTITY)
_AN_ID = "chatcmpl-1"


def _from_few(response: Response, _: Asked) -> Response:
    return _as(response, f"chatcmpl-{secrets.randbelow(3)}")


def _as(response: Response, name: str) -> Response:
    """The same answer under another id."""
    if response.chunks is not None:
        return replace(response, chunks=_named(response.chunks, name))
    if is_completion(response.document):
        response.document["id"] = name
    return response


async def _named(chunks: Chunks, name: str) -> Chunks:
    async for each in chunks:
        yield each if "error" in each else {**each, "id": name}


def _of_the_messages(holder: Any, asked: Asked) -> None:
    messages = repr(asked.body.get("messages")).encode()
    holder["id"] = f"chatcmpl-{sha256(messages).hexdigest()[:24]}"


def _new_id(holder: Chunk) -> None:
    holder["id"] = f"chatcmpl-{secrets.token_hex(14)}"


def _new_fingerprint(holder: Chunk) -> None:
    holder["system_fingerprint"] = f"fp_{secrets.token_hex(5)}"


def _swapped(one: str, other: str) -> Edit:
    def edit(holder: Any) -> None:
        holder[one], holder[other] = holder[other], holder[one]

    return edit


def _named_twice(written: str) -> str:
    return written.replace('"model":', '"model":"upstream-1","model":', 1)


ALL: tuple[Fault, ...] = (
    fault(
        "answer-id-constant",
        "Every answer has the id `chatcmpl-1`.",
        answers(lambda holder, _: holder.update(id=_AN_ID)),
        kills="CC-RESP-002",
    ),
    fault(
        "answer-id-from-few",
        "Ids are drawn from a small range, so that those of different answers meet.",
        reply(_from_few),
        kills="CC-RESP-002",
        seen_in="Ollama draws ids from rand.Intn(999) (middleware/openai.go, ChatMiddleware)",
    ),
    fault(
        "answer-id-of-the-messages",
        "The id is a hash of the messages, so that an answer to the same question has it again.",
        answers(_of_the_messages),
        kills="CC-RESP-002",
    ),
    fault(
        "completion-id-empty",
        "Every completion has the id ''.",
        completion(setting(id="")),
        kills="CC-RESP-015",
        seen_in="the example of huggingface/text-generation-inference#3186 shows id ''",
    ),
    fault(
        "chunk-id-empty",
        "Every chunk has the id ''.",
        chunk(setting(id="")),
        kills="CC-RESP-015",
    ),
    fault(
        "completion-id-and-model-swapped",
        "The id of a completion stands in `model`, and the model in `id`.",
        completion(_swapped("id", "model")),
        kills="CC-RESP-002 CC-RESP-008",
    ),
    fault(
        "completion-model-default",
        "Completions name the model `default`.",
        completion(setting(model="default")),
        kills="CC-RESP-008",
    ),
    fault(
        "chunk-model-default",
        "Chunks name the model `default`.",
        chunk(setting(model="default")),
        kills="CC-RESP-008",
    ),
    fault(
        "answer-model-empty",
        "Every answer names the model ''.",
        answers(lambda holder, _: holder.update(model="")),
        kills="CC-RESP-008",
    ),
    fault(
        "completion-model-twice",
        "A relay adds its own `model` beside that of the upstream.",
        text(_named_twice),
        kills="CC-RESP-019",
    ),
    fault(
        "chunk-id-new",
        "Every chunk has a new id.",
        chunk(_new_id),
        kills="CC-STREAM-005",
        seen_in=("microsoft/foundry-local#144", "BerriAI/litellm#1571"),
    ),
    fault(
        "chunk-id-changes-at-the-end",
        "The chunk with the finish reason has an id of its own.",
        where(with_finish, _new_id),
        kills="CC-STREAM-005",
    ),
    fault(
        "chunk-model-alias-first",
        "The first chunk names the alias that was asked for, the others the model behind it.",
        where(later, lambda each: setting(model=f"{each['model']}-2026-01-01")(each)),
        kills="CC-STREAM-025",
    ),
    fault(
        "chunk-model-empty-at-the-end",
        "The chunk with the finish reason names the model ''.",
        where(with_finish, setting(model="")),
        kills="CC-STREAM-025",
    ),
    fault(
        "chunk-model-null-with-usage",
        "The chunk of the token counts names no model.",
        where(with_usage, setting(model=None)),
        kills="CC-STREAM-004",
        seen_in="microsoft/foundry-local#144",
    ),
    fault(
        "chunk-fingerprint-new",
        "Every chunk has a new `system_fingerprint`.",
        chunk(_new_fingerprint),
        kills="CC-STREAM-028",
    ),
    fault(
        "chunk-tier-changes",
        "The first chunk says the tier `auto`, the others say `default`.",
        where(first, setting(service_tier="auto")),
        where(later, setting(service_tier="default")),
        kills="CC-STREAM-029",
    ),
)
