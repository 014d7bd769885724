"""`chatconform compare RECORD...`: the matrix of several runs."""

from __future__ import annotations

from pathlib import Path

import click

from chatconform.cli.wanted import is_any_of, wanted_from
from chatconform.errors import UsageError
from chatconform.ledger import load_ledger
from chatconform.resources import load

_MOST = 50


@click.command(short_help="Show runs beside each other, as a matrix.")
@click.argument(
    "records", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False)
)
@click.option(
    "--name",
    "names",
    multiple=True,
    metavar="NAME",
    help="What the columns are called, in order. Default: the models, with host or time where need be.",
)
@click.option(
    "--format",
    "formats",
    multiple=True,
    metavar="NAME[=FILE]",
    help="html, markdown, csv or json; repeatable. Without a file a text goes to stdout, the page beside the"
    " first record. Default: html.",
)
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Where the one format goes.")
@click.option("--strict", is_flag=True, help="SHOULD decides as well, also where a run did not have it so.")
@click.option("--incomplete", is_flag=True, help="Take records that were cut off as well.")
def compare(
    records: tuple[Path, ...],
    names: tuple[str, ...],
    formats: tuple[str, ...],
    out: Path | None,
    strict: bool,
    incomplete: bool,
) -> None:
    """Compare runs: of several targets, or of one at several times; nothing is sent.

    Of runs of the same target it says what changed. The exit code is 0 once the comparison is written.
    """
    from chatconform.cli.reading import Steps
    from chatconform.cli.whole import whole_record

    _check(records, names)
    forms = load("reports.formats")
    wanted = wanted_from(formats or (forms.DEFAULT,), out=out, formats=forms.COMPARISONS)
    if any(each.file is not None and is_any_of(each.file, records) for each in wanted):
        raise UsageError("the comparison would replace one of the records", hint="Give another file.")
    ledger = load_ledger()
    reports = []
    with Steps("records", len(records)) as steps:
        for record in records:
            told = whole_record(record, incomplete=incomplete)
            reports.append(load("reports.report").report_of(told, ledger, source=record, strict=strict))
            steps.advance()
    comparison = load("reports.comparison.table").comparison_of(reports, ledger, names=names)
    for each in wanted:
        each.write(comparison)


def _check(records: tuple[Path, ...], names: tuple[str, ...]) -> None:
    if len(records) < 2:
        raise UsageError("one record has nothing to be compared with", hint="Name two or more.")
    if len(records) > _MOST:
        raise UsageError(
            f"a matrix of {len(records)} columns tells nobody anything", hint=f"At most {_MOST}."
        )
    if len(names) > len(records):
        raise UsageError(f"{len(names)} names for {len(records)} records")
    for place, record in enumerate(records):
        if any(record.samefile(other) for other in records[:place]):
            raise UsageError(f"{record} was named twice", hint="A run is no other than itself.")
