"""Edits of tool calls as they stand in documents: whole in a completion, in fragments in a stream."""

from __future__ import annotations

from typing import Any

from chatconform.reference_server.faults.alterations.asks import FORMS
from chatconform.reference_server.faults.alterations.making import Edit, chunk, completion, each_call
from chatconform.reference_server.seams import Alteration


def calls_in(form: str, change: Edit) -> Alteration:
    """Every call of plain answers, or every fragment of a call in streams, is another one."""
    make = completion if form == "plain" else chunk
    return make(each_call(change), FORMS[form])


def in_function(change: Edit) -> Edit:
    """An edit of what stands under `function`, where something does."""

    def edit(call: Any) -> None:
        if "function" in call:
            changed = change(call["function"])
            call["function"] = call["function"] if changed is None else changed

    return edit


def at_start(change: Edit) -> Edit:
    """An edit of a whole function call, or of the fragment that one begins with."""
    return lambda call: change(call) if "id" in call and "function" in call else None


def in_first_function(change: Edit) -> Edit:
    """The same of what stands under `function` there."""
    return at_start(in_function(change))
