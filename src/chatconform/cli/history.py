"""`chatconform history DIR|RECORD...`: many runs of a target, and when which verdict changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from chatconform.cli.wanted import is_any_of, wanted_from
from chatconform.errors import UsageError
from chatconform.history.glance import Glance, glance_of
from chatconform.ledger import load_ledger
from chatconform.printable import printable
from chatconform.record import RecordError, read_rows
from chatconform.resources import load

if TYPE_CHECKING:
    from chatconform.history.history import TargetHistory

_NAMED = 3


@click.command(short_help="Show the runs of a folder over time.")
@click.argument(
    "sources",
    nargs=-1,
    required=True,
    metavar="DIR|RECORD...",
    type=click.Path(path_type=Path, exists=True),
)
@click.option("--target", "names", multiple=True, metavar="NAME", help="Only this target; repeatable.")
@click.option(
    "--format",
    "formats",
    multiple=True,
    metavar="NAME[=FILE]",
    help="html, markdown, csv or json; repeatable. Without a file a text goes to stdout, the page to"
    " history.html beside the first record. Default: a report on the terminal.",
)
@click.option(
    "--out", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Where the one format goes."
)
@click.option("--incomplete", is_flag=True, help="Take records that were cut off as well.")
def history(
    sources: tuple[Path, ...],
    names: tuple[str, ...],
    formats: tuple[str, ...],
    out: Path | None,
    incomplete: bool,
) -> None:
    """Show the runs of a folder over time: verdicts, requests, tokens, seconds, and what changed when.

    Nothing is sent. Runs of several targets are shown one target after the other. The exit code is 0 once the
    history is told, whatever it says.
    """
    from chatconform.history.history import History, history_of

    wanted = wanted_from(formats, out=out, formats=load("reports.formats").HISTORIES)
    files = list(_files(sources))
    if any(each.file is not None and is_any_of(each.file, files) for each in wanted):
        raise UsageError("the history would replace one of the records", hint="Give another file.")
    runs = _read(files, named=set(sources), incomplete=incomplete)
    if not runs:
        raise UsageError(
            f"there is no run record in {_listed(sources)}",
            hint="`chatconform run` writes them, by default into ./chatconform-results.",
        )
    told = history_of(runs, load_ledger(), folder=runs[0].source.parent)
    told = History(targets=_chosen(told.targets, names), folder=told.folder)
    if not wanted:
        from chatconform.cli.joblog import without_commands

        screen = Console(highlight=False)
        with without_commands(screen):
            load("reports.history.terminal").print_history(told, screen)
    for each in wanted:
        each.write(told)


def _files(sources: Sequence[Path]) -> Iterator[Path]:
    """Each file once: those that were named, and those below the folders that were."""
    seen: set[Path] = set()
    for source in sources:
        for file in sorted(source.rglob("*.jsonl")) if source.is_dir() else (source,):
            if file.is_file() and file.resolve() not in seen:
                seen.add(file.resolve())
                yield file


def _read(files: Sequence[Path], *, named: set[Path], incomplete: bool) -> list[Glance]:
    """A glance at each record; raises for one that is broken, or cut off, unless `incomplete`.

    In a folder may lie other things: what is no record is left out, and said.
    """
    from chatconform.cli.reading import Steps

    console = Console(stderr=True, highlight=False)
    runs: list[Glance] = []
    with Steps("records", len(files)) as steps:
        for file in files:
            try:
                runs.append(glance_of(read_rows(file, allow_incomplete=True), file))
            except RecordError as error:
                if file in named or (error.line or 1) > 1:
                    raise
                console.print(f"left out: {printable(str(error))}", markup=False, soft_wrap=True)
            steps.advance()
    cut = [run.source for run in runs if run.footer is None]
    if cut and not incomplete:
        raise UsageError(
            f"{len(cut)} of {len(runs)} records were cut off and have no footer: {_listed(cut)}",
            hint="With --incomplete they are taken all the same, each with what it holds.",
        )
    return runs


def _chosen(targets: tuple[TargetHistory, ...], names: Sequence[str]) -> tuple[TargetHistory, ...]:
    known = [target.name for target in targets]
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, n=3, cutoff=0.3) or known[:_NAMED]
            raise UsageError(
                f"there is no target {name!r} in these records",
                hint=f"There is {' and '.join(map(printable, near))}.",
            )
    return tuple(target for target in targets if not names or target.name in names)


def _listed(files: Sequence[Path]) -> str:
    more = f" and {len(files) - _NAMED} more" if len(files) > _NAMED else ""
    return printable(", ".join(map(str, files[:_NAMED])) + more)
