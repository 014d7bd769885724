"""Text from a stranger, made safe to print: it moves no cursor, changes no colour, reverses no line."""

from __future__ import annotations

import re
import unicodedata

# Control characters (Cc), formatting such as right-to-left overrides (Cf), lone surrogates (Cs).
UNSAFE = {"Cc", "Cf", "Cs"}
KEPT = {"\n", "\t"}
# Most texts are of these alone, and long ones are then not looked at one by one.
_PLAIN = re.compile(r"[\n\t -~]*")


def printable(text: str) -> str:
    """The same text with every unsafe character written as its escape."""
    if _PLAIN.fullmatch(text):
        return text
    return "".join(c if c in KEPT or unicodedata.category(c) not in UNSAFE else _escape(c) for c in text)


def _escape(character: str) -> str:
    point = ord(character)
    return f"\\x{point:02x}" if point < 0x100 else f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"
