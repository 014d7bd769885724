"""The requirement ledger: every rule that a target is held to, read from `spec/requirements`.

A ledger with a mistake in it is refused as a whole, with all its mistakes at once, each with file, line, row
and reason.
"""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from chatconform import resources
from chatconform.contract import Contract, load_contract
from chatconform.errors import ContractError, LedgerError, UnknownRequirement
from chatconform.ledger.areas import AREAS
from chatconform.ledger.requirement import Need, Requirement
from chatconform.ledger.row import Row, need_of
from chatconform.ledger.section import Flaw, Section, SectionError, read_section, read_sections

NEEDS_FILE = "needs.yaml"
_ORDER = {area: place for place, area in enumerate(AREAS)}


@dataclass(frozen=True, slots=True)
class Ledger:
    """All requirements, in the order of their areas and numbers, and the words that their `needs` may use."""

    requirements: tuple[Requirement, ...]
    needs: tuple[Need, ...] = ()

    def __iter__(self) -> Iterator[Requirement]:
        return iter(self.requirements)

    def __len__(self) -> int:
        return len(self.requirements)

    def __contains__(self, requirement: object) -> bool:
        return any(requirement in (row, row.id) for row in self.requirements)

    def __getitem__(self, requirement: str) -> Requirement:
        """The requirement with an id; raises `UnknownRequirement`, which names the nearest ids."""
        for row in self.requirements:
            if row.id == requirement:
                return row
        raise self._unknown(requirement)

    @property
    def areas(self) -> tuple[str, ...]:
        """The areas that have a requirement, in order."""
        return tuple(dict.fromkeys(row.area for row in self.requirements))

    @property
    def digest(self) -> str:
        """The SHA-256, in hexadecimal, of what the rows say: comments and layout do not count."""
        rows = json.dumps([asdict(row) for row in self.requirements], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(rows.encode("utf-8")).hexdigest()

    def select(self, patterns: Iterable[str]) -> tuple[Requirement, ...]:
        """The requirements that any of the patterns names, each once, in the ledger's order.

        A pattern is an id or the beginning of one up to a dash, with or without `CC-`, in any case:
        `CC-STREAM-005`, `stream-005`, `CC-STREAM`, `stream`.

        Raises:
            UnknownRequirement: A pattern names nothing; the message has the nearest names.
        """
        wanted: set[str] = set()
        for pattern in patterns:
            found = self._named(pattern)
            if not found:
                raise self._unknown(pattern)
            wanted |= found
        return tuple(row for row in self.requirements if row.id in wanted)

    def _named(self, pattern: str) -> set[str]:
        prefix = _full(pattern)
        return {row.id for row in self.requirements if row.id == prefix or row.id.startswith(f"{prefix}-")}

    def _unknown(self, pattern: str) -> UnknownRequirement:
        known = [*(f"CC-{area}" for area in self.areas), *(row.id for row in self.requirements)]
        near = difflib.get_close_matches(_full(pattern), known, n=3)
        return UnknownRequirement(
            f"no requirement is called {pattern!r}" + (f"; nearest: {', '.join(near)}" if near else ""),
            hint=f"Name an id such as {known[-1]}, or an area: {', '.join(self.areas)}"
            if self.areas
            else None,
        )


def load_ledger(folder: Path | None = None, contract: Contract | None = None) -> Ledger:
    """Read and check every row below a folder; by default the ledger and the contract of this installation.

    Raises:
        LedgerError: Rows cannot be used; the message has every one of them with file, line and reason.
    """
    if folder is None and contract is None:
        return _own_ledger()
    reading = _Reading(
        folder=resources.folder("spec") / "requirements" if folder is None else folder,
        contract=load_contract() if contract is None else contract,
    )
    return reading.ledger()


@cache
def _own_ledger() -> Ledger:
    """The ledger of this installation, which does not change while a process runs."""
    return _Reading(folder=resources.folder("spec") / "requirements", contract=load_contract()).ledger()


@dataclass(frozen=True, slots=True)
class _Problem:
    file: str
    line: int
    row: str | None
    reason: str

    def __str__(self) -> str:
        return ": ".join(filter(None, (f"{self.file}:{self.line}", self.row, self.reason)))


class _Reading:
    """One load: it gathers problems from all files before it gives up."""

    def __init__(self, folder: Path, contract: Contract) -> None:
        self.folder = folder
        self.contract = contract
        self.problems: list[_Problem] = []
        self.needs: dict[str, Need] = {}

    def ledger(self) -> Ledger:
        self.needs = self._read_needs(self.folder / NEEDS_FILE)
        rows = [row for file in self._files() for row in self._read(file)]
        for row in rows:
            self._check(row)
        self._check_unique(rows, "id", "the id")
        self._check_unique(rows, "title", "the title")
        if self.problems:
            raise self._error()
        made = sorted((row.requirement(self.needs) for row in rows), key=_place)
        return Ledger(tuple(made), tuple(self.needs.values()))

    def _error(self) -> LedgerError:
        first, *others = sorted(self.problems, key=lambda problem: (problem.file, problem.line))
        if not others:
            return LedgerError(file=f"{first.file}:{first.line}", row=first.row, reason=first.reason)
        listed = "\n".join(f"  {problem}" for problem in (first, *others))
        return LedgerError(file=str(self.folder), reason=f"{len(others) + 1} problems\n{listed}")

    def _problem(self, file: Path, line: int, reason: str, *, row: str | None = None) -> None:
        self.problems.append(_Problem(str(file), line, row, reason))

    def _flawed(self, file: Path, flaws: Iterable[Flaw]) -> None:
        for flaw in flaws:
            self._problem(file, flaw.line, flaw.reason)

    def _files(self) -> list[Path]:
        files = sorted(file for file in self.folder.glob("*.yaml") if file.name != NEEDS_FILE)
        if not files:
            self._problem(self.folder, 0, "the folder has no file of requirements")
        for file in files:
            if file.stem.upper() not in AREAS:
                self._problem(file, 1, f"there is no area {file.stem.upper()!r}; known: {', '.join(AREAS)}")
        return files

    def _read(self, file: Path) -> list[Row]:
        try:
            return [Row(file, section) for section in read_sections(file)]
        except SectionError as error:
            self._flawed(file, error.flaws)
            return []

    def _read_needs(self, file: Path) -> dict[str, Need]:
        try:
            section = read_section(file)
        except SectionError as error:
            self._flawed(file, error.flaws)
            return {}
        return dict(self._each_need(file, section))

    def _each_need(self, file: Path, section: Section) -> Iterator[tuple[str, Need]]:
        for word, told in section.values.items():
            need = need_of(word, told)
            if isinstance(need, Need):
                yield word, need
            else:
                self._problem(file, section.line_of(word), need)

    def _check(self, row: Row) -> None:
        flaws = dict(row.flaws())
        for key, reason in self._links(row):
            flaws.setdefault(key, reason)
        for key, reason in flaws.items():
            self._problem(row.file, row.section.line_of(key), reason, row=row.name)

    def _links(self, row: Row) -> Iterator[tuple[str, str]]:
        """Whether what a row refers to exists: its places in the contract, the words of its needs."""
        for key, pointer in (("anchor", row.text("anchor")), *(("also", pointer) for pointer in row.also)):
            try:
                self.contract.resolve(pointer)
            except ContractError as error:
                what = "the anchor" if key == "anchor" else "one of the further places"
                yield key, f"{what} does not resolve: {error}"
        for word in row.needs:
            if word not in self.needs:
                yield "needs", f"the need {word!r} is not explained in {NEEDS_FILE}"

    def _check_unique(self, rows: Iterable[Row], key: str, what: str) -> None:
        first: dict[str, Row] = {}
        for row in rows:
            value = row.text(key).casefold()
            if value and value in first:
                earlier = first[value]
                where = f"{earlier.name} ({earlier.file.name}:{earlier.section.line_of(key)})"
                self._problem(
                    row.file, row.section.line_of(key), f"{what} is also that of {where}", row=row.name
                )
            first.setdefault(value, row)


def _full(pattern: str) -> str:
    """A pattern in the form of the ids."""
    name = pattern.strip().upper().rstrip("-")
    return name if name == "CC" or name.startswith("CC-") else f"CC-{name}"


def _place(row: Requirement) -> tuple[int, int]:
    return _ORDER[row.area], row.number
