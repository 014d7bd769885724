"""Named sets of requirements: what a run holds a target to, read from `spec/profiles`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import cast

from chatconform import resources
from chatconform.errors import ProfileError, UnknownRequirement
from chatconform.ledger import Ledger
from chatconform.ledger.section import Flaw, Section, SectionError, read_section

_TEXTS = ("name", "title", "version")
_FLAGS = ("thorough", "strict")
_KEYS = (*_TEXTS, "requirements", "excluded", "paths", *_FLAGS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """A requirement that a profile leaves out on purpose, and why."""

    id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A named set of requirements: their ids in the ledger's order, without the excluded ones.

    `paths` are the names of the paths on which they are judged; empty for all. `thorough` sends every case of
    a rule that has many, at whatever cost; otherwise those are sent that tell most. With `strict`
    requirements of level SHOULD decide as well.
    """

    name: str
    title: str
    version: str
    requirements: tuple[str, ...]
    excluded: tuple[Exclusion, ...] = ()
    paths: tuple[str, ...] = ()
    thorough: bool = False
    strict: bool = False


def load_profile(name: str, ledger: Ledger, folder: Path | None = None) -> Profile:
    """Read a profile by its name.

    Raises:
        ProfileError: There is no such profile (the hint names the nearest), or it cannot be used (the message
            has every mistake with its line).
    """
    place = resources.folder("spec") / "profiles" if folder is None else folder
    known = known_profiles(place)
    if name not in known:
        hint = profile_hint(name, place)
        raise ProfileError(f"there is no profile {name!r}", hint=f"{hint[0].upper()}{hint[1:]}")
    file = place / f"{name}.yaml"
    try:
        section = read_section(file)
    except SectionError as error:
        raise _broken(file, error.flaws) from error
    flaws = tuple(_flaws(section, name, ledger))
    if flaws:
        raise _broken(file, flaws)
    return _profile(section, ledger)


def known_profiles(folder: Path | None = None) -> tuple[str, ...]:
    """The names of the profiles of this installation, or of a folder."""
    place = resources.folder("spec") / "profiles" if folder is None else folder
    return tuple(sorted(file.stem for file in place.glob("*.yaml")))


def profile_hint(name: str, folder: Path | None = None) -> str:
    """What somebody may have meant who named a profile that is not there."""
    known = known_profiles(folder)
    near = get_close_matches(name.strip().lower(), known, n=1)
    return f"did you mean {near[0]}?" if near else f"known profiles: {', '.join(known) or 'none'}"


def _broken(file: Path, flaws: tuple[Flaw, ...]) -> ProfileError:
    return ProfileError("\n".join(f"{file}:{flaw.line}: {flaw.reason}" for flaw in flaws))


def _profile(section: Section, ledger: Ledger) -> Profile:
    excluded = tuple(Exclusion(**entry) for entry in _entries(section))
    left_out = {entry.id for entry in excluded}
    chosen = ledger.select(cast("list[str]", section.values["requirements"]))
    return Profile(
        name=str(section.values["name"]),
        title=str(section.values["title"]),
        version=str(section.values["version"]),
        requirements=tuple(row.id for row in chosen if row.id not in left_out),
        excluded=excluded,
        paths=tuple(cast("list[str]", section.values.get("paths", []))),
        thorough=section.values.get("thorough") is True,
        strict=section.values.get("strict") is True,
    )


def _flaws(section: Section, name: str, ledger: Ledger) -> Iterator[Flaw]:
    for key, reason in (*_shape(section, name), *_links(section, ledger)):
        yield Flaw(line=section.line_of(key), reason=reason)


def _shape(section: Section, name: str) -> Iterator[tuple[str, str]]:
    for key in section.values:
        if key not in _KEYS:
            yield key, f"unknown key {key!r}; known: {', '.join(_KEYS)}"
    for key in _TEXTS:
        value = section.values.get(key)
        if not isinstance(value, str) or not value.strip():
            yield key, f"{key} has to be a text, not {value!r}"
    if section.values.get("name") != name:
        yield "name", f"the name has to be that of the file, {name!r}"
    patterns = section.values.get("requirements")
    if not isinstance(patterns, list) or not patterns or not all(isinstance(item, str) for item in patterns):
        yield "requirements", "requirements has to be a list of ids or of their beginnings, not empty"
    paths = section.values.get("paths", [])
    if not isinstance(paths, list) or not all(isinstance(item, str) for item in paths):
        yield "paths", "paths has to be a list of names of paths"
    for flag in _unsettled(section):
        yield flag, f"{flag} has to be true or false"
    excluded = section.values.get("excluded", [])
    if not isinstance(excluded, list) or len(_entries(section)) != len(excluded):
        yield "excluded", "excluded has to be a list of {id: ..., reason: ...}"


def _unsettled(section: Section) -> list[str]:
    return [flag for flag in _FLAGS if not isinstance(section.values.get(flag, False), bool)]


def _links(section: Section, ledger: Ledger) -> Iterator[tuple[str, str]]:
    """Whether each pattern names a requirement, and each exclusion one that a pattern brought in."""
    patterns = section.values.get("requirements")
    chosen: set[str] = set()
    for pattern in patterns if isinstance(patterns, list) else []:
        try:
            chosen |= {row.id for row in ledger.select([str(pattern)])}
        except UnknownRequirement as error:
            yield "requirements", str(error)
    for entry in _entries(section):
        if entry["id"] not in chosen:
            yield "excluded", f"{entry['id']} is excluded, but not among the profile's requirements"


def _entries(section: Section) -> list[dict[str, str]]:
    """The exclusions that have the form of one."""
    found = section.values.get("excluded", [])
    entries = found if isinstance(found, list) else []
    return [entry for entry in entries if isinstance(entry, dict) and _is_exclusion(entry)]


def _is_exclusion(entry: dict[object, object]) -> bool:
    texts = all(isinstance(value, str) and value.strip() for value in entry.values())
    return set(entry) == {"id", "reason"} and texts
