"""Faults in what names an answer: its id, its date, its model, and whether its chunks agree about them."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from chatconform.reference_server.faults.chunkwise import (
    Chunk,
    becoming,
    every,
    first,
    later,
    where,
    with_finish,
    with_usage,
)
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.faults.making import Edit, chunk, completion, reply, setting, text
from chatconform.reference_server.seams import Alteration, Asked, Chunks, Response

fault = family(Aspect.IDENTITY)
_LONG_AGO = 1_686_935_002  # the date of a model, in June 2023
_AN_ID = "chatcmpl-1"


def _milliseconds(holder: Any) -> None:
    holder["created"] *= 1000


def _everywhere(change: Edit) -> tuple[Alteration, Alteration]:
    return completion(change), chunk(change)


def _drawn(holder: Any) -> None:
    # As a server that numbers its answers with three digits, whose ids meet again after thirty.
    holder["id"] = f"chatcmpl-{secrets.randbelow(3)}"


def _by_what_was_asked(response: Response, asked: Asked) -> Response:
    messages = repr(asked.body.get("messages")).encode()
    name = f"chatcmpl-{sha256(messages).hexdigest()[:24]}"
    if response.chunks is not None:
        return Response(status=response.status, headers=response.headers, chunks=_named(response.chunks, name))
    if response.status == 200 and isinstance(response.document, dict):
        response.document["id"] = name
    return response


async def _named(chunks: Chunks, name: str) -> Chunks:
    async for each in chunks:
        yield each if "error" in each else {**each, "id": name}


def _new_id(holder: Chunk) -> None:
    holder["id"] = f"chatcmpl-{secrets.token_hex(14)}"


def _new_fingerprint(holder: Chunk) -> None:
    holder["system_fingerprint"] = f"fp_{secrets.token_hex(5)}"


def _counting_seconds() -> Alteration:
    def make(each: Chunk) -> Iterator[Chunk]:
        # The text grows with every chunk, so what is left to say tells them apart.
        yield {**each, "created": each["created"] + len(repr(each)) % 60}

    return becoming(every, make)


def _swapped(one: str, other: str) -> Edit:
    def edit(holder: Any) -> None:
        holder[one], holder[other] = holder[other], holder[one]

    return edit


def _named_twice(written: str) -> str:
    return written.replace('"model":', '"model":"upstream-1","model":', 1)
