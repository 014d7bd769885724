"""What every form of a soak's report says in the same words."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from chatconform.errors import HarnessError
from chatconform.gating.writing import block
from chatconform.history.glance import Glance
from chatconform.history.history import called
from chatconform.judging.conformance import ExitCode
from chatconform.ledger import Ledger
from chatconform.reports.told import line
from chatconform.stability.causes import Cause, Exhibit
from chatconform.stability.proposals import Proposals
from chatconform.stability.stability import Share, Unstable

_NAME = 120
_SHOWN = 240
_SPANS = 12


@dataclass(frozen=True, kw_only=True)
class SoakReport:
    """Everything that a soak found.

    Attributes:
        runs: The runs with a record, by their numbers.
        failures: Those that came to nothing, and why.
        unstable: The verdicts that were not the same in all runs.
        proposals: What the flaky list of a baseline should have of them.
        baseline: The baseline that was looked at, if any.
        ended: Why it is not all that was asked for; empty where it is.
        has_bug: Whether a run met a bug of ours.
    """

    runs: tuple[tuple[int, Glance], ...]
    failures: tuple[tuple[int, str], ...]
    unstable: tuple[Unstable, ...]
    proposals: Proposals
    baseline: Path | None
    ledger: Ledger
    ended: str
    has_bug: bool
    seconds: float

    @property
    def source(self) -> Path:
        """The file beside which a page would be written that was given no name."""
        return self.runs[0][1].source

    @property
    def measured(self) -> int:
        """How many runs measured enough."""
        return sum(run.is_measured for _, run in self.runs)

    @property
    def exit_code(self) -> ExitCode:
        """What the soak says to a script: it is green only if all of it was measured and nothing changed."""
        if self.has_bug or any(Cause.BUG in each.causes for each in self.unstable):
            return ExitCode.BUG
        if self.unstable:
            return ExitCode.DOES_NOT_CONFORM
        if self.measured < max(2, len(self.runs) + len(self.failures)) or self.ended:
            return ExitCode.NOT_MEASURED
        return ExitCode.CONFORMS

    @property
    def by_cause(self) -> tuple[tuple[Cause, tuple[Unstable, ...]], ...]:
        """The unstable verdicts by what most of their changes come from."""
        grouped = ((cause, tuple(each for each in self.unstable if each.cause is cause)) for cause in Cause)
        return tuple((cause, found) for cause, found in grouped if found)


def alike(unstable: Iterable[Unstable]) -> tuple[tuple[Unstable, ...], ...]:
    """Those together that one exchange explains: many rules may rest on one request."""
    grouped: dict[Hashable, list[Unstable]] = {}
    for each in unstable:
        grouped.setdefault(each.likeness, []).append(each)
    return tuple(map(tuple, grouped.values()))


def title(report: SoakReport) -> str:
    """Of what it is, and what it took."""
    glances = [run for _, run in report.runs]
    if not glances:
        raise HarnessError("a soak without a run has no report")
    requests, tokens = sum(run.requests for run in glances), sum(run.tokens or 0 for run in glances)
    name = line(called(glances[0].header.target), _NAME)
    return (
        f"soak of {name}: {len(glances)} runs, {requests} requests, {tokens} tokens, {report.seconds:.0f} s"
    )


def headline(report: SoakReport) -> str:
    """The answer in one line."""
    places = {place for _, run in report.runs for place in run.places}
    told = f"{len(report.unstable)} of {len(places)} verdicts are unstable"
    match report.exit_code:
        case ExitCode.CONFORMS:
            return f"✓ no verdict is unstable: {len(places)} were the same in {len(report.runs)} runs"
        case ExitCode.DOES_NOT_CONFORM:
            return f"~ {told}"
        case ExitCode.BUG:
            return f"! a bug in chatconform, please report the records; {told}"
    return f"! not measured well enough to say: {_unmeasured(report)}"


def _unmeasured(report: SoakReport) -> str:
    whole = len(report.runs) + len(report.failures)
    if report.measured < 2:
        return f"{report.measured} of {whole} runs measured anything, and it takes two to differ"
    if report.measured < whole:
        return f"nothing changed in the {report.measured} of {whole} runs that measured anything"
    return f"nothing changed in {whole} runs; {report.ended}"


def numbers(runs: Sequence[int]) -> str:
    """The numbers of runs, those in a row together: `1 to 4, 6`."""
    parts: list[list[int]] = []
    for run in runs:
        if parts and run == parts[-1][-1] + 1:
            parts[-1].append(run)
        else:
            parts.append([run])
    told = ", ".join(_span(part) for part in parts[:_SPANS])
    told += ", …" if parts[_SPANS:] else ""
    return f"run {told}" if len(runs) == 1 else f"runs {told}"


def _span(part: list[int]) -> str:
    if len(part) < 3:
        return ", ".join(map(str, part))
    return f"{part[0]} to {part[-1]}"


def share_told(share: Share) -> str:
    """Successes, attempts and the interval: `7 of 10 (95 %: 35 to 93 %)`."""
    successes, attempts = share.proportion.successes, share.proportion.attempts
    low, high = (100 * bound for bound in share.proportion.interval)
    return f"{successes} of {attempts} (95 %: {low:.0f} to {high:.0f} %)"


def exhibit_told(exhibit: Exhibit) -> str:
    """An exchange of a run, and what it shows."""
    return line(" ".join(filter(None, (exhibit.exchange, exhibit.shows))), _SHOWN)


def proposed_lines(report: SoakReport) -> Iterator[str]:
    """The rows for the flaky list, as YAML."""
    if report.proposals.rows:
        yield "flaky:"
    for row in report.proposals.rows:
        yield from block(row, report.ledger)


def remarks(report: SoakReport) -> Iterator[str]:
    """What is to be said of the flaky list, beside the rows."""
    told = report.proposals
    if told.listed:
        yield f"in the flaky list of {report.baseline} already: {_names(told.listed)}"
    for entry in told.in_the_way:
        yield (
            f"{report.baseline}:{entry.line} has an entry for {entry.requirement}: take it out,"
            " or the row would contradict it"
        )
    if told.left_out:
        yield f"not proposed, for it is to be mended: {_names(told.left_out)}"


def _names(unstable: Iterable[Unstable]) -> str:
    found = list(dict.fromkeys(each.requirement.id for each in unstable))
    more = f" and {len(found) - 10} more" if len(found) > 10 else ""
    return ", ".join(found[:10]) + more
