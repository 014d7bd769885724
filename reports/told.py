"""Text of a stranger in a report for machines: bounded, and without a character that does anything.

`printable` takes away what moves a cursor or turns a line around. Machines have weaknesses of their own: XML
knows no U+FFFE, and many programs end a line at U+2028.
"""

from __future__ import annotations

import re

from chatconform.printable import printable

LIMIT = 4_000
LINE_LIMIT = 600
_LINE_ENDS = re.compile(r"[\u2028\u2029]")
# Code points that Unicode will never give a character (the last two of each plane, and 32 of Arabic).
_LASTS = "".join(chr((plane << 16) + last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
_NONCHARACTERS = re.compile(f"[\ufdd0-\ufdef{_LASTS}]")


def told(text: str, limit: int = LIMIT) -> str:
    """The text, safe for every format; beyond the limit only its length is told."""
    safe = printable(text[:limit])
    safe = _NONCHARACTERS.sub(_escaped, _LINE_ENDS.sub(_escaped, safe))
    return safe if len(text) <= limit else f"{safe} … ({len(text)} characters)"


def line(text: str, limit: int = LINE_LIMIT) -> str:
    """The same as one line."""
    return " ".join(told(text, limit).split())


def _escaped(found: re.Match[str]) -> str:
    point = ord(found[0])
    return f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"
