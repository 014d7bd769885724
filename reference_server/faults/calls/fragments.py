"""Faults in how a streamed tool call is spread over its fragments: heads and arguments late or repeated."""

from __future__ import annotations

import secrets
from typing import Any

from chatconform.reference_server.faults.alterations.making import Edit, stream
from chatconform.reference_server.faults.calls.indices import fragments
from chatconform.reference_server.faults.consequences.calls import UNREADABLE, WRONG_NAME
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.seams import Chunks

fault = family(Aspect.CALLS, Aspect.CHUNKS)


def _with_head(*, id_: bool, name: bool) -> Edit:
    begun: dict[int, tuple[str, str]] = {}

    def edit(call: Any) -> None:
        if "id" in call and "function" in call:
            begun[call["index"]] = call["id"], call["function"]["name"]
        elif call["index"] in begun:
            head = begun[call["index"]]
            call.update({"id": head[0]} if id_ else {})
            call["function"].update({"name": head[1]} if name else {})

    return edit


def _late(member: str) -> Edit:
    """The member comes on the second fragment of a call."""
    waiting: dict[int, Any] = {}

    def edit(call: Any) -> None:
        holder = call if member == "id" else call["function"]
        if member in holder:
            waiting[call["index"]] = holder.pop(member)
        elif call["index"] in waiting:
            holder[member] = waiting.pop(call["index"])

    return lambda call: edit(call) if "function" in call else None


def _name_in_halves() -> Edit:
    waiting: dict[int, str] = {}

    def edit(call: Any) -> None:
        function = call.get("function", {})
        if "name" in function:
            half = len(function["name"]) // 2
            waiting[call["index"]] = function["name"][half:]
            function["name"] = function["name"][:half]
        elif call["index"] in waiting:
            function["name"] = waiting.pop(call["index"])

    return edit


def _new_ids() -> Edit:
    return lambda call: call.update(id=f"call_{secrets.token_hex(12)}")


def _cumulative() -> Edit:
    texts: dict[int, str] = {}

    def edit(call: Any) -> None:
        if "function" in call:
            texts[call["index"]] = texts.get(call["index"], "") + call["function"]["arguments"]
            call["function"]["arguments"] = texts[call["index"]]

    return edit


async def _fragments_twice(chunks: Chunks) -> Chunks:
    async for chunk in chunks:
        yield chunk
        calls = _calls(chunk)
        if calls and all("id" not in call for call in calls):
            yield chunk


async def _whole_again(chunks: Chunks) -> Chunks:
    """Before the end of a stream each call brings its whole arguments once more."""
    texts: dict[int, str] = {}
    last: Any = None
    async for chunk in chunks:
        calls = [call for call in _calls(chunk) if "function" in call]
        for call in calls:
            texts[call["index"]] = texts.get(call["index"], "") + call["function"]["arguments"]
        if last is not None and not calls:
            for index, text in texts.items():
                entry = {"index": index, "function": {"arguments": text}}
                choice = {**last["choices"][0], "delta": {"tool_calls": [entry]}}
                yield {**last, "choices": [choice]}
            texts, last = {}, None
        last = chunk if calls else last
        yield chunk


def _calls(chunk: Any) -> list[Any]:
    choices = chunk.get("choices", ())
    return [call for choice in choices for call in choice["delta"].get("tool_calls") or ()]


ALL: tuple[Fault, ...] = (
    fault(
        "call-heads-repeated",
        "Every fragment of a tool call repeats id and name.",
        fragments(lambda: _with_head(id_=True, name=True)),
        kills="CC-TOOLS-008",
        seen_in=(
            "SillyTavern/SillyTavern#5948 (Fireworks)",
            "NousResearch/hermes-agent#11984 (MiniMax via NIM)",
        ),
    ),
    fault(
        "call-ids-repeated",
        "Every fragment of a tool call repeats the id.",
        fragments(lambda: _with_head(id_=True, name=False)),
        kills="CC-TOOLS-008",
    ),
    fault(
        "call-names-repeated",
        "Every fragment of a tool call repeats the name.",
        fragments(lambda: _with_head(id_=False, name=True)),
        kills="CC-TOOLS-008",
        seen_in="AstrBotDevs/AstrBot#7735",
    ),
    fault(
        "call-id-late",
        "The id of a tool call comes on its second fragment.",
        fragments(lambda: _late("id")),
        kills="CC-TOOLS-008",
    ),
    fault(
        "call-name-late",
        "The name of a tool call comes on its second fragment.",
        fragments(lambda: _late("name")),
        kills="CC-TOOLS-008",
    ),
    fault(
        "call-name-in-halves",
        "The name of a tool call comes in two fragments.",
        fragments(_name_in_halves),
        kills="CC-TOOLS-008",
        collateral=WRONG_NAME,
    ),
    fault(
        "call-ids-renumbered",
        "Every fragment of a tool call has a new id.",
        fragments(_new_ids),
        kills="CC-TOOLS-007 CC-TOOLS-008",
    ),
    fault(
        "call-fragments-cumulative",
        "Every fragment of a tool call repeats the arguments so far.",
        fragments(_cumulative),
        kills="CC-TOOLS-009",
        collateral=UNREADABLE,
    ),
    fault(
        "call-fragments-sent-twice",
        "Every chunk with a fragment of arguments is sent twice.",
        stream(_fragments_twice),
        kills="CC-TOOLS-009",
        collateral=UNREADABLE,
    ),
    fault(
        "call-arguments-whole-again",
        "A last fragment repeats the whole arguments.",
        stream(_whole_again),
        kills="CC-TOOLS-009",
        collateral=UNREADABLE,
        seen_in="lidge-jun/opencodex#361",
    ),
)
