"""What several runs are told by: one report after the other, and a table of all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rich import box
from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from chatconform.cli.apart import Ended, Stopped
from chatconform.cli.joblog import without_commands
from chatconform.cli.several import Outcome, named, perform_all, worst_code
from chatconform.cli.wanted import Wanted, is_device, takes_stdout, write_all
from chatconform.errors import UsageError
from chatconform.findings.verdict import Verdict
from chatconform.judging.conformance import Conformance, ExitCode
from chatconform.ledger import load_ledger
from chatconform.ledger.requirement import Level
from chatconform.printable import printable
from chatconform.record import Record, answer_of, read_record
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
    reports: dict[str, _Report] = {}

    def on_end(outcome: Outcome) -> None:
        # What is read while others still run costs nobody time.
        reports[outcome.run.label] = _report(outcome, wanted, strict=strict, screen=screen)

    order = named(runs)
    perform_all(order, on_end)
    table = _table()
    with without_commands(screen):
        for run in order:
            screen.print(Rule(Text(run.label, style="bold")))
            screen.file.write(reports[run.label].text)
            table.add_row(run.label, *reports[run.label].cells)
        screen.print(Rule(style="dim"))
        screen.print(table)
    return int(worst_code([report.code for report in reports.values()]))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Report:
    """What is printed of one run: its report, its row in the table, and what it means to a script."""

    text: str
    cells: tuple[Text | str, ...]
    code: ExitCode


def _report(outcome: Outcome, wanted: Sequence[Wanted], *, strict: bool, screen: Console) -> _Report:
    time = f"{outcome.seconds:.0f} s"
    with screen.capture() as captured:
        match outcome.end:
            case Stopped() as end:
                code, cells = _tell_stopped(end, screen)
            case Ended() as end:
                code, cells = _tell_ended(outcome.run.label, end, wanted, strict=strict, screen=screen)
    return _Report(text=captured.get(), cells=(*cells, time), code=code)


_Cells = tuple[Text | str, ...]


def _tell_stopped(end: Stopped, screen: Console) -> tuple[ExitCode, _Cells]:
    screen.print(Text.assemble(("error: ", "bold red"), printable(end.reason)))
    if end.hint:
        screen.print(Text(printable(end.hint)))
    word = {ExitCode.USAGE: "! cannot be used", ExitCode.BUG: "! a bug in chatconform"}.get(
        end.code, "! not measured"
    )
    return end.code, (Text(word, style="bold magenta"), "", "", "")


def _tell_ended(
    name: str, end: Ended, wanted: Sequence[Wanted], *, strict: bool, screen: Console
) -> tuple[ExitCode, _Cells]:
    file, ledger = end.launched.record, load_ledger()
    record = read_record(file, allow_incomplete=not end.launched.complete)
    load("reports.terminal").print_report(record, ledger, path=file, strict=strict, console=screen)
    own = [replace(each, file=_file_of(each.file, name)) for each in wanted]
    write_all(own, record, source=file, strict=strict)
    answer = answer_of(record, ledger, strict=strict)
    code = end.launched.exit_code(answer)
    return code, _cells(code, answer, record)


def _table() -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("target", no_wrap=True, style="bold")
    table.add_column("outcome")
    table.add_column("MUST held", justify="right")
    table.add_column("SHOULD held", justify="right")
    table.add_column("requests", justify="right")
    table.add_column("time", justify="right", no_wrap=True)
    return table


def _cells(code: ExitCode, answer: Conformance, record: Record) -> _Cells:
    word, style = load("reports.terminal").HEADLINES[code]
    requests = str(record.footer.requests) if record.footer else ""
    return Text(word, style=style), _held(answer, Level.MUST), _held(answer, Level.SHOULD), requests


def _held(answer: Conformance, level: Level) -> str:
    """How many rules of a level held, of those that apply, and how many are broken."""
    results = [result for result in answer.results if result.requirement.level is level]
    counts = answer.count(results)
    held = f"{counts[Verdict.PASS]} of {len(results) - counts[Verdict.NOT_APPLICABLE]}"
    return f"{held}, {counts[Verdict.FAIL]} broken" if counts[Verdict.FAIL] else held


def _file_of(file: Path | None, name: str) -> Path | None:
    """The file of one target where several have the same form of a report."""
    return file if file is None or is_device(file) else file.with_name(f"{file.stem}-{name}{file.suffix}")
