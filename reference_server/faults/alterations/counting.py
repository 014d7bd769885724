"""Alterations of the token counts of answers, in both forms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chatconform.reference_server.faults.alterations.forms import answers
from chatconform.reference_server.faults.alterations.making import When, chats
from chatconform.reference_server.faults.alterations.paths import is_plain, is_streamed
from chatconform.reference_server.seams import Alteration, Asked

Usage = dict[str, Any]
Recount = Callable[[Usage, Asked], object]
FORMS = (("plain", "completions", is_plain), ("streamed", "streams", is_streamed))


def counts(change: Recount, when: When = chats) -> Alteration:
    """The usage of completions and of streams is another one; the total stays the sum."""

    def add_up(told: Usage, asked: Asked) -> None:
        change(told, asked)
        told["total_tokens"] = told["prompt_tokens"] + told["completion_tokens"]

    return usage(add_up, when)


def usage(change: Recount, when: When = chats) -> Alteration:
    """The usage of completions and of streams is another one, be it wrong in itself."""

    def edit(holder: Any, asked: Asked) -> None:
        if holder.get("usage"):
            change(holder["usage"], asked)

    return answers(edit, when)
