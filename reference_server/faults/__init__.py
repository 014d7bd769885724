"""Deliberate defects of the server, each switched on for one request by a header, or for everybody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import lru_cache
from itertools import combinations
from random import Random

from chatconform.errors import IncompatibleFaults, UnknownFault, UsageError
from chatconform.reference_server.altering import Choose
from chatconform.reference_server.faults.fault import Aspect, Fault
from chatconform.reference_server.faults.wish import wish_from
from chatconform.reference_server.refusal import Refusal
from chatconform.reference_server.seams import Alterations

__all__ = ["HEADER", "Aspect", "Fault", "chooser", "chosen", "find"]

# Only this server knows it: to any other it is one more header that clients and proxies add.
HEADER = "x-chatconform-fault"
_SEED = "faults"


def chooser(usual: Iterable[str]) -> Choose:
    """Return what chooses the alterations of a request: those of the usual faults, and of its header.

    A fault with a rate is drawn anew for each request, the same ones each time that a server is started.
    """
    always = tuple(map(wish_from, usual))
    chosen(tuple(wish.id for wish in always))
    luck = Random(_SEED)  # noqa: S311 - which requests show a fault is no secret

    def choose(headers: Mapping[str, str]) -> Alterations:
        asked = headers.get(HEADER)
        try:
            wishes = always if asked is None else (*always, *map(wish_from, asked.split(",")))
            # Whether they go together must not depend on luck.
            everything = chosen(tuple(wish.id for wish in wishes))
        except UsageError as error:
            told = f"{error}. {error.hint}" if error.hint else str(error)
            raise Refusal(400, told, code="unknown_fault") from None
        if all(wish.rate >= 1 for wish in wishes):
            return everything
        return chosen(tuple(wish.id for wish in wishes if luck.random() < wish.rate))

    return choose


@lru_cache(maxsize=1024)
def chosen(ids: tuple[str, ...]) -> Alterations:
    """Return the alterations of these faults together.

    Raises:
        UnknownFault: There is none of that name; the hint names the nearest.
        IncompatibleFaults: Two of them would hide each other.
    """
    faults = [find(name) for name in dict.fromkeys(ids)]
    for one, other in combinations(faults, 2):
        if one.excludes(other):
            shared = ", ".join(sorted(one.touches & other.touches))
            raise IncompatibleFaults(
                f"the faults {one.id} and {other.id} cannot be combined: both spoil {shared}",
                hint="Ask for one of them at a time.",
            )
    return tuple(alteration for fault in faults for alteration in fault.by)


def find(name: str) -> Fault:
    """Return the fault of that name.

    Raises:
        UnknownFault: There is none; the hint names the nearest.
    """
    from chatconform.reference_server.faults.catalogue import FAULTS

    if name not in FAULTS:
        near = get_close_matches(name, FAULTS, n=3, cutoff=0.4)
        hint = f"Did you mean {' or '.join(near)}?" if near else "`chatconform faults` lists them."
        raise UnknownFault(f"there is no fault {name[:100]!r}", hint=hint)
    return FAULTS[name]
