"""Faults in the indices of streamed tool calls: missing, ill-typed, merged, with gaps, out of order."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from chatconform.reference_server.faults.alterations.calls import calls_in
from chatconform.reference_server.faults.alterations.making import Edit, dropping, each_call, setting, stream
from chatconform.reference_server.faults.consequences.calls import AGAINST_SCHEMA, UNREADABLE, for_all, of
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.seams import Alteration, Chunks

fault = family(Aspect.CALLS, Aspect.CHUNKS)

# Each is no integer of 0 or more.
_WRONG: tuple[tuple[str, str, Edit], ...] = (
    ("missing", "left out", dropping("index")),
    ("null", "null", setting(index=None)),
    ("a-string", "a string", lambda call: call.update(index=str(call["index"]))),
    ("a-fraction", "a number with a fraction", lambda call: call.update(index=call["index"] + 0.5)),
    ("a-boolean", "a boolean", lambda call: call.update(index=bool(call["index"]))),
    ("negative", "negative", lambda call: call.update(index=-1 - call["index"])),
)
# Each is an integer, but not the one that tells this call from the others.
_MISPLACED: tuple[tuple[str, str, Callable[[Any], None], tuple[str, ...]], ...] = (
    (
        "all-0",
        "All calls of a stream have index 0",
        setting(index=0),
        ("ollama/ollama#15457", "ai-dynamo/dynamo#4723"),
    ),
    (
        "from-1",
        "The indices of the calls of a stream begin at 1",
        lambda call: call.update(index=call["index"] + 1),
        (),
    ),
    (
        "with-gaps",
        "The indices of the calls of a stream are even",
        lambda call: call.update(index=call["index"] * 2),
        (),
    ),
    (
        "fall-back-to-0",
        "After their first fragment all calls of a stream have index 0",
        lambda call: None if "id" in call else call.update(index=0),
        ("mcowger/plexus#691",),
    ),
)


_UNTOLD = of(
    AGAINST_SCHEMA["streamed"],
    for_all("CC-TOOLS-007 CC-TOOLS-023", "no index tells the calls from each other"),
)
_MERGED = for_all("CC-TOOLS-002 CC-TOOLS-008 CC-TOOLS-009", "several calls are read as one")
_SPLIT = of(
    {name: reason for name, reason in UNREADABLE.items() if name != "CC-TOOLS-007"},
    for_all(
        "CC-TOOLS-001 CC-TOOLS-005 CC-TOOLS-015 CC-TOOLS-009", "one call is read as several without heads"
    ),
    for_all("CC-CHOICE-007 CC-CHOICE-010", "one call is read as several"),
)


def fragments(make: Callable[[], Edit]) -> Alteration:
    """Fragments of calls in streams are others; an edit is made for each stream, and may remember."""

    async def edited(chunks: Chunks) -> Chunks:
        change = each_call(make())
        async for chunk in chunks:
            if "error" not in chunk:
                change(chunk)
            yield chunk

    return stream(edited)


def _counting() -> Edit:
    numbers = count()
    return lambda call: call.update(index=next(numbers))


def _own_index(chunk: Any) -> int | None:
    calls = [call for choice in chunk.get("choices", ()) for call in choice["delta"].get("tool_calls") or ()]
    return calls[0]["index"] if calls else None


async def _last_first(chunks: Chunks) -> Chunks:
    held: list[Any] = []
    async for chunk in chunks:
        if _own_index(chunk) is not None:
            held.append(chunk)
            continue
        for each in sorted(held, key=lambda each: -(_own_index(each) or 0)):
            yield each
        held = []
        yield chunk


ALL: tuple[Fault, ...] = (
    *(
        fault(
            f"call-index-{name}",
            f"The index of every fragment of a tool call is {wrong}.",
            calls_in("streamed", change),
            kills="CC-TOOLS-006",
            collateral=_UNTOLD,
            seen_in=("ollama/ollama#7881", "vercel/ai#5885 (SGLang)") if name == "missing" else (),
        )
        for name, wrong, change in _WRONG
    ),
    *(
        fault(
            f"call-indices-{name}",
            f"{defect}.",
            calls_in("streamed", change),
            kills="CC-TOOLS-007",
            collateral=_MERGED,
            seen_in=seen,
        )
        for name, defect, change, seen in _MISPLACED
    ),
    fault(
        "call-indices-count-fragments",
        "The index of every fragment of a tool call is one more than that of the fragment before.",
        fragments(_counting),
        kills="CC-TOOLS-007",
        collateral=_SPLIT,
    ),
    fault(
        "call-indices-out-of-order",
        "The calls of a stream are sent last one first.",
        stream(_last_first),
        kills="CC-TOOLS-023",
        seen_in="openai/openai-python#3201",
    ),
)
