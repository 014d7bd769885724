"""`chatconform run [URL]`: a whole conformance run, from the smoke call to the last curl line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console

from chatconform.cli.baseline_options import Gating, baseline_options
from chatconform.cli.joblog import without_commands
from chatconform.cli.progress import Progress
from chatconform.cli.run_options import RunOptions, run_options
from chatconform.cli.wanted import Wanted, check_stdout, takes_stdout, wanted_from, write_all
from chatconform.errors import UsageError
from chatconform.ledger import load_ledger
from chatconform.resources import load
from chatconform.running.resuming import resumption
from chatconform.running.run import Run


@click.command(short_help="Check a server, or targets of chatconform.toml.")
@click.argument("targets", nargs=-1, metavar="[URL|NAME]...")
@run_options
@click.option(
    "--resume",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="RECORD",
    help="Go on with a run that was cut off: what its record has the answer of is not sent again.",
)
@click.option(
    "--format", "formats", multiple=True, metavar="NAME[=FILE]", help="A report as well (`report --list`)."
)
@baseline_options
@click.option(
    "--gate-format",
    "gate_formats",
    multiple=True,
    metavar="NAME[=FILE]",
    help="What the gate says as well: summary, json or github, as `chatconform gate --format`.",
)
def run(
    targets: tuple[str, ...],
    resume: Path | None,
    formats: tuple[str, ...],
    gate_formats: tuple[str, ...],
    gating: Gating | None,
    options: RunOptions,
) -> int:
    """Check the server at URL, or the target NAME of chatconform.toml; by default the embedded server.

    URL is the base URL, as the official client takes it: http://127.0.0.1:8000/v1. Several are checked at
    the same time, each within its own limits; the exit code is that of the worst.
    """
    wanted, gate_wanted = wanted_from(formats), _of_the_gate(gate_formats, gating)
    check_stdout([*wanted, *gate_wanted])
    runs, strict = options.runs(targets), options.asked.strict
    if len(runs) > 1:
        from chatconform.cli.together import perform_together

        if resume is not None:
            raise UsageError("a record is of one target", hint="Run one NAME at a time with --resume.")
        if gating is not None:
            raise UsageError("a baseline is of one target", hint="Run one NAME at a time with --baseline.")
        return perform_together(runs, wanted, strict=strict)
    asked = runs[0] if resume is None else replace(runs[0], resume=resumption(resume, runs[0], load_ledger()))
    return perform(asked, wanted, strict=strict, gating=gating, gate_wanted=gate_wanted)


def _of_the_gate(formats: Sequence[str], gating: Gating | None) -> tuple[Wanted, ...]:
    if formats and gating is None:
        raise UsageError(
            "--gate-format is about what the gate says", hint="Name its baseline: --baseline FILE"
        )
    return wanted_from(formats, formats=load("reports.formats").GATES)


def perform(
    asked: Run,
    wanted: Sequence[Wanted],
    *,
    strict: bool,
    gating: Gating | None = None,
    gate_wanted: Sequence[Wanted] = (),
) -> int:
    """Run the suites, print the report for people (on stderr where another is printed), write the others.

    With a baseline it is the gate that answers last, and decides; `gate_wanted` are the forms of its answer.
    """
    from chatconform.cli.gating import hold, open_baseline
    from chatconform.cli.launch import launch
    from chatconform.record import answer_of, read_record

    opened = open_baseline(gating, [*wanted, *gate_wanted]) if gating else None
    with Progress(Console(stderr=True)) as progress:
        launched = launch(asked, progress.watcher)
    record = read_record(launched.record, allow_incomplete=not launched.complete)
    ledger = load_ledger()
    screen = Console(stderr=takes_stdout([*wanted, *gate_wanted]), highlight=False)
    report = load("reports.terminal").print_report
    with without_commands(screen):
        report(record, ledger, path=launched.record, strict=strict, console=screen)
    write_all(wanted, record, source=launched.record, strict=strict)
    if not launched.complete and asked.target is not None:
        told = f"With the same options and --resume {launched.record} the run is gone on with."
        Console(stderr=True, highlight=False).print(told, markup=False, soft_wrap=True)
    answer = answer_of(record, ledger, strict=strict)
    if launched.complete and opened is not None:
        held = hold(opened, record, source=launched.record, strict=strict, screen=screen)
        for each in gate_wanted:
            each.write(held)
        return int(held.answer.exit_code)
    return int(launched.exit_code(answer))
