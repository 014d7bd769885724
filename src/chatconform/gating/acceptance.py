"""What a baseline becomes when the answer of the gate is accepted: rows and places, no text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from chatconform.findings.verdict import Verdict
from chatconform.gating.answer import Answer, Class, Finding
from chatconform.gating.baseline import Baseline, Entry, Flaky, Origin, in_order, rank
from chatconform.gating.texts import one_line

Row = TypeVar("Row", Entry, Flaky)
_UNCHANGED = {Class.HELD, Class.KNOWN_FAILURE, Class.ACCEPTED, Class.FLAKY}


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """On which terms something is accepted."""

    reason: str = ""
    expires: date | None = None
    ticket: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A row that is added (nothing before), changed, or taken out (nothing after)."""

    before: Entry | Flaky | None
    after: Entry | Flaky | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """What changes in a baseline, and what was exercised now that it has."""

    origin: Origin
    edits: tuple[Edit, ...]
    exercised: Mapping[str, tuple[str, ...]]

    def applied_to(self, baseline: Baseline) -> Baseline:
        """The baseline with these changes."""
        rows = _edited(baseline.rows, self.edits)
        return replace(
            baseline,
            origin=self.origin,
            entries=tuple(row for row in rows if isinstance(row, Entry)),
            flaky=tuple(row for row in rows if isinstance(row, Flaky)),
            exercised=self.exercised,
        )


def unreasoned(answer: Answer) -> tuple[Finding, ...]:
    """The findings that nobody may accept without saying why."""
    return tuple(finding for finding in answer.findings if _needs_reason(finding))


def accept(baseline: Baseline, answer: Answer, terms: Terms, origin: Origin) -> Acceptance:
    """Accept everything that the gate found, on these terms; what the run did not exercise stays as it is."""
    wanted = _wanted(answer, terms)
    edits: list[Edit] = []
    for entry in baseline.entries:
        edits += _changed(entry, baseline, answer, terms, wanted)
    edits += [
        Edit(before=row, after=_renewed(row, terms))
        for row in baseline.flaky
        if any(finding.row is row for finding in answer.of(Class.EXPIRED))
    ]
    edits += [Edit(before=None, after=entry) for entry in wanted]
    return Acceptance(origin=origin, edits=tuple(edits), exercised=_exercised(baseline, answer))


def _needs_reason(finding: Finding) -> bool:
    """What is worse than was accepted, breaks a rule or got no answer; what only leaves needs none."""
    if finding.kind in _UNCHANGED or finding.kind is Class.FIXED:
        return False
    is_bad = finding.kind is not Class.ADDED or finding.now in {Verdict.FAIL, Verdict.ERROR}
    return finding.now is not None and is_bad


def _is_renewed(finding: Finding) -> bool:
    return finding.kind is Class.EXPIRED and finding.now is finding.before


def _wanted(answer: Answer, terms: Terms) -> list[Entry]:
    """The entries that have to be written, one for each verdict of a requirement, or of its check."""
    grouped: dict[tuple[str, str, Verdict, bool], list[Finding]] = {}
    for finding in answer.findings:
        now = finding.now
        if now is None or now is Verdict.PASS or finding.kind in _UNCHANGED or _is_renewed(finding):
            continue
        if not isinstance(finding.row, Flaky):
            key = finding.requirement.id, finding.check, now, _needs_reason(finding)
            grouped.setdefault(key, []).append(finding)
    return [
        Entry(
            requirement=requirement,
            check=check,
            verdict=verdict,
            since=answer.today,
            paths=in_order(path for finding in found for path in finding.paths),
            reason=terms.reason if needs_reason else _why(found[0]),
            expires=terms.expires if needs_reason else None,
            ticket=terms.ticket if needs_reason else "",
        )
        for (requirement, check, verdict, needs_reason), found in grouped.items()
    ]


def _changed(
    entry: Entry, baseline: Baseline, answer: Answer, terms: Terms, wanted: list[Entry]
) -> Iterator[Edit]:
    """What becomes of an entry; an entry of `wanted` that takes its whole place is taken out of there."""
    about = [finding for finding in answer.findings if finding.row is entry]
    left = {path for each in about for path in each.paths if each.kind not in _UNCHANGED}
    left -= {path for each in about if _is_renewed(each) for path in each.paths}
    after = _renewed(entry, terms) if any(map(_is_renewed, about)) else entry
    if left:
        every = {*entry.paths} or {
            *baseline.exercised.get(entry.requirement, ()),
            *(path for each in about for path in each.paths),
        }
        stays = in_order(every - left)
        if not stays:
            heirs = [each for each in wanted if _inherits(each, entry) and left >= {*each.paths}]
            for heir in heirs[:1]:
                wanted.remove(heir)
            yield Edit(before=entry, after=_in_place(entry, heirs[0]) if heirs else None)
            return
        after = replace(after, paths=stays)
    if after != entry:
        yield Edit(before=entry, after=after)


def _inherits(heir: Entry, entry: Entry) -> bool:
    return (heir.requirement, heir.check) == (entry.requirement, entry.check)


def _in_place(entry: Entry, heir: Entry) -> Entry:
    return replace(heir, reason=heir.reason or entry.reason, ticket=heir.ticket or entry.ticket)


def _renewed(row: Row, terms: Terms) -> Row:
    return replace(
        row, reason=terms.reason or row.reason, expires=terms.expires, ticket=terms.ticket or row.ticket
    )


def _exercised(baseline: Baseline, answer: Answer) -> dict[str, tuple[str, ...]]:
    found = {name: set(paths) for name, paths in baseline.exercised.items()}
    # What one check left out another may have judged: the one that is gone comes first.
    for finding in sorted(answer.findings, key=lambda finding: finding.now is not None):
        paths = found.setdefault(finding.requirement.id, set())
        if finding.now is None and finding.kind is not Class.FLAKY:
            paths -= set(finding.paths)
        elif finding.now is not None:
            paths |= set(finding.paths)
    return {name: in_order(paths) for name, paths in sorted(found.items()) if paths}


def _why(finding: Finding) -> str:
    return one_line(finding.judgement.reason) if finding.judgement else ""


def _edited(rows: Sequence[Entry | Flaky], edits: Sequence[Edit]) -> list[Entry | Flaky]:
    """The rows after the edits, in order."""
    kept = [row for row in rows if not any(edit.before is row for edit in edits)]
    came = [edit.after for edit in edits if edit.after is not None]
    return sorted([*kept, *came], key=rank)
