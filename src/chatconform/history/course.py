"""The course of a requirement: its verdict in each run that judged it, and the runs in which it changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chatconform.findings.verdict import Verdict, worst
from chatconform.history.glance import Glance
from chatconform.ledger import Ledger
from chatconform.ledger.requirement import Requirement
from chatconform.record.rows import Header

# There and back may be a defect that came and was mended, or one night on which the target was down.
_UNSTABLE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """Something else that changed along with a verdict, and may be why: the tool, the contract, the model."""

    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A verdict that is another than in the run before that judged the same on the same paths.

    `run` is the first with the new verdict, `since` the last with the old one; `place` is the place of `run`
    among all runs of the target, from 0.
    """

    before: Verdict
    after: Verdict
    since: Glance
    run: Glance
    place: int

    @property
    def shifts(self) -> tuple[Shift, ...]:
        """What else changed between the two runs."""
        return tuple(shifts_between(self.since.header, self.run.header))


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A requirement through all runs: nothing where one did not judge it; the newest change is the first."""

    requirement: Requirement
    verdicts: tuple[Verdict | None, ...]
    changes: tuple[Change, ...]

    @property
    def is_unstable(self) -> bool:
        """Whether it changed more often than there and back."""
        return len(self.changes) >= _UNSTABLE


def courses_of(runs: Sequence[Glance], ledger: Ledger) -> tuple[Course, ...]:
    """The course of each requirement that any of the runs judged; the runs are in the order of time.

    Requirements that this ledger no longer has are left out.
    """
    return tuple(_course(row, runs) for row in ledger if any(row.id in run.verdicts for run in runs))


def shifts_between(before: Header, after: Header) -> Iterator[Shift]:
    """What differs between two runs beside their verdicts."""
    for (what, old), (_, new) in zip(_circumstances(before), _circumstances(after), strict=True):
        if old != new:
            yield Shift(what=what, before=old, after=new)


def _course(row: Requirement, runs: Sequence[Glance]) -> Course:
    verdicts = tuple(run.verdicts.get(row.id) for run in runs)
    return Course(requirement=row, verdicts=verdicts, changes=tuple(reversed(list(_changes(row, runs)))))


def _changes(row: Requirement, runs: Sequence[Glance]) -> Iterator[Change]:
    """Each change, the oldest first.

    A profile may judge a requirement on fewer paths than another. So the paths of a run are held against what
    was known of the same paths before: what was broken on a path that is not judged now is no better.
    """
    known: dict[str, tuple[Verdict, int]] = {}
    for place, run in enumerate(runs):
        now = run.by_path.get(row.id, {})
        both = [path for path in now if path in known]
        if both:
            before, after = worst(known[path][0] for path in both), worst(now[path] for path in both)
            if before is not after:
                since = max(known[path][1] for path in both if known[path][0] is before)
                yield Change(before=before, after=after, since=runs[since], run=run, place=place)
        known.update({path: (verdict, place) for path, verdict in now.items()})


def _circumstances(header: Header) -> Iterator[tuple[str, str]]:
    """What a verdict may depend on, beside the target; the likeliest first."""
    target, policy, sampling = header.target, header.policy, header.policy.sampling
    yield "tool", header.tool
    yield "contract", f"{header.contract_version} ({header.contract_digest[:8]})"
    yield "ledger", header.ledger_digest[:8]
    yield "profile", " ".join(filter(None, (header.profile, header.profile_version)))
    yield "model", target.model
    yield "declared", ", ".join((*sorted(target.declared), *(f"no {word}" for word in sorted(target.lacks))))
    yield "time-out", f"{target.timeout:g} s"
    yield "concurrency", str(target.concurrency)
    yield "seed", header.seed
    yield "sampling", f"{sampling.name}, {sampling.least} to {sampling.most} attempts"
    yield "generated requests", policy.fuzzing
    yield "Python", header.python
