"""Streams that show what a greeting does not: many deltas, characters of several bytes, what comes after."""

from __future__ import annotations

from chatconform.suite import STREAMED, Stage, prompt, scenario


@scenario(paths=(STREAMED,))
async def count(stage: Stage) -> None:
    """Twenty numbers, which take many deltas and a known order."""
    await stage.post("answer", stage.chat(prompt("count-to-twenty"), temperature=0))


@scenario(paths=(STREAMED,))
async def wide_characters(stage: Stage) -> None:
    """A repetition of characters of two, three and four bytes."""
    await stage.post("answer", stage.chat(prompt("repeat-wide-characters"), temperature=0))


@scenario(paths=(STREAMED,), requests=2)
async def one_after_the_other(stage: Stage) -> None:
    """A stream, and as soon as it has ended another request."""
    await stage.post("answer", stage.chat(prompt("one-word"), temperature=0))
    await stage.post("next", stage.chat(prompt("one-word"), temperature=0, stream=False))


@scenario(paths=(STREAMED,))
async def without_obfuscation(stage: Stage) -> None:
    """A stream that asks for chunks without padding."""
    body = stage.chat(prompt("greeting"), stream_options={"include_obfuscation": False})
    await stage.post("answer", body)
