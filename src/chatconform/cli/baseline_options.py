"""The options of a baseline, which `chatconform gate` and `chatconform run` have alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import wraps
from pathlib import Path
from typing import Any

import click

from chatconform.errors import UsageError
from chatconform.gating.acceptance import Terms
from chatconform.gating.texts import one_line

_DAY = click.DateTime(["%Y-%m-%d"])
_OPTIONS = (
    click.option(
        "--baseline",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="What was accepted of this target; what is worse now shuts the gate (docs/gating.md).",
    ),
    click.option(
        "--baseline-update",
        "update",
        is_flag=True,
        help="Accept what the run found: change the baseline, or write the first one.",
    ),
    click.option("--reason", metavar="TEXT", help="Why failures are accepted; needed to accept any."),
    click.option("--expires", type=_DAY, metavar="DATE", help="The last day on which they are: 2027-01-31."),
    click.option("--ticket", metavar="TEXT", help="Where somebody works on them."),
    click.option("--any-target", is_flag=True, help="Take the baseline of another target or model."),
    # Whoever tells the story of an expiry does not want to wait for it.
    click.option("--today", type=_DAY, hidden=True),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gating:
    """What the user asked of the gate."""

    file: Path
    update: bool
    terms: Terms
    any_target: bool
    today: date


def baseline_options(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command the options; it gets them as one value, nothing where there is no baseline."""

    @wraps(command)
    def called(**given: Any) -> int:
        gating = _gating(given)
        return command(**given, gating=gating)

    for option in reversed(_OPTIONS):
        called = option(called)
    return called


def _gating(given: dict[str, Any]) -> Gating | None:
    """Take the options of the gate out of those of a command; raises `UsageError` where they do not fit."""
    file, update, any_target = (given.pop(name) for name in ("baseline", "update", "any_target"))
    today = (given.pop("today") or datetime.now(UTC)).date()
    reason, expires, ticket = (given.pop(name) for name in ("reason", "expires", "ticket"))
    if file is None:
        if update or any_target or reason or expires or ticket:
            raise UsageError("the baseline is missing", hint="Name it: --baseline FILE")
        return None
    if not update and (reason or expires or ticket):
        raise UsageError(
            "--reason, --expires and --ticket are about what is accepted",
            hint="Add --baseline-update to accept what the run found.",
        )
    return Gating(
        file=file,
        update=update,
        terms=_terms(reason, expires.date() if expires else None, ticket, today),
        any_target=any_target,
        today=today,
    )


def _terms(reason: str | None, expires: date | None, ticket: str | None, today: date) -> Terms:
    if reason is not None and not reason.strip():
        raise UsageError("--reason is empty", hint="Say why it is accepted, for whoever reads it next year.")
    if (expires or ticket) and not reason:
        raise UsageError("--expires and --ticket go with a reason", hint="Add --reason TEXT.")
    if expires is not None and expires < today:
        raise UsageError(f"--expires {expires} is over already", hint="Give a day that is still to come.")
    return Terms(reason=one_line(reason or ""), expires=expires, ticket=one_line(ticket or ""))
