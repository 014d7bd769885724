"""`chatconform docs`: the requirements and the contract as a site."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console

from chatconform.errors import UsageError
from chatconform.ledger import load_ledger
from chatconform.resources import load

_MARK = "assets/contract.js"


@click.command(short_help="Write requirements and contract as a site.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default="chatconform-results/docs",
    show_default=True,
    metavar="DIR",
    help="Folder of the site.",
)
@click.option(
    "--list",
    "listed",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the list of all requirements as Markdown instead.",
)
@click.option(
    "--record",
    "recorded",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the schema of run records as Markdown instead.",
)
def docs(out: Path, listed: Path | None, recorded: Path | None) -> None:
    """Write a page for each requirement, an index, and the contract to read; nothing is sent.

    The site needs no server and no network: open its index.html.
    """
    try:
        if listed is not None:
            _write(listed, load("reports.requirement_list").requirement_list(load_ledger()))
        if recorded is not None:
            _write(recorded, load("reports.record_document").record_document())
        if listed is None and recorded is None:
            _write_site(out)
    except OSError as error:
        raise UsageError(f"{error.filename or out} cannot be written: {error.strerror}") from None


def _write(file: Path, text: str) -> None:
    from chatconform.cli.wanted import replace_text

    replace_text(file, text)
    _say(str(file))


def _write_site(out: Path) -> None:
    from chatconform.cli.reading import Steps

    _check(out)
    ledger = load_ledger()
    with Steps("pages", len(ledger) + 1) as steps:
        count = load("reports.pages.site").write_site(out, ledger, on_page=steps.advance)
    _say(f"{count} pages: {out / 'index.html'}")


def _say(text: str) -> None:
    Console(stderr=True, highlight=False).print(text, markup=False, soft_wrap=True)


def _check(out: Path) -> None:
    """Refuse a folder of something else: the site's files would be lost among it."""
    if out.is_dir() and any(out.iterdir()) and not (out / _MARK).is_file():
        raise UsageError(f"{out} holds something else than such a site", hint="Name another --out.")
    out.mkdir(parents=True, exist_ok=True)
