"""Alterations of both forms of an answer at once: of completions, and of the chunks of streams."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from chatconform.reference_server.faults.alterations.making import (
    Edit,
    When,
    chats,
    each_choice,
    is_completion,
    reply,
)
from chatconform.reference_server.seams import Alteration, Asked, Chunks, Response

# Changes a completion or a chunk in place; it knows what was asked.
Change = Callable[[Any, Asked], object]


def answers(change: Change, when: When = chats) -> Alteration:
    """Every completion and every chunk is another one; errors are left alone."""

    def edit(response: Response, asked: Asked) -> Response:
        if response.chunks is not None:
            return replace(response, chunks=_changed(response.chunks, change, asked))
        if is_completion(response.document):
            change(response.document, asked)
        return response

    return reply(edit, when)


def choices(change: Edit, when: When = chats) -> Alteration:
    """Every choice of completions and of chunks is another one."""
    edit = each_choice(change)
    return answers(lambda holder, _: edit(holder), when)


async def _changed(chunks: Chunks, change: Change, asked: Asked) -> Chunks:
    async for each in chunks:
        if "error" not in each:
            change(each, asked)
        yield each
