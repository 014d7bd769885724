"""What is broken, as trackers of defects want it: one entry a check, however many paths show it."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from chatconform.findings.verdict import Judgement, Verdict
from chatconform.ledger.requirement import Level, Requirement
from chatconform.plays.path import EVERYWHERE
from chatconform.reports.attempts import kept
from chatconform.reports.report import Report
from chatconform.reports.showing import by_check, pointed_at
from chatconform.reports.told import line, told
from chatconform.wire.curl import curl_command
from chatconform.wire.exchange import Exchange

# What an engineer would still paste into a shell.
_COMMAND_LIMIT = 20_000
_BY_LEVEL = list(Level)


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """A requirement that a check found broken on some paths; the first judgement stands for all."""

    requirement: Requirement
    judgement: Judgement
    paths: tuple[str, ...]

    @property
    def title(self) -> str:
        """The requirement in a few words."""
        return f"{self.requirement.id} {self.requirement.level} {self.requirement.title}"

    @property
    def fingerprint(self) -> str:
        """The same in every run in which this check finds the requirement broken, wherever and however."""
        name = f"{self.requirement.id}/{line(self.judgement.check)}"
        return hashlib.sha256(name.encode()).hexdigest()[:32]

    @property
    def exchanges(self) -> list[str]:
        """The exchanges that show it."""
        return pointed_at(self.judgement)


def breaches(report: Report) -> Iterator[Breach]:
    """Everything that is broken, the most binding requirements first."""
    failures = (result for result in report.answer.results if result.verdict is Verdict.FAIL)
    for result in sorted(failures, key=lambda result: _BY_LEVEL.index(result.requirement.level)):
        for judgement, paths in by_check(result.decisive):
            yield Breach(requirement=result.requirement, judgement=judgement, paths=tuple(paths))


def why(judgement: Judgement) -> str:
    """In one line what a judgement found."""
    if judgement.expected and judgement.path != EVERYWHERE:
        return f"expected {line(judgement.expected)}; came {line(judgement.came)}"
    return line(judgement.reason) or str(judgement.verdict)


def details(judgement: Judgement) -> Iterator[str]:
    """What a judgement found and where, a line each."""
    if judgement.expected and judgement.path != EVERYWHERE:
        yield f"expected: {line(judgement.expected)}"
        yield f"came: {line(judgement.came)}"
    elif judgement.reason:
        yield f"reason: {line(judgement.reason)}"
    for evidence in judgement.evidence[:20]:
        yield f"at: {line(f'{evidence.exchange} {evidence.where}: {evidence.quoted}', 1_000)}"
    if judgement.attempts:
        yield f"attempts: {', '.join(judgement.attempts)}"
    if tried := kept(judgement):
        yield tried
    if judgement.bug:
        yield told(judgement.bug)


def command(exchange: Exchange, key_env: str) -> str:
    """The curl command that sends an exchange's request again; where it is long, what writes it."""
    if len(exchange.request.body) <= _COMMAND_LIMIT:
        written = curl_command(exchange.request, key_env, ours=True)
        if len(written) <= 2 * _COMMAND_LIMIT:
            return told(written, 2 * _COMMAND_LIMIT)
    return f"chatconform export RECORD --curl FILE -x {shlex.quote(line(exchange.id, 40))}"


def commands(report: Report, breach: Breach) -> list[str]:
    """How to send again what shows a breach; each command once."""
    known = (report.exchanges[each] for each in breach.exchanges if each in report.exchanges)
    return list(dict.fromkeys(command(each, report.record.header.target.key_env) for each in known))
