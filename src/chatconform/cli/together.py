"""What several runs are told by: one report after the other, and a table of all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rich import box
from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from chatconform.cli.apart import Ended, Stopped
from chatconform.cli.joblog import without_commands
from chatconform.cli.several import Outcome, named, perform_all, worst_code
from chatconform.cli.wanted import Wanted, takes_stdout, write_all
from chatconform.errors import UsageError
from chatconform.judging.conformance import Conformance, ExitCode, conformance
from chatconform.ledger import load_ledger
from chatconform.ledger.requirement import Level
from chatconform.printable import printable
from chatconform.record import Record, read_record
from chatconform.resources import load
from chatconform.running.run import Run


def perform_together(runs: Sequence[Run], wanted: Sequence[Wanted], *, strict: bool) -> int:
    """Perform several runs at once, print the report of each and a table of all, and write the others."""
    printed = [each.form.name for each in wanted if each.file is None and each.form.is_text]
    if printed and takes_stdout(wanted):
        raise UsageError(
            f"{printed[0]} of several targets cannot go to stdout",
            hint=f"Say where: --format {printed[0]}=FILE; each target has one of its own.",
        )
    screen = Console(highlight=False)
    outcomes = perform_all(named(runs))
    table = _table()
    codes = []
    with without_commands(screen):
        for outcome in outcomes:
            screen.print(Rule(Text(outcome.run.name, style="bold")))
            code = _tell(outcome, wanted, strict=strict, screen=screen, table=table)
            codes.append(code)
        screen.print(Rule(style="dim"))
        screen.print(table)
    return int(worst_code(codes))


def _tell(
    outcome: Outcome, wanted: Sequence[Wanted], *, strict: bool, screen: Console, table: Table
) -> ExitCode:
    match outcome.end:
        case Stopped():
            return _tell_stopped(outcome, outcome.end, screen, table)
        case Ended():
            return _tell_ended(outcome, outcome.end, wanted, strict=strict, screen=screen, table=table)


def _tell_stopped(outcome: Outcome, end: Stopped, screen: Console, table: Table) -> ExitCode:
    screen.print(Text.assemble(("error: ", "bold red"), printable(end.reason)))
    if end.hint:
        screen.print(Text(printable(end.hint)))
    word = {ExitCode.USAGE: "! cannot be used", ExitCode.BUG: "! a bug in chatconform"}.get(
        end.code, "! not measured"
    )
    table.add_row(outcome.run.name, Text(word, style="bold magenta"), "", "", "", f"{outcome.seconds:.0f} s")
    return end.code


def _tell_ended(
    outcome: Outcome,
    end: Ended,
    wanted: Sequence[Wanted],
    *,
    strict: bool,
    screen: Console,
    table: Table,
) -> ExitCode:
    record, ledger = read_record(end.record, allow_incomplete=end.interrupted), load_ledger()
    load("reports.terminal").print_report(record, ledger, path=end.record, strict=strict, console=screen)
    own = [replace(each, file=_file_of(each.file, outcome.run.name)) for each in wanted]
    write_all(own, record, source=end.record, strict=strict)
    answer = conformance(record.judgements, ledger, strict=strict)
    code = ExitCode.NOT_MEASURED if end.interrupted else answer.exit_code
    table.add_row(outcome.run.name, *_cells(code, answer, record), f"{outcome.seconds:.0f} s")
    return code


def _table() -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("target", no_wrap=True, style="bold")
    table.add_column("outcome")
    table.add_column("MUST held", justify="right")
    table.add_column("SHOULD held", justify="right")
    table.add_column("requests", justify="right")
    table.add_column("time", justify="right", no_wrap=True)
    return table


def _cells(code: ExitCode, answer: Conformance, record: Record) -> tuple[Text, str, str, str]:
    word, style = load("reports.terminal").HEADLINES[code]
    requests = str(record.footer.requests) if record.footer else ""
    return Text(word, style=style), _held(answer, Level.MUST), _held(answer, Level.SHOULD), requests


def _held(answer: Conformance, level: Level) -> str:
    sentence: str = load("reports.sentences").level_sentence(answer, level)
    held, _, rest = sentence.partition(f" {level} held")
    broken = next((part for part in rest.split(", ") if part.endswith("broken")), "")
    return f"{held}, {broken}" if broken else held


def _file_of(file: Path | None, name: str) -> Path | None:
    """The file of one target where several have the same form of a report."""
    return file.with_name(f"{file.stem}-{name}{file.suffix}") if file is not None else None
