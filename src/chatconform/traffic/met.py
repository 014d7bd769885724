"""What is met in recorded traffic, piece by piece."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from chatconform.wire.exchange import Exchange

# Nothing larger is held at once: no entry, no line, no transcript. To read one takes some five times as much,
# and twenty times where a single wide character makes every text in it four bytes wide.
PIECE_LIMIT = 16 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where in which file: `entry 12`, `line 3`, `byte 1033`; empty for the whole file."""

    file: Path
    position: str = ""

    def __str__(self) -> str:
        return f"{self.file}, {self.position}" if self.position else str(self.file)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """An exchange that can be judged, in part if some of it was not recorded."""

    exchange: Exchange
    where: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """Something that is no exchange with the API: a picture of a page, an answer out of a cache."""

    where: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Unjudged:
    """Something that cannot be judged, and why; `is_end` says that the file was not read any further."""

    where: Place
    reason: str
    is_end: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What a file says of the target whose traffic follows: the features that it is declared to lack."""

    lacks: frozenset[str]


Met = Heard | Beside | Unjudged | Described
