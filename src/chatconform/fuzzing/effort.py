"""How much a run spends on generated requests."""

from __future__ import annotations

from dataclasses import dataclass, replace
from difflib import get_close_matches

from chatconform.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """Bounds on generated requests: `requests` in number, `seconds` of time after which none is begun.

    `tame` keeps to requests that a real server can meet: sensible texts and sizes, tiny limits. Without it
    the contract alone bounds what is sent.
    """

    name: str
    requests: int
    seconds: float
    tame: bool = True

    def share(self, part: float) -> int:
        """The number of requests that a part of the effort may take."""
        return round(self.requests * part)

    def bounded(self, *, requests: int | None = None, seconds: float | None = None) -> Effort:
        """The same effort with other bounds."""
        return replace(
            self,
            requests=self.requests if requests is None else requests,
            seconds=self.seconds if seconds is None else seconds,
        )


OFF = Effort(name="off", requests=0, seconds=0.0)
QUICK = Effort(name="quick", requests=200, seconds=60.0)
DEEP = Effort(name="deep", requests=10_000, seconds=3600.0, tame=False)
EFFORTS = (OFF, QUICK, DEEP)


def effort_from(name: str, *, requests: int | None = None, seconds: float | None = None) -> Effort:
    """The effort of a name, with other bounds if any are given; raises `UsageError` for what cannot be."""
    known = {effort.name: effort for effort in EFFORTS}
    if name not in known:
        near = get_close_matches(name, known, n=1) or known
        raise UsageError(f"there is no fuzzing {name!r}", hint=f"Did you mean {' or '.join(near)}?")
    for told, bound in (("--fuzz-requests", requests), ("--fuzz-seconds", seconds)):
        if bound is not None and (bound <= 0 or name == "off"):
            raise UsageError(
                f"{told} {bound} bounds nothing", hint="Give a number above 0, and --fuzz quick or deep."
            )
    return known[name].bounded(requests=requests, seconds=seconds)
