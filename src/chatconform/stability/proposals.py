"""What a baseline's flaky list should have of the verdicts that are unstable, and has not yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain

from chatconform.gating.baseline import Baseline, Entry, Flaky, in_order
from chatconform.stability.causes import MEANINGS, Cause
from chatconform.stability.stability import Unstable

# These are to be mended, and not to be got used to: a night of time-outs would list every rule.
_NO_FLAKE = {Cause.ILL, Cause.BUG}


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposals:
    """Rows for the flaky list.

    Attributes:
        rows: What is not yet there.
        in_the_way: Entries of the baseline about the same; they would contradict the rows.
        listed: The unstable verdicts that the list has already.
        left_out: Those that come from an ill target or from us alone.
    """

    rows: tuple[Flaky, ...]
    in_the_way: tuple[Entry, ...]
    listed: tuple[Unstable, ...]
    left_out: tuple[Unstable, ...]


def proposals_for(unstable: Sequence[Unstable], today: date, baseline: Baseline | None = None) -> Proposals:
    """The rows that would make the gate log these verdicts instead of failing for them."""
    left_out = [each for each in unstable if _NO_FLAKE.issuperset(each.causes)]
    rest = [each for each in unstable if each not in left_out]
    listed = [
        each for each in rest if baseline and baseline.flake(each.requirement.id, each.path) is not None
    ]
    new = [each for each in rest if each not in listed]
    spoken_for = [baseline.entries_on(each.requirement.id, each.path) for each in new] if baseline else []
    in_the_way = tuple(dict.fromkeys(chain(*spoken_for)))
    return Proposals(
        rows=_rows(new, today), in_the_way=in_the_way, listed=tuple(listed), left_out=tuple(left_out)
    )


def _rows(unstable: Sequence[Unstable], today: date) -> tuple[Flaky, ...]:
    """A row for each requirement."""
    grouped: dict[str, list[Unstable]] = {}
    for each in unstable:
        grouped.setdefault(each.requirement.id, []).append(each)
    return tuple(
        Flaky(
            requirement=requirement,
            reason=_reason(found[0]),
            paths=in_order(each.path for each in found),
            since=today,
        )
        for requirement, found in grouped.items()
    )


def _reason(unstable: Unstable) -> str:
    attempts = unstable.shares[0].proportion.attempts
    told = ", ".join(f"{share.verdict} {share.proportion.successes}" for share in unstable.shares)
    return f"{MEANINGS[unstable.cause]}; of {attempts} equal runs: {told}"
