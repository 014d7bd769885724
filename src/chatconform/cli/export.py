"""`chatconform export RECORD`: the exchanges of a run record for other tools."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
from rich.console import Console

from chatconform.errors import UsageError
from chatconform.record.reader import read_rows
from chatconform.record.rows import Header
from chatconform.wire.exchange import Exchange


@click.command(short_help="Write the exchanges of a run as HAR or curl commands.")
@click.argument("record", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--har", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write a HAR 1.2."
)
@click.option(
    "--curl",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write a shell script that can send the requests again.",
)
@click.option(
    "--exchange", "-x", "wanted", multiple=True, metavar="ID", help="Only these, such as x0064. Default: all."
)
def export(record: Path, har: Path | None, curl: Path | None, wanted: tuple[str, ...]) -> None:
    """Write the exchanges of a run record as HAR, as curl commands, or as both.

    A record holds no secrets, so neither do they: the script takes the key from an environment variable.
    """
    if har is None and curl is None:
        raise UsageError("it was not said as what", hint="Give --har FILE, --curl FILE, or both.")
    # Looked at before anything is written.
    key_env, known = _look_at(record)
    missing = [name for name in wanted if name not in known]
    if missing:
        raise UsageError(f"{record}: there is no exchange {', '.join(missing)}")
    console = Console(stderr=True, highlight=False)
    for file, write in ((har, _write_har), (curl, _write_script)):
        if file is not None:
            count = write(_exchanges(record, frozenset(wanted)), file, key_env)
            console.print(f"{count} exchanges: {file}", markup=False, soft_wrap=True)


def _look_at(record: Path) -> tuple[str, frozenset[str]]:
    """The variable of the key, and the ids of all exchanges."""
    key_env = ""
    names: set[str] = set()
    for row in read_rows(record, allow_incomplete=True):
        match row:
            case Header():
                key_env = row.target.key_env
            case Exchange():
                names.add(row.id)
    return key_env, frozenset(names)


def _exchanges(record: Path, wanted: frozenset[str]) -> Iterator[Exchange]:
    for row in read_rows(record, allow_incomplete=True):
        if isinstance(row, Exchange) and (not wanted or row.id in wanted):
            yield row


def _write_har(exchanges: Iterator[Exchange], file: Path, _: str) -> int:
    from chatconform.traffic.har_writing import write_har

    with _created(file).open("wb") as opened:
        return write_har(exchanges, opened)


def _write_script(exchanges: Iterator[Exchange], file: Path, key_env: str) -> int:
    from chatconform.traffic.script import write_script

    with _created(file).open("w", encoding="utf-8", newline="\n") as opened:
        count = write_script(exchanges, opened, key_env=key_env)
    file.chmod(0o755)
    return count


def _created(file: Path) -> Path:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}") from None
    return file
