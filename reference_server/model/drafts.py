"""What the model means to write: a lazy sequence of segments that the sampler turns into tokens."""

import hashlib
from collections.abc import Generator, Sequence
from dataclasses import dataclass

CONSTRAINED = 1000.0
"""Margin of text that a grammar prescribes (JSON, the inside of a character): nothing moves it."""
CERTAIN = 40.0
"""Margin of determined text: sampling leaves it alone up to temperature 2, a bias does not."""
LOOSE = 12.0
"""Margin of text that goes on only for want of something better."""


_MANY = 2000


@dataclass(frozen=True, slots=True)
class Fixed:
    """Text that is determined; `margin` is how far (in logits) it lies before every other token.

    `yields` tells that nothing depends on the very words, so that the penalties move a repetition in them.
    """

    text: str
    margin: float = CERTAIN
    yields: bool = False


@dataclass(frozen=True, slots=True)
class Slot:
    """A place where any of the options fits; the first is the likeliest, the last e² times less likely."""

    options: tuple[str, ...]


Segment = Fixed | Slot
Draft = Generator[Segment, str, None]
"""Yields segments and is sent the text that each of them became."""


def fixed(text: str, margin: float = CERTAIN) -> Draft:
    """Draft one determined text."""
    yield Fixed(text, margin)


def turned(options: Sequence[str], key: object) -> tuple[str, ...]:
    """Rotate options by a hash of the key, so that greedy text differs from place to place."""
    digest = hashlib.blake2b(repr(key).encode("utf-8", "replace"), digest_size=4).digest()
    shift = int.from_bytes(digest) % len(options)
    return (*options[shift:], *options[:shift])


def plain(draft: Draft) -> str:
    """Read a draft as its likeliest text; one without an end is cut after many segments."""
    parts: list[str] = []
    try:
        segment = next(draft)
        for _ in range(_MANY):
            text = segment.text if isinstance(segment, Fixed) else segment.options[0]
            parts.append(text)
            segment = draft.send(text)
    except StopIteration:
        pass
    return "".join(parts)
