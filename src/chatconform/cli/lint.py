"""`chatconform lint FILE...`: judges traffic that was recorded before, and sends nothing."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console

from chatconform.cli.joblog import without_commands
from chatconform.cli.overlays import overlay_option
from chatconform.client.target import DEFAULT_KEY_ENV
from chatconform.errors import UsageError
from chatconform.ledger import load_ledger
from chatconform.running.run import check_words


@click.command()
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True), metavar="FILE..."
)
@click.option(
    "--requirement", "-r", "requirements", multiple=True, metavar="ID", help="Only these: CC-STREAM-003, ERR."
)
@click.option(
    "--without", "lacks", multiple=True, metavar="FEATURE", help="The target lacks this, such as tools."
)
@overlay_option
@click.option("--strict", is_flag=True, help="Requirements of level SHOULD decide as well.")
def lint(
    files: tuple[Path, ...],
    requirements: tuple[str, ...],
    lacks: tuple[str, ...],
    overlays: tuple[Path, ...],
    strict: bool,
) -> int:
    """Judge recorded traffic by every rule that needs no experiment.

    A FILE is a HAR of a browser or a proxy, a run record, a raw event stream, or a directory of such. Any of
    them may be packed with gzip.

    Exit codes: 0 nothing is broken, 1 something is, 2 no file holds traffic, 3 a file was not read to its
    end, or nothing in it could be judged.
    """
    from chatconform.cli.reading import Reading
    from chatconform.contract import contract_in_force, overlaid
    from chatconform.judging.conformance import conformance
    from chatconform.resources import load
    from chatconform.running.catalogue import rules_about_traffic
    from chatconform.running.linting import exit_code
    from chatconform.running.linting import lint as judge
    from chatconform.traffic.source import source_at

    ledger = load_ledger()
    check_words(ledger, lacks)
    rules = rules_about_traffic(ledger.select(requirements) if requirements else tuple(ledger))
    sources = [source_at(file) for file in files]
    reading = Reading(Console(stderr=True), sum(source.size for source in sources))
    with contract_in_force(overlaid(overlays)), reading:
        linted = judge(sources, rules, ledger, lacks=frozenset(lacks), on_read=reading.advance)
    if not linted.heard and not linted.beside and linted.gaps:
        gap = linted.gaps[0]
        raise UsageError(f"{gap.places[0]}: {gap.reason}", hint="chatconform lint --help says what it reads.")
    answer = conformance(linted.judgements, ledger, strict=strict)
    code = exit_code(linted, answer)
    with without_commands(Console()):
        load("reports.traffic").print_linted(linted, answer, code, key_env=DEFAULT_KEY_ENV)
    return int(code)
