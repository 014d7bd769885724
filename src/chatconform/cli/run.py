"""`chatconform run [URL]`: a whole conformance run, from the smoke call to the last curl line."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console

from chatconform.cli.baseline_options import Gating, baseline_options
from chatconform.cli.called import TargetOptions, targets_called
from chatconform.cli.joblog import without_commands
from chatconform.cli.progress import Progress
from chatconform.cli.wanted import Wanted, takes_stdout, wanted_from, write_all
from chatconform.errors import UsageError
from chatconform.fuzzing.effort import EFFORTS, effort_from
from chatconform.ledger import load_ledger
from chatconform.ledger.profile import load_profile
from chatconform.oracles.catalogue import DEFAULT, clients_from
from chatconform.running.resuming import resumption
from chatconform.running.run import DEFAULT_KEY_ENV, DEFAULT_OUT, Run, check_words
from chatconform.running.selection import selected
from chatconform.running.shard import shard_from


@click.command()
@click.argument("targets", nargs=-1, metavar="[URL|NAME]...")
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="File of the named targets. Default: chatconform.toml, here or above.",
)
@click.option(
    "--model", "--target-model", metavar="ID", help="Model to ask for. Default: the first that answers."
)
@click.option(
    "--target-key-env",
    "--key-env",
    "key_env",
    metavar="NAME",
    help=f"Environment variable that holds the key. Default: {DEFAULT_KEY_ENV}, if set.",
)
@click.option(
    "--target-key", "--key", "key", metavar="KEY", help="The key itself; better use --target-key-env."
)
@click.option("--header", "headers", multiple=True, metavar="'NAME: VALUE'", help="Sent with every request.")
@click.option(
    "--declare",
    "declared",
    multiple=True,
    metavar="FEATURE[=VALUE]",
    help="The target has this feature, such as browser-access or body-limit=1048576.",
)
@click.option(
    "--without", "lacks", multiple=True, metavar="FEATURE", help="The target lacks this one, such as tools."
)
@click.option(
    "--upstream",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="The target is a gateway; this is what `chatconform serve --record FILE` keeps behind it.",
)
@click.option(
    "--requirement",
    "-r",
    "requirements",
    multiple=True,
    metavar="ID",
    help="Only these: CC-STOP-001, STREAM.",
)
@click.option(
    "--profile", default="standard", show_default=True, metavar="NAME", help="Named set of requirements."
)
@click.option(
    "--shard",
    metavar="K/N",
    help="Judge the K-th of N parts of the requirements; `chatconform merge` puts the records together.",
)
@click.option(
    "--resume",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="RECORD",
    help="Go on with a run that was cut off: what its record has the answer of is not sent again.",
)
@click.option(
    "--concurrency", "-c", type=click.IntRange(1, 512), metavar="N", help="Requests in flight. Default: 8."
)
@click.option(
    "--timeout", type=click.FloatRange(min=0.1), metavar="SECONDS", help="Longest exchange. Default: 60."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=DEFAULT_OUT,
    show_default=True,
    metavar="DIR",
    help="Folder of the run record.",
)
@click.option(
    "--seed", default="chatconform", show_default=True, help="Seeds what the scenarios choose at random."
)
@click.option(
    "--fuzz",
    type=click.Choice([effort.name for effort in EFFORTS]),
    default="quick",
    show_default=True,
    help="Requests generated from the contract: none, about a hundred, or ten thousand.",
)
@click.option("--fuzz-requests", type=click.IntRange(min=1), metavar="N", help="At most so many of them.")
@click.option(
    "--fuzz-seconds",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="Begin none of them after so long.",
)
@click.option(
    "--clients",
    default=",".join(DEFAULT),
    show_default=True,
    metavar="NAMES",
    help="Clients that have to read every answer too, without a second request; none switches it off.",
)
@click.option(
    "--format", "formats", multiple=True, metavar="NAME[=FILE]", help="A report as well (`report --list`)."
)
@baseline_options
@click.option("--strict", is_flag=True, help="Requirements of level SHOULD decide as well.")
def run(  # noqa: PLR0913, PLR0917 - one parameter an option
    targets: tuple[str, ...],
    config: Path | None,
    model: str | None,
    key_env: str | None,
    key: str | None,
    headers: tuple[str, ...],
    declared: tuple[str, ...],
    lacks: tuple[str, ...],
    upstream: Path | None,
    requirements: tuple[str, ...],
    profile: str,
    shard: str | None,
    resume: Path | None,
    concurrency: int | None,
    timeout: float | None,
    out: Path,
    seed: str,
    fuzz: str,
    fuzz_requests: int | None,
    fuzz_seconds: float | None,
    clients: str,
    formats: tuple[str, ...],
    strict: bool,
    gating: Gating | None,
) -> int:
    """Check the server at URL, or the target NAME of chatconform.toml; by default the embedded server.

    URL is the base URL, as the official client takes it: http://127.0.0.1:8000/v1. Several are checked at
    the same time, each within its own limits; the exit code is that of the worst.
    """
    ledger = load_ledger()
    ledger.select(requirements)
    known = load_profile(profile, ledger)
    check_words(ledger, (*declared, *lacks))
    listening = clients_from(clients)
    wanted = wanted_from(formats)
    options = TargetOptions(
        model=model,
        key=key,
        key_env=key_env,
        headers=headers,
        declared=declared,
        lacks=lacks,
        upstream=upstream,
    )
    called = targets_called(targets, config, options)
    asked = Run(
        requirements=requirements,
        profile=profile,
        out=out,
        seed=seed,
        effort=effort_from(fuzz, requests=fuzz_requests, seconds=fuzz_seconds),
        concurrency=concurrency,
        timeout=timeout,
        command=_command(key),
        clients=listening,
        strict=strict,
        shard=shard_from(shard) if shard is not None else None,
    )
    selected(asked, known, ledger)
    runs = [replace(asked, target=target, name=name) for name, target in called]
    if len(runs) > 1:
        from chatconform.cli.together import perform_together

        if resume is not None:
            raise UsageError("a record is of one target", hint="Run one NAME at a time with --resume.")
        if gating is not None:
            raise UsageError("a baseline is of one target", hint="Run one NAME at a time with --baseline.")
        return perform_together(runs, wanted, strict=strict)
    going_on = runs[0] if resume is None else replace(runs[0], resume=resumption(resume, runs[0], ledger))
    return perform(going_on, wanted, strict=strict, gating=gating)


def perform(asked: Run, wanted: Sequence[Wanted], *, strict: bool, gating: Gating | None = None) -> int:
    """Run the suites, print the report for people (on stderr where another is printed), write the others.

    With a baseline it is the gate that answers last, and decides.
    """
    from chatconform.cli.gating import hold, open_baseline
    from chatconform.cli.launch import launch
    from chatconform.judging.conformance import conformance
    from chatconform.record import read_record
    from chatconform.resources import load

    opened = open_baseline(gating, wanted) if gating else None
    with Progress(Console(stderr=True)) as progress:
        launched = launch(asked, progress.watcher)
    record = read_record(launched.record, allow_incomplete=not launched.complete)
    ledger = load_ledger()
    screen = Console(stderr=takes_stdout(wanted), highlight=False)
    report = load("reports.terminal").print_report
    with without_commands(screen):
        report(record, ledger, path=launched.record, strict=strict, console=screen)
    write_all(wanted, record, source=launched.record, strict=strict)
    if not launched.complete and asked.target is not None:
        told = f"With the same options and --resume {launched.record} the run is gone on with."
        Console(stderr=True, highlight=False).print(told, markup=False, soft_wrap=True)
    answer = conformance(record.judgements, ledger, strict=strict)
    if launched.complete and opened is not None:
        held = hold(opened, record, source=launched.record, strict=strict, screen=screen)
        return int(held.answer.exit_code)
    return int(launched.exit_code(answer))


def _command(key: str | None) -> tuple[str, ...]:
    said = (argument.replace(key, "[redacted]") if key else argument for argument in sys.argv[1:])
    return ("chatconform", *said)
