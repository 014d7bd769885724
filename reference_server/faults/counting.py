"""Alterations of the token counts of answers, in both forms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from chatconform.reference_server.faults.making import When, chats, is_completion, reply
from chatconform.reference_server.faults.paths import is_plain, is_streamed
from chatconform.reference_server.seams import Alteration, Asked, Chunks, Response

Usage = dict[str, Any]
Recount = Callable[[Usage, Asked], object]
FORMS = (("plain", "completions", is_plain), ("streamed", "streams", is_streamed))


def counts(change: Recount, when: When = chats) -> Alteration:
    """The usage of completions and of streams is another one; the total stays the sum."""

    def add_up(usage: Usage, asked: Asked) -> None:
        change(usage, asked)
        usage["total_tokens"] = usage["prompt_tokens"] + usage["completion_tokens"]

    return usage(add_up, when)


def usage(change: Recount, when: When = chats) -> Alteration:
    """The usage of completions and of streams is another one, be it wrong in itself."""

    def edit(response: Response, asked: Asked) -> Response:
        if response.chunks is not None:
            return replace(response, chunks=_changed(response.chunks, change, asked))
        if is_completion(response.document):
            change(response.document["usage"], asked)
        return response

    return reply(edit, when)


async def _changed(chunks: Chunks, change: Recount, asked: Asked) -> Chunks:
    async for each in chunks:
        if each.get("usage"):
            change(each["usage"], asked)
        yield each
