"""Text that goes into a baseline, whoever wrote it."""

from __future__ import annotations

from chatconform.printable import printable

_LONGEST = 300


def one_line(text: str) -> str:
    """The text as one line, bounded, without a character that acts."""
    line = " ".join(printable(text).split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 2]} …"
