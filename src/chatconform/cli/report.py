"""`chatconform report RECORD`: a run that was recorded, told in other forms."""

from __future__ import annotations

from pathlib import Path

import click

from chatconform.cli.wanted import wanted_from, write_all
from chatconform.errors import UsageError
from chatconform.resources import load


def _formats(context: click.Context, _: click.Parameter, asked: bool) -> None:
    """List the formats, and end."""
    if asked and not context.resilient_parsing:
        formats = load("reports.formats").FORMATS
        width = max(len(each.name) for each in formats)
        for each in formats:
            click.echo(f"{each.name:{width}}  {each.about}")
        context.exit()


@click.command(short_help="Write the report of a run, in one or several formats.")
@click.argument("record", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--format",
    "formats",
    multiple=True,
    metavar="NAME[=FILE]",
    help="Such as junit=report.xml; repeatable. Without a file a text goes to stdout, a page beside the"
    " record. Default: html.",
)
@click.option(
    "--list",
    "listing",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_formats,
    help="List the formats.",
)
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Where the one format goes.")
@click.option("--strict", is_flag=True, help="SHOULD decides as well, also where its run did not have it so.")
@click.option("--incomplete", is_flag=True, help="Tell what a record holds that was cut off.")
def report(record: Path, formats: tuple[str, ...], out: Path | None, strict: bool, incomplete: bool) -> None:
    """Write the report of a run record in one or several formats; nothing is sent.

    The exit code is 0 once the report is written, whatever it says: a report is no verdict. For a verdict see
    `chatconform run` and `chatconform judge`.
    """
    from chatconform.cli.whole import whole_record

    wanted = wanted_from(formats or (load("reports.formats").DEFAULT,), out=out)
    if any(each.file is not None and each.file.exists() and each.file.samefile(record) for each in wanted):
        raise UsageError("the report would replace the record itself", hint="Give another file.")
    told = whole_record(record, incomplete=incomplete)
    write_all(wanted, told, source=record, strict=strict)
