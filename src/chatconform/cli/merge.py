"""`chatconform merge RECORD... --output FILE`: the shards of a run as one record."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from rich.console import Console

from chatconform.errors import UsageError
from chatconform.printable import printable


@click.command(short_help="Put the shards of a run together as one record.")
@click.argument(
    "records", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False)
)
@click.option(
    "--output",
    "-o",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Where the record of all goes.",
)
@click.option("--force", is_flag=True, help="Replace FILE if it is there.")
@click.option(
    "--overlay",
    "overlays",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="An OpenAPI Overlay that the shards were run with; repeatable.",
)
def merge(records: tuple[Path, ...], output: Path, force: bool, overlays: tuple[Path, ...]) -> None:
    """Put the shards of a run together as one record, for `report`, `gate` and `compare`; nothing is sent.

    Rules about traffic are judged again, of the traffic of all shards. Refused are records that are not all
    the shards of one run, each once and complete. A record that was cut off is left out where a run went on
    from it.
    """
    from chatconform.cli.wanted import check_writable, replace_bytes
    from chatconform.contract import contract_in_force, overlaid
    from chatconform.ledger import load_ledger
    from chatconform.record import read_record
    from chatconform.record.writing import lines_of
    from chatconform.running.gathering import check_shards, superseded
    from chatconform.running.merging import merged

    _check_output(output, records, force=force)
    check_writable(output)
    ledger = load_ledger()
    with contract_in_force(overlaid(overlays)):
        given = {file: read_record(file, allow_incomplete=True) for file in _distinct(records)}
        over = superseded(given)
        shards = {file: record for file, record in given.items() if file not in over}
        check_shards(shards, ledger)
        whole = merged(shards.values(), ledger, command=("chatconform", *sys.argv[1:]))
    try:
        replace_bytes(output, b"".join(lines_of(whole)))
    except OSError as error:
        raise UsageError(f"{output} cannot be written: {error.strerror or error}") from None
    screen = Console(stderr=True, highlight=False)
    told = [f"{file} is left out: {successor} went on from it" for file, successor in over.items()]
    told.append(f"{len(shards)} shards, {len(whole.header.requirements)} requirements: {output}")
    screen.print("\n".join(map(printable, told)), markup=False, soft_wrap=True)


def _check_output(output: Path, records: tuple[Path, ...], *, force: bool) -> None:
    """Nothing that is there is lost, and a shard never."""
    if output.exists() and any(output.samefile(each) for each in records):
        raise UsageError(f"{output} is one of the shards", hint="Give another --output.")
    if output.exists() and not force:
        raise UsageError(f"{output} is there already", hint="Give another --output, or --force.")


def _distinct(records: tuple[Path, ...]) -> tuple[Path, ...]:
    seen: list[Path] = []
    for file in records:
        if any(file.samefile(each) for each in seen):
            raise UsageError(f"{file} was given twice")
        seen.append(file)
    return tuple(seen)
