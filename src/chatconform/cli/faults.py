"""`chatconform faults`: every defect that the reference server can have on purpose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from chatconform.judging.conformance import ExitCode
from chatconform.ledger import load_ledger
from chatconform.resources import load


@click.command(short_help="List the faults of the reference server.")
@click.argument("requirements", nargs=-1)
def faults(requirements: tuple[str, ...]) -> int:
    """List the faults (all, or those that break the given requirements: CC-STOP-001, STREAM).

    `chatconform serve --fault ID` switches one on; a single request asks for it by a header.
    """
    known: Mapping[str, Any] = load("reference_server.faults.catalogue").FAULTS
    wanted = {row.id for row in load_ledger().select(requirements)} if requirements else None
    shown = [fault for fault in known.values() if wanted is None or wanted & _broken(fault)]
    console = Console(highlight=False)
    for fault in shown:
        # A name is to be copied, and some are long: it has a line of its own.
        console.print(Text.assemble((fault.id, "bold"), (f"  {', '.join(sorted(_broken(fault)))}", "dim")))
        seen = f"{fault.defect} (Met by `--profile full` alone.)" if fault.thorough else fault.defect
        console.print(Padding(Text(seen), (0, 0, 0, 4)))
    header = load("reference_server.faults").HEADER
    console.print(f"{len(shown)} faults; one request asks for some with the header {header}: ID, ID")
    return ExitCode.CONFORMS


def _broken(fault: Any) -> frozenset[str]:
    return frozenset(kill.partition("@")[0] for kill in fault.kills)
