"""Which fault is asked for, and how often it shows: `arguments-null`, or `arguments-null@0.1` for a tenth."""

from __future__ import annotations

from dataclasses import dataclass

from chatconform.errors import UsageError

MARK = "@"


@dataclass(frozen=True, slots=True)
class Wish:
    """A fault that each request meets with a probability of `rate`."""

    id: str
    rate: float = 1.0


def wish_from(text: str) -> Wish:
    """The wish that a text states; raises `UsageError` for a rate that is no probability."""
    name, mark, rate = text.partition(MARK)
    if not mark:
        return Wish(name.strip())
    try:
        found = float(rate)
    except ValueError:
        found = -1.0
    if not 0 < found <= 1:
        raise UsageError(
            f"{text[:100]!r}: {rate[:30]!r} is no share of requests", hint="Write ID@0.1 for a tenth of them."
        )
    return Wish(name.strip(), found)
