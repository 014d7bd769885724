"""`chatconform prove`: can every check fail, and does nothing else?"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import click
from rich import progress as bars
from rich.console import Console

from chatconform.errors import UsageError
from chatconform.judging.conformance import ExitCode
from chatconform.ledger import load_ledger
from chatconform.resources import load

if TYPE_CHECKING:
    from chatconform.proving.matrix import AnyFault, Matrix
    from chatconform.proving.prover import Proof
    from chatconform.proving.trial import Trial


@click.command(short_help="Prove that the checks can fail, fault by fault.")
@click.argument("requirements", nargs=-1)
@click.option("--fault", "ids", multiple=True, metavar="ID", help="Try this fault alone; repeatable.")
@click.option(
    "--full",
    is_flag=True,
    help="Judge every check under every fault (those of generated requests under their own), and print the"
    " whole matrix.",
)
@click.option(
    "--variants/--no-variants", default=None, help="Try the legal variants too. Default: unless selected."
)
@click.option("--assertions", is_flag=True, help="Take out each assertion in turn: would a fault survive?")
@click.option(
    "--document",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the result there.",
)
@click.option("--jobs", type=click.IntRange(1), help="Trials at once. Default: three for each processor.")
def prove(
    requirements: tuple[str, ...],
    ids: tuple[str, ...],
    full: bool,
    variants: bool | None,
    assertions: bool,
    document: Path | None,
    jobs: int | None,
) -> int:
    """Prove that the checks can fail: each is green without a fault, and red on each fault of its own.

    Everything is tried, or the faults and checks of the given requirements (CC-STOP-001, STREAM). Exit code 1
    while a fault or a check survives, something red was not declared, or a legal variant is red.
    """
    if document is not None:
        _check_document(document, selected=bool(requirements or ids))
    proof = replace(_proof(requirements, ids, variants=variants), full=full, assertions=assertions)
    started = time.perf_counter()
    with _Progress(Console(stderr=True), total=len(proof.orders())) as progress:
        matrix = load("proving.prover").prove(proof, jobs=jobs or 0, on_trial=progress.advance)
    seconds = time.perf_counter() - started
    if document is not None:
        _write(document, matrix)
    load("reports.proof.terminal").print_proof(matrix, whole=full, seconds=seconds)
    return ExitCode.CONFORMS if matrix.is_proven else ExitCode.DOES_NOT_CONFORM


def _check_document(document: Path, *, selected: bool) -> None:
    """Refuse what could not be written before minutes are spent on it."""
    if selected:
        raise UsageError("a document is of the whole proof", hint="Leave out the selection, or --document.")
    if not document.parent.is_dir():
        raise UsageError(f"{document} cannot be written: {document.parent} is no folder")


def _write(document: Path, matrix: Matrix) -> None:
    text = load("reports.proof.document").proof_document(matrix, load_ledger())
    try:
        document.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{document} cannot be written: {error.strerror}") from None


def _proof(requirements: tuple[str, ...], ids: tuple[str, ...], *, variants: bool | None) -> Proof:
    from chatconform.proving.prover import Proof, all_faults, all_variants

    if requirements and ids:
        raise UsageError("requirements and --fault exclude each other")
    selected = bool(requirements or ids)
    rows = load_ledger().select(requirements) if requirements else ()
    return Proof(
        faults=_faults(all_faults().values(), frozenset(row.id for row in rows), ids),
        variants=() if variants is False or (selected and not variants) else all_variants(),
        requirements=frozenset(row.id for row in rows) if selected else None,
    )


def _faults(
    known: Iterable[AnyFault], requirements: frozenset[str], ids: tuple[str, ...]
) -> tuple[AnyFault, ...]:
    if ids:
        return tuple(load("reference_server.faults").find(name) for name in dict.fromkeys(ids))
    return tuple(fault for fault in known if not requirements or fault.breaks & requirements)


# How often progress is told where there is no terminal.
_LINES = 10


class _Progress:
    """A bar of trials on a terminal; elsewhere a line for every tenth of them."""

    def __init__(self, console: Console, *, total: int) -> None:
        self._console = console
        self._total = total
        self._bars = bars.Progress(
            bars.TextColumn("trials"),
            bars.BarColumn(bar_width=30),
            bars.MofNCompleteColumn(),
            bars.TimeElapsedColumn(),
            bars.TextColumn("{task.description}", style="dim"),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._trials = self._bars.add_task("", total=total)
        self._ended = 0
        self._began = time.perf_counter()

    def __enter__(self) -> Self:
        self._console.print(f"{self._total} trials …", style="dim", highlight=False)
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def advance(self, trial: Trial) -> None:
        """Count a trial that has ended."""
        order = trial.order
        self._bars.update(
            self._trials, advance=1, description=order.fault or order.variant or "without a fault"
        )
        self._ended += 1
        if not self._console.is_terminal and self._ended % max(1, self._total // _LINES) == 0:
            seconds = time.perf_counter() - self._began
            self._console.print(
                f"{self._ended} of {self._total} trials, {seconds:.0f} s", style="dim", highlight=False
            )
