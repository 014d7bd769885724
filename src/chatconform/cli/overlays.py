"""Which contract recorded traffic is held to: ours, or what a vendor's overlays make of it."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console

from chatconform.contract import Contract
from chatconform.errors import UsageError
from chatconform.printable import printable
from chatconform.record import Header
from chatconform.targeting import read_targets

overlay_option = click.option(
    "--overlay",
    "overlays",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="OpenAPI Overlay that was part of the contract; repeatable, in order.",
)


def overlays_of(header: Header, overlays: tuple[Path, ...], config: Path | None) -> tuple[Path, ...]:
    """The overlays of a record's target: those that were given, or those of its name in a file of targets.

    Raises:
        UsageError: Both were given, or the record does not say what its target is called.
    """
    if config is None:
        return overlays
    if overlays:
        raise UsageError("both --overlay and --config were given", hint="Give one of them.")
    if not header.target.name:
        raise UsageError(
            "the record does not say what its target is called",
            hint="Give --overlay FILE instead of --config.",
        )
    return read_targets(config)[printable(header.target.name)].overlays


def tell_of_another(header: Header, contract: Contract, *, overlays: tuple[Path, ...]) -> None:
    """Say on stderr that a record's run was held to another contract than it is held to now."""
    if header.contract_digest == contract.digest:
        return
    found = printable(f"{header.contract_version} ({header.contract_digest[:12]})")
    what = "this one with its overlays" if overlays else "this one"
    console = Console(stderr=True, highlight=False)
    console.print(f"note: the run was held to another contract, {found}, than {what}", markup=False)
    if not overlays:
        way = " or --config FILE" if header.target.name else ""
        console.print(f"If overlays were part of it, give them again: --overlay FILE{way}", markup=False)
