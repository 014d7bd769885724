"""Times and sizes as people write them: a number, or a number with a unit."""

from __future__ import annotations

import re

SECONDS = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0}
BYTES = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
_NUMBER = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*(.*?)\s*")


def seconds(value: float | str) -> float:
    """Seconds of a number, or of a text such as "90 s"."""
    if not isinstance(value, str):
        return float(value)
    number, unit = parted(value)
    return float(number) * SECONDS[unit]


def size(value: int | str) -> int:
    """Bytes of a number, or of a text such as "1 MiB"."""
    if not isinstance(value, str):
        return value
    number, unit = parted(value)
    return int(number) * BYTES[unit]


def parted(text: str) -> tuple[str, str]:
    """The number and the unit of a text; both empty where it does not begin with a number."""
    found = _NUMBER.fullmatch(text)
    return (found[1], found[2]) if found else ("", "")
