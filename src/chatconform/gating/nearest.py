"""What somebody who mistyped a word probably meant."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches

_FEW = 12


def nearest(word: str, known: Collection[str]) -> str:
    """The nearest of the known words; nothing where none is near."""
    near = get_close_matches(word.strip(), known, n=1, cutoff=0.6)
    near = near or get_close_matches(word.strip().casefold(), known, n=1, cutoff=0.5)
    return near[0] if near else ""


def did_you_mean(word: str, known: Collection[str]) -> str:
    """The nearest of the known words as a question; all of them where they are few and none is near."""
    if near := nearest(word, known):
        return f"did you mean {near}?"
    return f"known: {', '.join(known)}" if len(known) <= _FEW else ""
