"""What a fault is: a named, deliberate defect, and the requirements that it has to turn red."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from chatconform.reference_server.seams import Alteration, Alterations


class Aspect(StrEnum):
    """What a fault spoils. Two that spoil the same cannot be told apart, and are not combined."""

    KEYS = "keys"
    ROUTES = "routes"
    HEADERS = "headers"
    REFUSALS = "refusals"
    ERRORS = "errors"
    MODELS = "models"
    PROMPT = "prompt"
    PARAMETERS = "parameters"
    TEXT = "text"
    CALLS = "calls"
    FINISH = "finish"
    USAGE = "usage"
    LOGPROBS = "logprobs"
    IDENTITY = "identity"
    SHAPE = "shape"
    CHUNKS = "chunks"
    FRAMING = "framing"
    TIME = "time"
    CONNECTION = "connection"
    UPSTREAM = "upstream"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One defect, as alterations of the server.

    Attributes:
        id: Its name in the header, on the command line and in the matrix; never reused.
        defect: What such a server does, as one sentence.
        kills: The requirements that it has to turn red, as `CC-STOP-001`, or as `CC-STOP-001@streamed` where
            it must be seen on that path.
        collateral: Requirements that it turns red besides, each with the reason.
        touches: What it spoils.
        seen_in: Where such a server was met.
        by: The alterations.
        thorough: Whether only a run that sends every case, on every path, meets it.
    """

    id: str
    defect: str
    kills: tuple[str, ...]
    by: Alterations
    touches: frozenset[Aspect]
    collateral: Mapping[str, str] = field(default_factory=dict)
    seen_in: tuple[str, ...] = ()
    thorough: bool = False

    @property
    def breaks(self) -> frozenset[str]:
        """The ids of the requirements that it has to turn red."""
        return frozenset(kill.partition("@")[0] for kill in self.kills)

    def excludes(self, other: Fault) -> bool:
        """Whether the two would hide each other."""
        return bool(self.touches & other.touches)


class Declare(Protocol):
    """Makes one fault of a family."""

    def __call__(
        self,
        id: str,  # noqa: A002 - the name that the catalogue shows
        defect: str,
        *by: Alteration,
        kills: str | tuple[str, ...],
        collateral: Mapping[str, str] | None = None,
        also: tuple[Aspect, ...] = (),
        seen_in: str | tuple[str, ...] = (),
    ) -> Fault:
        """`kills` may name several requirements in one string, with blanks between."""


def family(*aspects: Aspect, thorough: bool = False) -> Declare:
    """Return what makes faults that touch these aspects; if `thorough`, that such a run alone meets."""

    def declare(
        id: str,  # noqa: A002 - see above
        defect: str,
        *by: Alteration,
        kills: str | tuple[str, ...],
        collateral: Mapping[str, str] | None = None,
        also: tuple[Aspect, ...] = (),
        seen_in: str | tuple[str, ...] = (),
    ) -> Fault:
        return Fault(
            id=id,
            defect=defect,
            by=by,
            kills=tuple(kills.split()) if isinstance(kills, str) else kills,
            collateral=dict(collateral or {}),
            touches=frozenset((*aspects, *also)),
            seen_in=(seen_in,) if isinstance(seen_in, str) else seen_in,
            thorough=thorough,
        )

    return declare
