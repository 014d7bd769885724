"""Annotations of a job of GitHub Actions: workflow commands, of which ten of a kind are shown for a step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chatconform.ledger.requirement import Level
from chatconform.reports.told import line

KINDS = {Level.MUST: "error", Level.SHOULD: "warning", Level.MAY: "notice"}
SHOWN = 10
_NAMED = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """One annotation, which `str` makes a line of.

    Attributes:
        kind: `error`, `warning` or `notice`.
        name: The requirement that it is about, or nothing.
        title: One line; may hold a stranger's text.
        message: One or more lines, each made safe by whoever made them.
        file: A file of the repository that it points at, or nothing.
        line: The line in that file; 0 for none.
    """

    kind: str
    name: str
    title: str
    message: str
    file: str = ""
    line: int = 0

    def __str__(self) -> str:
        where = f"file={_property(self.file)},line={self.line}," if self.file and self.line else ""
        return f"::{self.kind} {where}title={_property(line(self.title, 200))}::{_escaped(self.message)}"


def commands(found: Sequence[Annotation], last: str) -> str:
    """The lines that a job prints, errors first; the last is no command, but for whoever reads the log."""
    lines = [
        str(each)
        for kind in KINDS.values()
        for each in _bounded([annotation for annotation in found if annotation.kind == kind])
    ]
    return "\n".join([*lines, last]) + "\n"


def _bounded(found: Sequence[Annotation]) -> Iterator[Annotation]:
    """Where there are more of a kind than are shown, the last says how many, and which."""
    if len(found) <= SHOWN:
        yield from found
        return
    yield from found[: SHOWN - 1]
    rest = found[SHOWN - 1 :]
    names = list(dict.fromkeys(each.name for each in rest if each.name))
    told = ", ".join(names[:_NAMED]) + (" …" if len(names) > _NAMED else "")
    yield Annotation(
        kind=rest[0].kind,
        name="",
        title=f"and {len(rest)} more",
        message=f"{told}; see the summary or the record",
    )


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
