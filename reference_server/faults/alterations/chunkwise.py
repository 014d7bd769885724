"""Alterations of some chunks of a stream, chosen by their place in it or by what they bear."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from chatconform.reference_server.faults.alterations.making import Edit, When, chats, edited, stream
from chatconform.reference_server.seams import Alteration, Chunks

Chunk = dict[str, Any]
# Which chunks, by their number in the stream and what they are.
Which = Callable[[int, Chunk], bool]


def every(number: int, chunk: Chunk) -> bool:  # noqa: ARG001 - a condition that is none
    """Each chunk."""
    return True


def first(number: int, chunk: Chunk) -> bool:  # noqa: ARG001 - the place alone decides
    """The chunk that opens the stream."""
    return number == 0


def later(number: int, chunk: Chunk) -> bool:
    """Every chunk but the first."""
    return not first(number, chunk)


def with_text(number: int, chunk: Chunk) -> bool:  # noqa: ARG001 - what it bears alone decides
    """Chunks that add to a text."""
    return bool(text_of(chunk))


def with_finish(number: int, chunk: Chunk) -> bool:  # noqa: ARG001 - same
    """Chunks that end a choice."""
    return any(choice["finish_reason"] for choice in chunk["choices"])


def with_usage(number: int, chunk: Chunk) -> bool:  # noqa: ARG001 - same
    """The chunk of the token counts."""
    return bool(chunk.get("usage"))


def without_usage(number: int, chunk: Chunk) -> bool:
    """Every chunk but that of the token counts."""
    return not with_usage(number, chunk)


def where(which: Which, change: Edit, when: When = chats) -> Alteration:
    """These chunks are others."""
    return becoming(which, lambda chunk: (edited(chunk, change),), when)


def becoming(which: Which, make: Callable[[Chunk], Iterable[Chunk]], when: When = chats) -> Alteration:
    """In the place of each of these chunks come others, several or none; errors are left alone."""

    async def change(chunks: Chunks) -> Chunks:
        number = 0
        async for chunk in chunks:
            if "error" in chunk or not which(number, chunk):
                yield chunk
            else:
                for each in make(chunk):
                    yield each
            number += 1

    return stream(change, when)


def never(chunk: Chunk) -> Iterable[Chunk]:  # noqa: ARG001 - whatever it is
    """Nothing comes in its place."""
    return ()


def twice(chunk: Chunk) -> Iterable[Chunk]:
    """The same chunk again."""
    return chunk, chunk


def text_of(chunk: Chunk) -> str:
    """What a chunk adds to the texts of its choices."""
    return "".join(choice["delta"].get("content") or "" for choice in chunk["choices"])


def like(chunk: Chunk, **members: Any) -> Chunk:
    """A chunk of the same stream with these members instead, and no usage."""
    return {**{name: value for name, value in chunk.items() if name != "usage"}, **members}


def saying(chunk: Chunk, text: str) -> Chunk:
    """A chunk of the same stream that adds a text to its first choice."""
    index = chunk["choices"][0]["index"] if chunk["choices"] else 0
    choice = {"index": index, "delta": {"content": text}, "logprobs": None, "finish_reason": None}
    return like(chunk, choices=[choice])


def finishing(chunk: Chunk, reason: str = "stop") -> Chunk:
    """A chunk of the same stream that ends its first choice."""
    return like(chunk, choices=[{"index": 0, "delta": {}, "logprobs": None, "finish_reason": reason}])
