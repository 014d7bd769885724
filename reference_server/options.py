"""Option texts of both command lines, turned into settings."""

from __future__ import annotations

import re

from chatconform.errors import UsageError
from chatconform.reference_server.settings import DEFAULT_MODELS, ModelCard, RateLimit

_RATE = re.compile(r"(?P<requests>[1-9]\d*)/(?P<count>\d+(?:\.\d+)?)?(?P<unit>s|m|h)?")
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}


def rate_limit(text: str) -> RateLimit:
    """Read a limit such as `60/m`, `5/10s` or `100/1.5h`: requests, and the window they are counted in.

    Raises:
        UsageError: The text has another form, or its window no length.
    """
    found = _RATE.fullmatch(text)
    seconds = float(found["count"] or 1) * _UNITS[found["unit"] or "s"] if found else 0.0
    if found is None or seconds <= 0:
        raise UsageError(
            f"{text!r} is not a rate limit", hint="Write requests and a window, as in 60/m or 5/10s."
        )
    return RateLimit(requests=int(found["requests"]), seconds=seconds)


def with_first_model(name: str) -> tuple[ModelCard, ...]:
    """Return the default models with this one before them."""
    return (ModelCard(id=name), *(card for card in DEFAULT_MODELS if card.id != name))


def kinds(text: str) -> tuple[str, ...]:
    """Read kinds of personal data such as `email,phone`."""
    return tuple(dict.fromkeys(word.strip() for word in text.split(",") if word.strip()))
