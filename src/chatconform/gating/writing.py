"""How a baseline is written: one row a block, one requirement a line, so that a diff says what changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import yaml

from chatconform.gating.baseline import Baseline, Entry, Flaky
from chatconform.gating.reading import FORMAT
from chatconform.gating.rows import NEVER
from chatconform.ledger import Ledger

_HEAD = """\
# What chatconform expects of this target, for `chatconform gate` and `chatconform run --baseline`.
# What is listed under `exercised` has to pass, unless an entry says otherwise. docs/gating.md tells more.
"""


def first_text(baseline: Baseline, ledger: Ledger) -> str:
    """The text of a baseline that had none before."""
    lines = [
        f"{_HEAD}format: {FORMAT}\n",
        "target:",
        *([f"  name: {scalar(baseline.target.name)}"] if baseline.target.name else []),
        f"  url: {scalar(baseline.target.url)}",
        f"  model: {scalar(baseline.target.model)}",
        "accepted:",
        f"  tool: {baseline.origin.tool}",
        f"  ledger: {baseline.origin.ledger}",
        f"  profile: {scalar(baseline.origin.profile)}",
        "",
        "entries:",
        "\n\n".join("\n".join(block(row, ledger)) for row in baseline.entries),
        *([] if not baseline.entries else [""]),
        "exercised:",
        *(exercised_line(name, paths) for name, paths in sorted(baseline.exercised.items())),
    ]
    return "\n".join(lines) + "\n"


def block(row: Entry | Flaky, ledger: Ledger, *, indent: int = 2) -> list[str]:
    """The lines of a row; the comment says what the requirement is, for whoever reviews it."""
    rule = ledger[row.requirement]
    margin = " " * indent
    first, *others = keys_of(row)
    return [
        f"{margin}- {first[0]}: {first[1]}  # {rule.level} {rule.title}",
        *(f"{margin}  {key}: {value}" for key, value in others),
    ]


def keys_of(row: Entry | Flaky) -> Iterator[tuple[str, str]]:
    """The keys of a row in order, each with its value as it is written."""
    yield "requirement", row.requirement
    if row.paths:
        yield "path", listed(row.paths)
    if isinstance(row, Entry):
        if row.check:
            yield "check", scalar(row.check)
        yield "verdict", row.verdict.value
    if row.reason:
        yield "reason", scalar(row.reason)
    if row.since:
        yield "since", row.since.isoformat()
    if row.expires:
        yield "expires", row.expires.isoformat()
    if row.ticket:
        yield "ticket", scalar(row.ticket)


def exercised_line(name: str, paths: Sequence[str], *, indent: int = 2) -> str:
    """The line of a requirement that was exercised."""
    return f"{' ' * indent}{name}: [{', '.join(paths)}]"


def listed(paths: Sequence[str]) -> str:
    """One path, or the list of several."""
    return paths[0] if len(paths) == 1 else f"[{', '.join(paths)}]"


def expiry(day: date | None) -> str:
    """A last day, or the word for none."""
    return day.isoformat() if day else NEVER


def scalar(text: str) -> str:
    """A text in double quotes, which need no thought about `#`, `:` and `no`."""
    written: str = yaml.dump(
        text, Dumper=yaml.SafeDumper, default_style='"', width=float("inf"), allow_unicode=True
    )
    return written.strip()
