"""`chatconform soak [URL|NAME]`: one run again and again, to see which verdicts change by themselves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from chatconform.cli.baseline_options import Gating
from chatconform.cli.run_options import RunOptions, run_options
from chatconform.cli.wanted import Wanted, takes_stdout, wanted_from
from chatconform.errors import UsageError
from chatconform.judging.conformance import ExitCode
from chatconform.record import Header
from chatconform.resources import load

if TYPE_CHECKING:
    from chatconform.cli.gating import Opened
    from chatconform.cli.soaking import Performed, Soaked
    from chatconform.reports.soak.words import SoakReport
    from chatconform.stability.stability import Unstable

_HOUR = 3600.0


@click.command(short_help="Run again and again: which verdicts change by themselves?")
@click.argument("target", required=False, metavar="[URL|NAME]")
@click.option("--runs", type=click.IntRange(min=2), metavar="N", help="So many runs.")
@click.option(
    "--hours",
    type=click.FloatRange(min=0, min_open=True),
    metavar="H",
    help="Begin no run after so many hours; with --runs whichever comes first.",
)
@click.option(
    "--baseline",
    "baseline",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Show what its flaky list lacks; the file is left as it is.",
)
@click.option("--any-target", is_flag=True, help="Take the baseline of another target or model.")
@click.option(
    "--format",
    "formats",
    multiple=True,
    metavar="NAME[=FILE]",
    help="summary (Markdown) or json as well; without a file to stdout.",
)
@run_options
def soak(
    target: str | None,
    runs: int | None,
    hours: float | None,
    baseline: Path | None,
    any_target: bool,
    formats: tuple[str, ...],
    options: RunOptions,
) -> int:
    """Run again and again, and tell which verdicts change by themselves, how often, and why.

    Each run is one of `chatconform run` with the same options and the same seed, and leaves its record. The
    limits and the budget of the target are those of each run. Ctrl-C ends it with a report of what there is.

    Exit codes: 0 no verdict is unstable, 1 some are, 2 usage, 3 not measured, 4 a bug of ours.
    """
    from chatconform.cli.joblog import without_commands
    from chatconform.cli.soak_lines import SoakLines
    from chatconform.cli.soaking import Bounds, perform_soak

    if runs is None and hours is None:
        raise UsageError("nobody said how long", hint="Give --runs N, --hours H, or both.")
    wanted = wanted_from(formats, formats=load("reports.formats").SOAKS)
    (asked,) = options.runs([target] if target else [])
    opened = _opened(baseline, wanted, any_target=any_target)
    bounds = Bounds(runs=runs, seconds=None if hours is None else hours * _HOUR)
    with SoakLines(Console(stderr=True, highlight=False), runs) as lines:
        soaked = perform_soak(asked, bounds, lines, accept=partial(_check, opened))
    if not soaked.runs:
        click.echo("interrupted before a run had ended", err=True)
        return int(ExitCode.NOT_MEASURED)
    report = _report(soaked, opened)
    screen = Console(stderr=takes_stdout(wanted), highlight=False)
    with without_commands(screen):
        load("reports.soak.terminal").print_soak(report, screen)
    for each in wanted:
        each.write(report)
    return int(report.exit_code)


def _opened(file: Path | None, wanted: Sequence[Wanted], *, any_target: bool) -> Opened | None:
    from chatconform.cli.gating import open_baseline
    from chatconform.gating.acceptance import Terms

    if file is None:
        if any_target:
            raise UsageError("the baseline is missing", hint="Name it: --baseline FILE")
        return None
    today = datetime.now(UTC).date()
    gating = Gating(file=file, update=False, terms=Terms(), any_target=any_target, today=today)
    return open_baseline(gating, wanted)


def _check(opened: Opened | None, header: Header) -> None:
    """Notice after the first run, and not after the last, that the baseline is of another target."""
    from chatconform.gating.matching import check_match

    if opened is not None and opened.baseline is not None:
        gating = opened.gating
        check_match(opened.baseline, header, gating.file, any_target=gating.any_target)


def _report(soaked: Soaked, opened: Opened | None) -> SoakReport:
    from chatconform.ledger import load_ledger
    from chatconform.stability.proposals import proposals_for

    today = datetime.now(UTC).date()
    unstable = _unstable(soaked.runs)
    told: SoakReport = load("reports.soak.words").SoakReport(
        runs=tuple((run.number, run.glance) for run in soaked.runs),
        failures=tuple((failed.number, failed.reason) for failed in soaked.failed),
        unstable=unstable,
        proposals=proposals_for(unstable, today, opened.baseline if opened else None),
        baseline=opened.gating.file if opened else None,
        ledger=load_ledger(),
        ended=_ended(soaked),
        has_bug=any(failed.code is ExitCode.BUG for failed in soaked.failed),
        seconds=soaked.seconds,
    )
    return told


def _ended(soaked: Soaked) -> str:
    if soaked.interrupted:
        return "interrupted; the run that was going on is left out"
    return "ended early, as nothing came of the last runs" if soaked.given_up else ""


def _unstable(runs: tuple[Performed, ...]) -> tuple[Unstable, ...]:
    """What is unstable, with its causes: the records are read again for what happened there."""
    from chatconform.cli.reading import Steps
    from chatconform.ledger import load_ledger
    from chatconform.record import read_rows
    from chatconform.stability.account import accounts_of
    from chatconform.stability.stability import to_examine, unstable_places, unstable_verdicts

    glances = {run.number: run.glance for run in runs}
    places = unstable_places(tuple(glances.items()))
    needed = to_examine(places)
    accounts = {}
    with Steps("records", len(needed)) as steps:
        for number, wanted in needed.items():
            source = glances[number].source
            rows = read_rows(source, allow_incomplete=True)
            accounts[number] = accounts_of(rows, wanted, run=number, source=source)
            steps.advance()
    return unstable_verdicts(places, accounts, load_ledger())
