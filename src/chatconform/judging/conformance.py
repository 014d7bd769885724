"""From judgements to the answer of a run: a verdict for each requirement, counts, and the exit code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum

from chatconform.findings.verdict import Judgement, Verdict, worst
from chatconform.ledger import Ledger
from chatconform.ledger.requirement import Level, Requirement


class ExitCode(IntEnum):
    """What the command line returns; each means one thing."""

    CONFORMS = 0
    DOES_NOT_CONFORM = 1
    USAGE = 2
    NOT_MEASURED = 3
    BUG = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A requirement with its judgements, and the verdict that stands for them."""

    requirement: Requirement
    verdict: Verdict
    judgements: tuple[Judgement, ...]

    @property
    def decisive(self) -> tuple[Judgement, ...]:
        """The judgements that made the verdict what it is."""
        return tuple(judgement for judgement in self.judgements if judgement.verdict is self.verdict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conformance:
    """The answer of a run: its results in the ledger's order."""

    results: tuple[Result, ...]
    strict: bool = False

    def count(self, results: Iterable[Result] | None = None) -> Mapping[Verdict, int]:
        """How many requirements have each verdict."""
        found = Counter(result.verdict for result in (self.results if results is None else results))
        return {verdict: found[verdict] for verdict in Verdict}

    @property
    def areas(self) -> Mapping[str, tuple[Result, ...]]:
        """The results by area, in order."""
        grouped: dict[str, tuple[Result, ...]] = {}
        for result in self.results:
            area = result.requirement.area
            grouped[area] = (*grouped.get(area, ()), result)
        return grouped

    @property
    def decisive(self) -> tuple[Result, ...]:
        """The results that decide: those of level MUST, and in strict mode those of level SHOULD."""
        counted = {Level.MUST, Level.SHOULD} if self.strict else {Level.MUST}
        return tuple(result for result in self.results if result.requirement.level in counted)

    @property
    def violations(self) -> tuple[Result, ...]:
        """The failures that decide."""
        return tuple(result for result in self.decisive if result.verdict is Verdict.FAIL)

    @property
    def unmeasured(self) -> tuple[Result, ...]:
        """The results that would decide, had the target answered."""
        return tuple(result for result in self.decisive if result.verdict is Verdict.ERROR)

    @property
    def has_bug(self) -> bool:
        """Whether a check of ours broke down."""
        return any(judgement.bug for result in self.results for judgement in result.judgements)

    @property
    def is_measured(self) -> bool:
        """Whether anything was measured, and at least half of what applies."""
        return is_measured(self.count())

    @property
    def exit_code(self) -> ExitCode:
        """What the run says to a script.

        A target does not conform by being silent: a run is green only if no answer was missing where it would
        have decided, and if at least half of what applies was measured. A target that answers 429 to
        everything fails nothing, and conforms to nothing.
        """
        if self.has_bug:
            return ExitCode.BUG
        if self.violations:
            return ExitCode.DOES_NOT_CONFORM
        if self.unmeasured or not self.is_measured:
            return ExitCode.NOT_MEASURED
        return ExitCode.CONFORMS


def is_measured(counts: Mapping[Verdict, int]) -> bool:
    """Whether of so many requirements by verdict any was measured, and at least half of what applies."""
    measured = counts[Verdict.PASS] + counts[Verdict.FAIL] + counts[Verdict.UNSUPPORTED]
    applicable = sum(counts.values()) - counts[Verdict.NOT_APPLICABLE]
    return measured > 0 and 2 * measured >= applicable


def conformance(judgements: Iterable[Judgement], ledger: Ledger, *, strict: bool = False) -> Conformance:
    """The answer that these judgements add up to."""
    grouped: dict[str, list[Judgement]] = {}
    for judgement in judgements:
        grouped.setdefault(judgement.requirement, []).append(judgement)
    results = tuple(
        Result(
            requirement=row,
            verdict=worst(judgement.verdict for judgement in grouped[row.id]),
            judgements=tuple(grouped[row.id]),
        )
        for row in ledger
        if row.id in grouped
    )
    return Conformance(results=results, strict=strict)
