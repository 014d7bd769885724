"""A run as its page tells it: everything that the template says, worked out."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from chatconform.findings.reception import Standing
from chatconform.findings.verdict import Observation, Verdict
from chatconform.judging.conformance import ExitCode, Result
from chatconform.ledger.areas import AREAS
from chatconform.ledger.requirement import Level, Requirement
from chatconform.record.rows import TargetInfo
from chatconform.reports.attempts import Wavering, not_always
from chatconform.reports.client_groups import ClientGroup, client_groups
from chatconform.reports.complete import how_it_was_cut
from chatconform.reports.findings import Finding, findings_of
from chatconform.reports.report import Report
from chatconform.reports.run_facts import decided_by, facts
from chatconform.reports.sentences import illnesses, level_sentence, observed

Counts = Mapping[Verdict, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """The answer of the run; `style` is one of `good`, `bad`, `open`."""

    glyph: str
    title: str
    sentence: str
    style: str


_HEADLINES = {
    ExitCode.CONFORMS: ("✓", "Conforms", "good"),
    ExitCode.DOES_NOT_CONFORM: ("✗", "Does not conform", "bad"),
    ExitCode.NOT_MEASURED: ("!", "Not measured well enough to say", "open"),
    ExitCode.BUG: ("!", "A bug in chatconform, please report the record", "open"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldRequirement:
    """A requirement with its verdict; `brief` says in a line what is wrong, and is empty for a pass."""

    requirement: Requirement
    verdict: Verdict
    findings: tuple[Finding, ...]
    observations: tuple[Observation, ...]
    clients: tuple[ClientGroup, ...]

    @property
    def brief(self) -> str:
        """What is wrong in a line."""
        return "" if self.verdict is Verdict.PASS else self.findings[0].brief


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldArea:
    """The requirements of an area, and how many have which verdict."""

    name: str
    title: str
    counts: Counts
    requirements: tuple[ToldRequirement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """All of it: `policy` is by what it decides, `facts` are names and values, `cut` why it is not whole."""

    headline: Headline
    target: TargetInfo
    policy: str
    counts: Counts
    levels: Mapping[Level, Counts]
    areas: tuple[ToldArea, ...]
    facts: tuple[tuple[str, str], ...]
    cut: str
    wavering: tuple[Wavering, ...]
    illnesses: tuple[str, ...]
    observations: tuple[tuple[str, str, str], ...]
    standings: tuple[Standing, ...]
    client_groups: tuple[ClientGroup, ...]
    command: str
    contract: str
    ledger: str
    source: str

    @property
    def broken(self) -> tuple[ToldRequirement, ...]:
        """What is broken, the most binding first."""
        found = [told for area in self.areas for told in area.requirements if told.verdict is Verdict.FAIL]
        return tuple(sorted(found, key=lambda told: list(Level).index(told.requirement.level)))


def run_view(report: Report) -> RunView:
    """What the page of a run says."""
    answer, header = report.answer, report.record.header
    groups = client_groups(report.record.receptions, answer)
    return RunView(
        headline=_headline(report),
        target=header.target,
        policy=decided_by(header, strict=answer.strict),
        counts=answer.count(),
        levels=dict(_levels(report)),
        areas=tuple(_area(report, name, results, groups) for name, results in answer.areas.items()),
        facts=tuple(facts(report.record, len(report.answer.results))),
        cut=how_it_was_cut(report.record),
        wavering=tuple(not_always(answer.results)),
        illnesses=tuple(illnesses(report.record)),
        observations=tuple(observed(answer)),
        standings=report.record.standings,
        client_groups=groups,
        command=shlex.join(header.command),
        contract=f"{header.contract_version} ({header.contract_digest[:12]})",
        ledger=header.ledger_digest[:12],
        source=report.source.name,
    )


def _headline(report: Report) -> Headline:
    glyph, title, style = _HEADLINES[report.answer.exit_code]
    levels = [Level.MUST, Level.SHOULD]
    sentence = "; ".join(level_sentence(report.answer, level) for level in levels)
    return Headline(glyph=glyph, title=title, sentence=f"{sentence}.", style=style)


def _levels(report: Report) -> Iterator[tuple[Level, Counts]]:
    for level in Level:
        results = [result for result in report.answer.results if result.requirement.level is level]
        if results:
            yield level, report.answer.count(results)


def _area(
    report: Report, name: str, results: tuple[Result, ...], groups: tuple[ClientGroup, ...]
) -> ToldArea:
    return ToldArea(
        name=name,
        title=AREAS[name],
        counts=report.answer.count(results),
        requirements=tuple(_requirement(result, groups) for result in results),
    )


def _requirement(result: Result, groups: tuple[ClientGroup, ...]) -> ToldRequirement:
    seen = (each for judgement in result.judgements for each in judgement.observations)
    return ToldRequirement(
        requirement=result.requirement,
        verdict=result.verdict,
        findings=findings_of(result.judgements),
        observations=tuple(dict.fromkeys(seen)),
        clients=tuple(group for group in groups if result.requirement.id in group.beside),
    )
