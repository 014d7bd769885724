"""Annotations of a job of GitHub Actions: workflow commands, read from the job's output.

GitHub shows ten errors, ten warnings and ten notices of a step. Where there are more of a kind, the tenth
says how many, and which. The last two lines are no commands; they are for whoever reads the log.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chatconform.ledger.requirement import Level
from chatconform.reports.breaches import Breach, breaches, details, why
from chatconform.reports.complete import how_it_was_cut
from chatconform.reports.report import Report
from chatconform.reports.run_facts import decided_by, target_told
from chatconform.reports.terminal import headline
from chatconform.reports.told import line

KINDS = {Level.MUST: "error", Level.SHOULD: "warning", Level.MAY: "notice"}
SHOWN = 10
_NAMED = 30
_COMMAND = re.compile(r":(?=:)|##(?=\[)")


@dataclass(frozen=True, slots=True)
class _Annotation:
    kind: str
    name: str
    title: str
    message: str

    def __str__(self) -> str:
        title = _escaped(line(self.title, 200)).replace(":", "%3A").replace(",", "%2C")
        return f"::{self.kind} title={title}::{_escaped(self.message)}"


def workflow_commands(report: Report) -> str:
    """The lines that a job prints."""
    found = [*_cut(report), *map(_broken, breaches(report)), *_unmeasured(report)]
    lines = [
        str(each)
        for kind in KINDS.values()
        for each in _bounded([annotation for annotation in found if annotation.kind == kind])
    ]
    return "\n".join([*lines, _head(report), headline(report.answer).plain]) + "\n"


def _head(report: Report) -> str:
    header = report.record.header
    told = f"target {target_told(header.target)}, model {header.target.model}"
    policy = decided_by(header, strict=report.answer.strict)
    # A runner of old looks for commands within a line, too.
    return _COMMAND.sub(r"\g<0> ", f"{line(told)}: {line(policy)}")


def _cut(report: Report) -> Iterator[_Annotation]:
    if cut := how_it_was_cut(report.record):
        yield _Annotation("error", "", "not a whole run", cut)


def _broken(breach: Breach) -> _Annotation:
    on = ", ".join(line(path, 60) for path in breach.paths)
    message = "\n".join([breach.requirement.rule, f"on: {on}", *details(breach.judgement)])
    return _Annotation(KINDS[breach.requirement.level], breach.requirement.id, breach.title, message)


def _unmeasured(report: Report) -> Iterator[_Annotation]:
    """What decides and could not be measured: without it, a job that found nothing would look sound."""
    for result in report.answer.unmeasured:
        row = result.requirement
        title = f"{row.id} {row.level} not measured"
        yield _Annotation("warning", row.id, title, f"{row.title}: {why(result.decisive[0])}")


def _bounded(found: Sequence[_Annotation]) -> Iterator[_Annotation]:
    if len(found) <= SHOWN:
        yield from found
        return
    yield from found[: SHOWN - 1]
    rest = found[SHOWN - 1 :]
    names = list(dict.fromkeys(each.name for each in rest if each.name))
    told = ", ".join(names[:_NAMED]) + (" …" if len(names) > _NAMED else "")
    yield _Annotation(rest[0].kind, "", f"and {len(rest)} more", f"{told}; see the summary or the record")


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
