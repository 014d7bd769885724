"""What `--format NAME[=FILE]` asks for, and how it is written: whole, or not at all."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from chatconform.errors import UsageError
from chatconform.ledger import load_ledger
from chatconform.record import Record
from chatconform.resources import load

if TYPE_CHECKING:
    from chatconform.reports.formats import Format, Tellable

STDOUT = ("-", "/dev/stdout")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A form of a report, and the file or folder that it goes to; nothing stands for stdout."""

    form: Format
    file: Path | None = None

    def write(self, told: Tellable) -> None:
        """Write it in this form; says on stderr where a file is."""
        if self.file is None and self.form.is_text:
            _print(self.form.text(told))
            return
        to = self.file or told.source.with_suffix(self.form.suffix)
        with _unwritable(to):
            if self.form.is_folder:
                self.form.fill(told, to)
            else:
                replace_text(to, self.form.text(told))
        if not is_device(to):
            console = Console(stderr=True, highlight=False)
            console.print(f"{self.form.name}: {to}", markup=False, soft_wrap=True)


def wanted_from(
    texts: Sequence[str], *, out: Path | None = None, formats: Sequence[Format] = ()
) -> tuple[Wanted, ...]:
    """What was asked for, by default of the formats of a run; `out` is where the only one goes.

    Raises `UsageError` for an unknown format, a file that cannot be written, and two texts on stdout.
    """
    wanted = tuple(_wanted(text, formats or load("reports.formats").FORMATS) for text in texts)
    if out is not None:
        if len(wanted) != 1 or wanted[0].file is not None:
            raise UsageError("--out names one file", hint="Give --format NAME=FILE for each format instead.")
        wanted = (Wanted(form=wanted[0].form, file=out),)
    check_stdout(wanted)
    for each in wanted:
        if each.file is not None:
            _check(each.form, each.file)
    return wanted


def check_stdout(wanted: Sequence[Wanted]) -> None:
    """Raise `UsageError` where two texts are to go to stdout, which no reader could tell apart."""
    printed = [each.form.name for each in wanted if each.file is None and each.form.is_text]
    if len(printed) > 1:
        first, second = printed[:2]
        raise UsageError(
            f"{first} and {second} cannot both go to stdout", hint=f"Say where: --format {second}=FILE"
        )


def write_all(wanted: Sequence[Wanted], record: Record, *, source: Path, strict: bool) -> None:
    """Write a record that lies at `source` in every form that was asked for."""
    if wanted:
        report = load("reports.report").report_of(record, load_ledger(), source=source, strict=strict)
        for each in wanted:
            each.write(report)


def takes_stdout(wanted: Sequence[Wanted]) -> bool:
    """Whether something is printed that a pipe has to get alone."""
    return any(each.file is None and each.form.is_text and not each.form.is_log for each in wanted)


def replace_text(file: Path, text: str) -> None:
    """Write a text as `replace_bytes` does, in UTF-8."""
    replace_bytes(file, text.encode("utf-8", "backslashreplace"))


def replace_bytes(file: Path, data: bytes) -> None:
    """Write a file beside its place and put it there: whoever reads it sees the old one or the new one."""
    if is_device(file):
        with file.open("ab") as opened:
            opened.write(data)
        return
    place = file.resolve()
    place.parent.mkdir(parents=True, exist_ok=True)
    beside = place.with_name(f".{place.name}.{secrets.token_hex(4)}")
    try:
        with beside.open("xb") as opened:
            opened.write(data)
        if place.exists():
            beside.chmod(place.stat().st_mode & 0o7777)
        beside.replace(place)
    finally:
        beside.unlink(missing_ok=True)


def is_any_of(file: Path, others: Sequence[Path]) -> bool:
    """Whether a file is one of these, by whatever name: it would take their place."""
    return file.exists() and any(file.samefile(other) for other in others)


def is_device(file: Path) -> bool:
    """Whether a file is a way to somewhere, as a pipe or /dev/stderr is, also where that leads to a file."""
    return (file.exists() and not file.is_file()) or file.absolute().parts[1:2] in {("dev",), ("proc",)}


def _wanted(text: str, formats: Sequence[Format]) -> Wanted:
    name, equals, file = text.partition("=")
    form: Format = load("reports.formats").format_named(name.strip(), formats)
    if equals and not file:
        raise UsageError(f"--format {text!r} names no file", hint=f"Give --format {form.name}=FILE.")
    return Wanted(form=form, file=Path(file) if file and file not in STDOUT else None)


def _check(form: Format, file: Path) -> None:
    """Notice before a run of minutes that its report cannot be written."""
    if form.is_folder and file.exists() and not file.is_dir():
        raise UsageError(f"{file} is a file, and {form.name} is a folder")
    if not form.is_folder and file.is_dir():
        raise UsageError(f"{file} is a folder, and {form.name} is a file")
    check_writable(file)


def check_writable(file: Path) -> None:
    """Raise `UsageError` for a file that cannot be written where it is to be."""
    there = next(parent for parent in (file, *file.absolute().parents) if parent.exists())
    if not os.access(there if there.is_dir() or there == file else there.parent, os.W_OK):
        raise UsageError(f"{file} cannot be written: no permission for {there}")
    if there != file and not there.is_dir():
        raise UsageError(f"{file} cannot be written: {there} is no folder")


@contextmanager
def _unwritable(to: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UsageError(f"{to} cannot be written: {error.strerror or error}") from None


def _print(text: str) -> None:
    """Print UTF-8, whatever the locale; whoever reads only the first lines of a pipe has what they wanted."""
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        # Python would complain once more when it closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
