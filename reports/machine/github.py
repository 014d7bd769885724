"""What a run found, as annotations of a job of GitHub Actions; the last two lines are for people."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chatconform.reports.breaches import Breach, breaches, details, why
from chatconform.reports.complete import how_it_was_cut
from chatconform.reports.machine.annotations import KINDS, Annotation, commands
from chatconform.reports.report import Report
from chatconform.reports.run_facts import decided_by, target_told
from chatconform.reports.terminal import headline
from chatconform.reports.told import line

_COMMAND = re.compile(r":(?=:)|##(?=\[)")


def workflow_commands(report: Report) -> str:
    """The lines that a job prints."""
    found = [*_cut(report), *map(_broken, breaches(report)), *_unmeasured(report)]
    return commands(found, f"{_head(report)}\n{headline(report.answer).plain}")


def _head(report: Report) -> str:
    header = report.record.header
    told = f"target {target_told(header.target)}, model {header.target.model}"
    policy = decided_by(header, strict=report.answer.strict)
    # A runner of old looks for commands within a line, too.
    return _COMMAND.sub(r"\g<0> ", f"{line(told)}: {line(policy)}")


def _cut(report: Report) -> Iterator[Annotation]:
    if cut := how_it_was_cut(report.record):
        yield Annotation(kind="error", name="", title="not a whole run", message=cut)


def _broken(breach: Breach) -> Annotation:
    on = ", ".join(line(path, 60) for path in breach.paths)
    return Annotation(
        kind=KINDS[breach.requirement.level],
        name=breach.requirement.id,
        title=breach.title,
        message="\n".join([breach.requirement.rule, f"on: {on}", *details(breach.judgement)]),
    )


def _unmeasured(report: Report) -> Iterator[Annotation]:
    """What decides and could not be measured: without it, a job that found nothing would look sound."""
    for result in report.answer.unmeasured:
        row = result.requirement
        yield Annotation(
            kind="warning",
            name=row.id,
            title=f"{row.id} {row.level} not measured",
            message=f"{row.title}: {why(result.decisive[0])}",
        )
