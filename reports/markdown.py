"""Text of a stranger in Markdown: in code, where it is neither markup nor a mention nor HTML."""

from __future__ import annotations

import re

from chatconform.reports.told import LINE_LIMIT, line

_CELL = 200
_BACKTICKS = re.compile(r"`+")


def code(text: str, limit: int = LINE_LIMIT) -> str:
    """The text as a code span."""
    safe = line(text, limit) or " "
    fence = "`" * (_longest(safe) + 1)
    return f"{fence} {safe} {fence}" if "`" in safe else f"{fence}{safe}{fence}"


def in_table(text: str) -> str:
    """The text as a code span in a cell of a table: a bar would begin the next one, in code as well."""
    return code(text, _CELL).replace("|", "\\|")


def block(text: str, language: str = "") -> str:
    """Text that is safe to print as a block of code, of as many lines as it has."""
    fence = "`" * max(3, _longest(text) + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def _longest(text: str) -> int:
    return max((len(run) for run in _BACKTICKS.findall(text)), default=0)
