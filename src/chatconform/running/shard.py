"""Shards: the requirements of a run divided among several runs, each of which judges its own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from chatconform.errors import UsageError

_FORM = re.compile(r"([0-9]{1,6})/([0-9]{1,6})", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Shard:
    """The run `number` of `of` runs that share the requirements; both count from 1."""

    number: int
    of: int

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    def part(self, requirements: Sequence[str]) -> tuple[str, ...]:
        """The requirements of this shard: a block of them, as large as the others or larger by one.

        What lies together stays together, as rules of one area share their requests. Raises `UsageError`
        where there are fewer requirements than shards.
        """
        if self.of > len(requirements):
            raise UsageError(
                f"--shard {self}: {len(requirements)} requirements cannot be shared by {self.of} runs",
                hint=f"Share them by {len(requirements)} runs at most." if requirements else None,
            )
        ends = [len(requirements) * number // self.of for number in (self.number - 1, self.number)]
        return tuple(requirements[slice(*ends)])


def shard_from(text: str) -> Shard:
    """The shard that is written as `2/5`; raises `UsageError` for anything else."""
    found = _FORM.fullmatch(text.strip())
    if found is None:
        raise UsageError(
            f"--shard {text!r} is no part of a run", hint="Write --shard 2/5 for the second of five."
        )
    shard = Shard(int(found[1]), int(found[2]))
    if not 1 <= shard.number <= shard.of:
        raise UsageError(
            f"--shard {text!r}: there is no part {shard.number} of {shard.of}",
            hint=f"The parts are 1/{shard.of} to {shard.of}/{shard.of}." if shard.of else None,
        )
    return shard
