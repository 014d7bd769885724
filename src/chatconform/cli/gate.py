"""`chatconform gate RECORD --baseline FILE`: what got worse since it was accepted, and nothing else."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console

from chatconform.cli.baseline_options import Gating, baseline_options
from chatconform.cli.wanted import takes_stdout, wanted_from
from chatconform.errors import UsageError
from chatconform.ledger import load_ledger
from chatconform.record import Record
from chatconform.resources import load

_RUN_AGAIN = "What it lacks may have got worse; run again."


@click.command(short_help="Hold a run against its baseline.")
@click.argument("record", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@baseline_options
@click.option(
    "--requirement", "-r", "requirements", multiple=True, metavar="ID", help="Only these: CC-STOP-001, ERR."
)
@click.option(
    "--format",
    "formats",
    multiple=True,
    metavar="NAME[=FILE]",
    help="summary (Markdown), json or github (annotations) as well; without a file to stdout.",
)
@click.option("--strict", is_flag=True, help="What the baseline does not know and is broken fails as well.")
def gate(
    record: Path,
    requirements: tuple[str, ...],
    formats: tuple[str, ...],
    strict: bool,
    gating: Gating | None,
) -> int:
    """Hold a run record against what was accepted of its target; nothing is sent.

    Exit codes: 0 nothing is worse than accepted, 1 something is, or an entry has to go, 2 usage, 3 not
    measured, 4 a bug of ours.
    """
    from chatconform.cli.gating import hold, open_baseline
    from chatconform.cli.whole import whole_record

    if gating is None:
        raise UsageError("the baseline is missing", hint="Name it: --baseline FILE")
    wanted = wanted_from(formats, formats=load("reports.formats").GATES)
    if any(each.file and each.file.exists() and each.file.samefile(record) for each in wanted):
        raise UsageError("the report would replace the record itself", hint="Give another file.")
    only = tuple(row.id for row in load_ledger().select(requirements)) if requirements else ()
    opened = open_baseline(gating, wanted)
    judged = whole_record(record, incomplete=False, hint=_RUN_AGAIN)
    _check_whole(judged, record)
    screen = Console(stderr=takes_stdout(wanted), highlight=False)
    report = hold(opened, judged, source=record, strict=strict, screen=screen, only=only)
    for each in wanted:
        each.write(report)
    return int(report.answer.exit_code)


def _check_whole(judged: Record, file: Path) -> None:
    if judged.footer is not None and not judged.footer.complete:
        told: str = load("reports.complete").how_it_was_cut(judged)
        raise UsageError(f"{file}: {told}", hint=_RUN_AGAIN)
