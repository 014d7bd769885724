"""`chatconform judge RECORD`: the checks of today on the traffic of then, with no request."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console

from chatconform.cli.joblog import without_commands
from chatconform.cli.overlays import overlay_option, overlays_of, tell_of_another
from chatconform.errors import UsageError
from chatconform.ledger import load_ledger
from chatconform.record.rows import Record


@click.command(short_help="Judge a record again by the checks of today.")
@click.argument("record", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write a run record with the verdicts of today.",
)
@click.option(
    "--requirement", "-r", "requirements", multiple=True, metavar="ID", help="Only these: CC-STOP-001, ERR."
)
@overlay_option
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="File of named targets: the overlays of the one that the record names.",
)
@click.option("--strict", is_flag=True, help="SHOULD decides as well, also where its run did not have it so.")
def judge(
    record: Path,
    out: Path | None,
    requirements: tuple[str, ...],
    overlays: tuple[Path, ...],
    config: Path | None,
    strict: bool,
) -> int:
    """Judge a run record again by all checks of today; nothing is sent.

    Prints which verdicts changed, then the report. A play that the record does not hold leaves its checks
    inconclusive.
    """
    from chatconform.contract import contract_in_force, overlaid
    from chatconform.record import read_record

    if out is not None and out.exists() and out.samefile(record):
        raise UsageError("--out is the record itself", hint="Give another file; a record is not changed.")
    before = read_record(record, allow_incomplete=True)
    overlays = overlays_of(before.header, overlays, config)
    contract = overlaid(overlays)
    tell_of_another(before.header, contract, overlays=overlays)
    with contract_in_force(contract):
        return _judge(before, record, out=out, requirements=requirements, strict=strict)


def _judge(
    before: Record, record: Path, *, out: Path | None, requirements: tuple[str, ...], strict: bool
) -> int:
    from chatconform.judging.conformance import ExitCode
    from chatconform.record import answer_of
    from chatconform.resources import load
    from chatconform.running.rejudging import changes, judge_again

    ledger = load_ledger()
    asked_for = tuple(row.id for row in ledger.select(requirements)) if requirements else ()
    wanted = asked_for or before.header.requirements
    now = judge_again(before, ledger, wanted)
    if not now:
        raise UsageError(f"{record}: no check of today is about what was asked for")
    # A run that was cut off before its checks were judged has nothing to be compared with.
    if before.judgements:
        load("reports.changes").print_changes(changes(before.judgements, now, wanted))
    judged = replace(before, judgements=now)
    if out is not None:
        _write(judged, out, wanted, strict=strict)
    with without_commands(Console()):
        load("reports.terminal").print_report(judged, ledger, path=out or record, strict=strict)
    code = answer_of(judged, ledger, strict=strict).exit_code
    # As after Ctrl-C in a run: what was not sent might have failed.
    return int(ExitCode.NOT_MEASURED if code is ExitCode.CONFORMS and _is_cut(before) else code)


def _is_cut(record: Record) -> bool:
    return record.footer is None or not record.footer.complete


def _write(judged: Record, out: Path, requirements: tuple[str, ...], *, strict: bool) -> None:
    """What was sent then, with the judgements and the policy of today; it names today's tool and rules."""
    from chatconform._version import __version__
    from chatconform.contract import load_contract
    from chatconform.record import RecordWriter, is_strict
    from chatconform.wire.redaction import Redactor

    contract = load_contract()
    header = replace(
        judged.header,
        tool=__version__,
        contract_version=contract.version,
        contract_digest=contract.digest,
        ledger_digest=load_ledger().digest,
        requirements=requirements,
        policy=replace(judged.header.policy, strict=is_strict(judged.header, asked=strict)),
    )
    # Secrets were taken out when it was written.
    writer = RecordWriter(out, header, redactor=Redactor(()))
    for exchange in judged.exchanges:
        writer.exchange(exchange)
    for play in judged.plays:
        writer.play(play)
    for judgement in judged.judgements:
        writer.judgement(judgement)
    writer.finish(incomplete="the run was not complete" if _is_cut(judged) else "")
