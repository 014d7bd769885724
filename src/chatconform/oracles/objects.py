"""Reads the objects of Python clients that follow the shape of the wire, as their documentation says to.

What is documented as a text and is none raises here as it would in an application that joins it to another.
"""

from __future__ import annotations

from typing import Any

from chatconform.oracles.assembly import Assembly, Delta, Fragment
from chatconform.oracles.reading import Reading, Tokens
from chatconform.oracles.wire import number

# Untyped on purpose: these clients do not validate what they hand over.
Handed = Any


def of_completion(completion: Handed) -> Reading:
    """What a completion says."""
    assembly = Assembly()
    for position, choice in enumerate(completion.choices):
        assembly.add(_delta(position, choice, choice.message, whole=True))
    assembly.count(_tokens(completion.usage))
    return assembly.reading()


def add_chunk(chunk: Handed, assembly: Assembly) -> None:
    """Take what a chunk says."""
    for choice in chunk.choices:
        assembly.add(_delta(number(choice.index) or 0, choice, choice.delta, whole=False))
    # Some clients leave the member out where it says nothing.
    assembly.count(_tokens(getattr(chunk, "usage", None)))


def _delta(index: int, choice: Handed, piece: Handed, *, whole: bool) -> Delta:
    calls = getattr(piece, "tool_calls", None) or ()
    function = getattr(piece, "function_call", None)
    return Delta(
        index=index,
        role=text_of(piece.role),
        text=text_of(piece.content),
        refusal=text_of(getattr(piece, "refusal", None)),
        calls=tuple(_fragment(call, n if whole else number(call.index)) for n, call in enumerate(calls)),
        function=Fragment(name=text_of(function.name), arguments=text_of(function.arguments))
        if function
        else None,
        finish_reason=text_of(choice.finish_reason),
    )


def _fragment(call: Handed, index: int | None) -> Fragment:
    custom = getattr(call, "custom", None)
    if custom:
        # In a stream it has no type of its own, and is handed over as it came.
        name, said = (
            (custom.get("name"), custom.get("input"))
            if isinstance(custom, dict)
            else (custom.name, custom.input)
        )
    elif call.function:
        name, said = call.function.name, call.function.arguments
    else:
        name, said = None, None
    return Fragment(index=index, id=text_of(call.id), name=text_of(name), arguments=text_of(said))


def _tokens(usage: Handed) -> Tokens:
    if not usage:
        return Tokens()
    return Tokens(
        prompt=number(usage.prompt_tokens),
        completion=number(usage.completion_tokens),
        total=number(usage.total_tokens),
    )


def text_of(value: Handed) -> str:
    """A text that is handed over, nothing being an empty one; raises `TypeError` for what is no text."""
    if value and not isinstance(value, str):
        raise TypeError(f"a {type(value).__name__} is handed over where a text is documented")
    return value or ""
