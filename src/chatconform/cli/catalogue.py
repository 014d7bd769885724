"""`chatconform list` and `chatconform explain`: the ledger and its checks, with nothing sent."""

from __future__ import annotations

from collections.abc import Mapping

import click
from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from chatconform.cli.coverage import print_coverage
from chatconform.contract import load_contract
from chatconform.errors import UsageError
from chatconform.judging.check import AnyCheck, OfTraffic, Survey
from chatconform.judging.conformance import ExitCode
from chatconform.ledger import load_ledger
from chatconform.ledger.coverage import coverage_of, standing
from chatconform.ledger.requirement import Requirement, Standing
from chatconform.resources import load
from chatconform.running.catalogue import checks_by_requirement

Checks = tuple[AnyCheck, ...]


@click.command("list", short_help="List the requirements, and what they cover.")
@click.argument("requirements", nargs=-1)
@click.option(
    "--coverage",
    is_flag=True,
    help="Instead: which are judged, which are excluded and why, and how much of the contract some"
    " requirement speaks for. Exit code 1 while a requirement is neither checked nor excluded.",
)
@click.option(
    "--all", "everything", is_flag=True, help="With --coverage: every element that nobody speaks for."
)
def list_requirements(requirements: tuple[str, ...], coverage: bool, everything: bool) -> int:
    """List the requirements (all, or those given: CC-STOP-001, STREAM) with the number of their checks."""
    if coverage:
        return _coverage(requirements, everything=everything)
    if everything:
        raise UsageError("--all was given without --coverage", hint="chatconform list --coverage --all")
    ledger = load_ledger()
    rows = ledger.select(requirements) if requirements else tuple(ledger)
    checks = checks_by_requirement()
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("requirement", no_wrap=True)
    table.add_column("level", no_wrap=True)
    table.add_column("kind", no_wrap=True)
    table.add_column("checks", justify="right")
    table.add_column("title")
    for row in rows:
        count = len(checks.get(row.id, ()))
        table.add_row(row.id, row.level, row.kind, str(count) if count else "-", Text(row.title))
    console = Console()
    console.print(table)
    checked = sum(row.id in checks for row in rows)
    total = sum(len(checks.get(row.id, ())) for row in rows)
    console.print(
        f"{len(rows)} requirements, {checked} of them with checks ({total} checks)", highlight=False
    )
    return ExitCode.CONFORMS


def _coverage(requirements: tuple[str, ...], *, everything: bool) -> int:
    if requirements:
        raise UsageError(
            "--coverage is of the whole ledger",
            hint=f"Leave out {' '.join(requirements)}, or leave out --coverage to see the checks.",
        )
    covered = coverage_of(load_ledger(), load_contract())
    print_coverage(covered, everything=everything)
    unchecked = standing(covered.requirements, Standing.UNCHECKED)
    return ExitCode.DOES_NOT_CONFORM if unchecked else ExitCode.CONFORMS


@click.command(short_help="Explain requirements: rule, source, provocation, judgement.")
@click.argument("requirements", nargs=-1, required=True)
def explain(requirements: tuple[str, ...]) -> None:
    """Explain requirements: rule, source, how each is provoked and judged, and what breaks it."""
    ledger = load_ledger()
    checks = checks_by_requirement()
    console = Console()
    for row in ledger.select(requirements):
        _explain(console, row, checks)


def _explain(console: Console, row: Requirement, checks: Mapping[str, Checks]) -> None:
    console.print(Text.assemble((row.id, "bold"), f"  {row.level}  {row.kind}  ", (row.title, "bold")))
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in _facts(row):
        grid.add_row(name, Text(value))
    for made in checks.get(row.id, ()):
        grid.add_row("check", Text(f"{made.id} ({', '.join(made.path_names)})\n{made.rule}"))
        grid.add_row("sends", Text(_sends(made)))
    for fault in load("reference_server.faults.catalogue").FAULTS.values():
        if row.id in fault.breaks:
            grid.add_row("fault", Text(f"{fault.id}: {fault.defect}"))
    if row.id not in checks:
        grid.add_row("check", Text(f"none: {row.excluded}" if row.excluded else "none yet"))
    console.print(Padding(grid, (0, 0, 1, 2)))


def _facts(row: Requirement) -> list[tuple[str, str]]:
    facts = [("rule", row.rule), ("provoke", row.provoke), ("judge", row.judge), ("source", row.source)]
    places = "\n".join(f"spec/openapi.yaml#{pointer}" for pointer in row.pointers)
    facts += [("contract", places), ("broken by", row.fault)]
    facts += [("seen in", "\n".join(row.seen_in))] if row.seen_in else []
    facts += [("camps", "\n".join(f"{camp.camp}: {camp.who}" for camp in row.camps))] if row.camps else []
    return facts + [("needs", f"{need.word}: {need.meaning}") for need in row.needs]


def _sends(made: AnyCheck) -> str:
    if isinstance(made, OfTraffic):
        each = (
            "all exchanges of the run together" if isinstance(made, Survey) else "every exchange of the run"
        )
        return f"nothing of its own: it judges {each}"
    return f"{made.scenario.name}: {made.scenario.title}"
